"""Words of the ledger about a decision, in French; the catalogue has them in English."""

from collections.abc import Mapping

DECISION_WORDS: Mapping[str, Mapping[str, str]] = {
    "state": {  # of a version of an alert
        "draft": "Brouillon",
        "pending_approval": "À valider",
        "approved": "Validée, pas lancée",
        "refused": "Refusée",
        "held": "Départ en urgence retenu",
        "launched": "Lancée",
        "cancelled": "Arrêtée",
        "superseded": "Remplacée",
    },
    "decided": {  # a step of a decision
        "submitted": "a soumis l'alerte",
        "opened": "l'a ouverte",
        "returned": "l'a renvoyée",
        "refused": "l'a refusée",
        "approved": "l'a validée",
        "renewed": "a redemandé la validation",
        "overridden": "l'envoie seul, en urgence",
    },
    "rung": {  # how a call to an approver ended
        "waiting": "appelé ensuite",
        "called": "on l'appelle",
        "unable": "ne peut pas",
        "silent": "n'a pas ouvert",
        "unreachable": "injoignable",
    },
    "ring": {  # why nobody more is rung
        "opened": "Un valideur l'a ouverte : l'appel s'est arrêté.",
        "decided": "L'appel est terminé.",
        "in_vain": "Personne n'a ouvert l'alerte : appelez vous-même, ou relancez l'appel.",
        "late": "L'appel s'est arrêté : trop de temps a passé.",
    },
    "bound": {  # what an approval binds, as it is told to have changed
        "mode": "Mode",
        "sectors": "Secteurs",
        "margin_m": "Marge (m)",
        "media": "Canaux",
        "players": "Joueurs",
        "area": "Zone : le tracé a changé",
        "people": "Nombre de personnes",
        "sms": "SMS",
        "voice": "Appel vocal",
        "email_subject": "Objet de l'e-mail",
        "email_body": "E-mail",
    },
}
