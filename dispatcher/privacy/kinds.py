"""Each kind of data that ends by a clock: our proposal of a period, and the bounds of a decision.

The proposals follow the CNIL's guides on retention (2020) and on journals of access (délib.
2021-122: six months to one year, three with a written need); a period is counted from the end of
what it was for. Nobody shortens the evidence below the time in which a fault of the commune may be
brought before a court (four years, loi 68-1250), nor keeps it beyond ten.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatcher.store.clocks import EVIDENCE, LEFT


@dataclass(frozen=True)
class Kind:
    """A kind of data: in words, how many days it stays, from when, and the bounds of a decision."""

    kind: str
    said: str
    since: str
    days: int
    least: int
    most: int


_AFTER = "la clôture de l'événement, sinon la fin de la mission"
KINDS = (
    Kind(
        "sends",
        "Numéro ou adresse à qui chaque message est parti",
        "la fin de l'envoi",
        365,
        30,
        1095,
    ),
    Kind(
        "replies",
        "Numéro d'où une réponse est venue, et ses mots si elle n'est d'aucune alerte",
        "son arrivée",
        365,
        30,
        1095,
    ),
    Kind("doors", "Rue et porte visitées par une équipe", _AFTER, 365, 30, 1095),
    Kind("found", "Ce qu'une équipe a écrit à une porte", _AFTER, 365, 30, 1095),
    Kind(
        "missions",
        "Consignes et lieu d'une mission née d'une demande d'aide ou d'un porte-à-porte",
        _AFTER,
        365,
        30,
        1095,
    ),
    Kind(
        "reports",
        "Note jointe au compte rendu d'une équipe",
        "la clôture de l'événement, sinon son arrivée",
        365,
        30,
        1095,
    ),
    Kind("desk", "Message d'une équipe que personne ne pouvait placer", "sa fin", 365, 30, 1095),
    Kind("calls", "Note et référence d'une demande d'aide", "sa fin", 365, 30, 1095),
    Kind(
        "centres",
        "Personnes accueillies dans un centre",
        "la clôture de l'événement",
        365,
        30,
        1095,
    ),
    Kind(LEFT, "Personne désinscrite, gardée pour ne plus l'alerter", "son départ", 1095, 30, 3650),
    Kind(
        "looks",
        "Journal des consultations du registre des personnes vulnérables",
        "la consultation",
        365,
        180,
        1095,
    ),
    Kind(
        "invitations",
        "Mobile et e-mail d'une invitation à la console",
        "la décision",
        365,
        30,
        1095,
    ),
    Kind("announcements", "Message de service à la cellule de crise", "son envoi", 90, 7, 365),
    Kind(
        "sessions", "Session d'un utilisateur : d'où, quand", "sa dernière activité", 365, 180, 1095
    ),
    Kind("guesses", "Essais de mot de passe, en empreintes", "le dernier essai", 30, 7, 365),
    Kind("acts", "Réponse gardée pour un clic répété", "le clic", 30, 2, 90),
    Kind(
        EVIDENCE,
        "Preuve des envois, sans nom ni numéro (archives publiques)",
        "la fin de l'alerte",
        1825,
        1461,
        3653,
    ),
)
BY_NAME = {one.kind: one for one in KINDS}
FIXED: Mapping[str, str] = {  # ended elsewhere, at once or by a time that nobody changes
    "Inscription commencée et jamais confirmée, code envoyé": "1 jour",
    "Lien vers la page d'un habitant": "30 jours",
    "Ce qui est dit à une personne à prévenir": "1 jour",
    "Positions et photos d'une équipe": "clôture de l'événement",
    "Message d'un partenaire reçu (empreinte)": "2 jours",
    "Habitant qui demande à être effacé": "aussitôt",
    "Empreinte d'une personne effacée (aucun fichier ne la remet)": "tant que le registre existe",
    "Main courante, plans, alertes et leurs textes": "archives publiques, versées",
}
