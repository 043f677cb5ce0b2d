"""The call list as a spreadsheet opens it: French, one line a person, no cell that can compute.

As `dispatcher.logbook.cells` makes every table that leaves the house.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from dispatcher.alerts.call_list import Attempted, CallList, ToCall
from dispatcher.alerts.local_hour import local_hour
from dispatcher.logbook.cells import table

COLUMNS = (
    "secteur", "rue", "numero", "adresse", "nom", "langue", "telephones", "emails", "motif",
    "essais", "non_essayes", "aide_demandee", "a_prevenir_en_premier", "aide_pour_partir",
)  # fmt: skip
_WHY: Mapping[str, str] = {
    "silent": "aucune réponse",
    "failed": "aucun message remis",
    "expired": "alerte expirée sans réponse",
    "no_contact": "aucun contact utilisable",
    "unsubscribed": "désinscription",
    "erased": "effacement depuis le lancement",
    "help_asked": "a demandé de l'aide",
}
_MEDIUM: Mapping[str, str] = {
    "sms": "SMS", "voice": "appel", "email": "e-mail", "webhook": "webhook",
}  # fmt: skip
_ENDED: Mapping[str, str] = {
    "ready": "en attente", "claimed": "en attente", "sending": "en cours", "unknown": "incertain",
    "accepted": "accepté", "delivered": "remis", "undelivered": "non remis", "failed": "refusé",
    "exhausted": "essais épuisés", "expired": "expiré", "cancelled": "arrêté",
    "suppressed": "retiré",
}  # fmt: skip
_LEFT_OUT: Mapping[str, str] = {
    "no_contact": "pas de contact",
    "not_chosen": "non choisi par la personne",
    "not_in_policy": "hors règlement",
    "medium_off": "canal non employé",
    "same_phone": "même numéro",
    "landlines_only": "fixes seulement",
    "quiet_exercise": "exercice",
    "no_step_left": "plus de relance prévue",
}


def as_csv(found: CallList) -> str:
    """Return the list as text: UTF-8 with its mark, CRLF, a header of French names."""
    zone = ZoneInfo(found.timezone)
    return table(COLUMNS, (_cells(line, zone) for line in found.lines))


def _cells(line: ToCall, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        line.sector,
        line.street,
        line.number,
        line.address,
        line.name,
        line.language,
        " | ".join(line.phones),
        " | ".join(line.emails),
        _WHY.get(line.reason, line.reason),
        " | ".join(_attempt(one, zone) for one in line.tried),
        " | ".join(_not_tried(one) for one in line.left_out),
        *(
            "oui" if flag else "non"
            for flag in (line.help_asked, line.warn_first, line.help_to_leave)
        ),
    )


def _attempt(one: Attempted, zone: ZoneInfo) -> str:
    when = f"{one.at.astimezone(zone):%d/%m} {local_hour(one.at, zone)} " if one.at else ""
    ended = _ENDED.get(one.state, one.state)
    code = f" ({one.reason})" if one.reason else ""
    return f"{when}{_MEDIUM.get(one.medium, one.medium)} {one.contact} : {ended}{code}"


def _not_tried(one: str) -> str:
    medium, _, why = one.partition(":")
    return f"{_MEDIUM.get(medium, medium)} : {_LEFT_OUT.get(why, why)}"
