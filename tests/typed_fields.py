"""Which fields of the application meet the payload corpus, and which forms it cannot reach.

A field that a page gains is missing here until it was typed into; one that is lost is named.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.real_parts import ROOT

TYPED: Mapping[str, Sequence[str]] = json.loads(
    (Path(__file__).parent / "typed_fields.json").read_text("utf-8")
)
EXCUSED: Mapping[str, str] = {
    "/compte/cles/options": "a script sends an authenticator's answer",
    "/compte/cles/verification": "a script sends an authenticator's answer",
    "/compte/externe/confirmer": "a provider of identities leads there",
    "/compte/externe/delier": "a provider of identities leads there",
    "/compte/externe/relier": "a provider of identities leads there",
    "/compte/sessions/fermer": "nothing is typed there",
    "/compte/sessions/{ident}/fermer": "nothing is typed there",
    "/confirmer/cle/options": "a script sends an authenticator's answer",
    "/confirmer/cle/verification": "a script sends an authenticator's answer",
    "/connexion/cle/options": "a script sends an authenticator's answer",
    "/connexion/cle/verification": "a script sends an authenticator's answer",
    "/connexion/externe": "a provider of identities leads there",
    "/connexion/externe/code": "a provider of identities leads there",
    "/connexion/relier": "a provider of identities leads there",
    "/console/aide/{call_id}/prendre": "nothing is typed there",
    "/console/alertes/{alert_id}/abandonner": "nothing is typed there",
    "/console/alertes/{alert_id}/decision/lancer": "nothing is typed there",
    "/console/alertes/{alert_id}/decision/refuser": "another button of the form that sends it back",
    "/console/alertes/{alert_id}/decision/soumettre": "nothing is typed there",
    "/console/alertes/{alert_id}/zone/retour": "nothing is typed there",
    "/console/urgence/{alert_id}/arreter": "nothing is typed there",
    "/deconnexion": "nothing is typed there",
    "/donnees/durees": "the page of a data protection officer",
    "/donnees/preuve/abandonner": "nothing is typed there",
    "/donnees/preuve/accepter": "nothing is typed there",
    "/donnees/preuve/chercher": "an opening that two people agreed to",
    "/donnees/preuve/eliminer": "nothing is typed there",
    "/donnees/preuve/fermer": "nothing is typed there",
    "/donnees/preuve/lever": "nothing is typed there",
    "/donnees/preuve/registre": "two people agree to it first",
    "/donnees/preuve/visa": "a slip of evidence that has had its time",
    "/evenements/{event_id}/activer": "the page of the other decisions, which are typed into",
    "/evenements/{event_id}/clore": "the page of the other decisions, which are typed into",
    "/evenements/{event_id}/effacer-noms": "nothing is typed there",
    "/evenements/{event_id}/evaluer": "the page of the other decisions, which are typed into",
    "/evenements/{event_id}/pre-alerte": "the page of the other decisions, which are typed into",
    "/evenements/{event_id}/sans-suite": "the page of the other decisions, which are typed into",
    "/habitants/a-confirmer": "nothing is typed there",
    "/habitants/doublons/deux": "nothing is typed there",
    "/habitants/doublons/une-seule": "nothing is typed there",
    "/habitants/{person_id}/effacer": "nothing is typed there",
    "/habitants/{person_id}/quitter": "nothing is typed there",
    "/habitants/{person_id}/revenir": "nothing is typed there",
    "/inscription/{commune}/adresses": "a script sends what is typed into the form",
    "/inscription/{commune}/proche/{token}": "a code, on a page that a form leads to",
    "/inscription/{commune}/{token}": "a code, on a page that the form of a sign-up leads to",
    "/inscription/{commune}/{token}/code": "nothing is typed there",
    "/plan/demarrer/charger": "nothing is typed there",
    "/plan/secteurs/{ident}/dessin/abandon": "nothing is typed there",
    "/plan/secteurs/{ident}/dessin/retour": "nothing is typed there",
    "/registre/avis": "the page of a data protection officer",
    "/registre/ouvrir": "the page of a register that is shut: this one is open",
    "/registre/personnes/{entry_id}/accuse.pdf": "nothing is typed there",
    "/registre/personnes/{entry_id}/corriger": "the form of an enrolment, which is typed into",
    "/r/{token}/adresses": "a secret leads there; the form of a sign-up, which is typed into",
    "/r/{token}/adresses/retirer": "nothing is typed there",
    "/r/{token}/confirmer": "nothing is typed there",
    "/r/{token}/besoins": "nothing is typed there",
    "/r/{token}/contacts": "a secret leads there; the field of a sign-up, which is typed into",
    "/r/{token}/contacts/retirer": "nothing is typed there",
    "/r/{token}/effacer": "nothing is typed there",
    "/r/{token}/fermer": "nothing is typed there",
    "/r/{token}/informations": "nothing is typed there",
    "/r/{token}/langue": "nothing is typed there",
    "/r/{token}/moyens": "nothing is typed there",
    "/r/{token}/prevenir": "a secret leads there; fields as those of a sign-up",
    "/r/{token}/prevenir/retirer": "nothing is typed there",
    "/r/{token}/quitter": "nothing is typed there",
    "/r/{token}/revenir": "nothing is typed there",
    "/t/{token}/etat": "nothing is typed there",
}
UNSEEN = frozenset(  # of a town that knows addresses; of a prefecture that answered; hidden;
    ("adresse", "said", "texte", "days", "by", "on")  # of the DPO; of a slip with its visa
)
FIELD = re.compile(r"<(?:input|textarea)\b[^\n]*?\bname=\"([^\"]+)\"[^\n]*?>")
NOT_TYPED = re.compile(r'type="(hidden|checkbox|radio|submit)"')
BLANK = re.compile(r"\{\{.*?\}\}")


def names_in_templates() -> list[re.Pattern[str]]:
    """Return what the names of the templates' typed fields look like; blanks stand for anything."""
    found = set()
    for path in sorted((ROOT / "operator_ui/templates").glob("*.html")):
        for one in FIELD.finditer(path.read_text("utf-8")):
            if not NOT_TYPED.search(one[0].split(' name="')[0]):
                found.add(one[1])
    return [
        re.compile(".+".join(re.escape(each) for each in BLANK.split(one))) for one in sorted(found)
    ]
