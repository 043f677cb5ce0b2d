"""The words of the law at work: kinds of data, steps of a slip, what a permission lets one do."""

from collections.abc import Mapping

from dispatcher.privacy.kinds import KINDS
from dispatcher.store.released import SENT, WENT, WRITTEN

PRIVACY_WORDS: Mapping[str, Mapping[str, str]] = {
    "retention_kind": {
        **{one.kind: one.said for one in KINDS},
        SENT: "Fin d'une conservation : numéro ou adresse de personnes effacées",
        WRITTEN: "Fin d'une conservation : réponses de personnes effacées",
        WENT: "Ce qui restait de personnes effacées : portes et missions",
    },
    "retention_since": {one.kind: one.since for one in KINDS},
    "opening_what": {"evidence": "Preuve des envois", "register": "Registre en clair"},
    "slip_state": {
        "made": "attend le visa",
        "signed": "visé, à éliminer",
        "begun": "élimination en cours",
        "done": "éliminé",
        "given_up": "abandonné",
    },
}
PRIVACY_RIGHTS: Mapping[str, str] = {
    "privacy.keep": "Voir les durées, ordonner de garder, ouvrir la preuve à deux",
    "privacy.rule": "Fixer les durées de conservation",
}
