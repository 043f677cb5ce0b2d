"""What is told of an act on a partner: a line of the logbook, an announcement to people.

Whoever approves alerts and whoever manages accesses hears of it: a system let in behind a mayor's
back is known within minutes.
"""

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.store.announcements import Announcement
from dispatcher.store.partner_registry import Asked, Told
from dispatcher.store.users import accounts_of

MANAGE = "access.manage"
CHECK = "Si ce n'est pas normal, prévenez tout de suite la mairie et regardez la page Partenaires."
_ACTS = {
    "asked": "Partenaire demandé",
    "agreed": "Partenaire admis",
    "refused": "Partenaire refusé",
    "ended": "Partenaire retiré",
    "rotated": "Nouveau secret d'un partenaire",
    "key_ended": "Ancien secret d'un partenaire arrêté",
    "secret_shown": "Secret d'un partenaire affiché",
    "ping": "Essai d'envoi vers un partenaire",
    "replayed": "Événements renvoyés à un partenaire",
    "resumed": "Envois repris vers un partenaire",
    "stopped": "Un partenaire ne veut plus rien recevoir (410)",
    "passed_over": "Un partenaire refuse un événement : les suivants partent sans lui",
    "named": "Nom donné par un partenaire ajouté",
    "unnamed": "Nom donné par un partenaire retiré",
}
_ANNOUNCED = (
    "agreed",
    "ended",
    "rotated",
    "key_ended",
    "secret_shown",
    "stopped",
    "passed_over",
)  # what is only asked waits on the page


async def announced(
    office: Office, asked: Asked, became: str, *, by: Actor, **data: object
) -> Told:
    """Return the logbook's line of an act on a partner, and the words for people."""
    act = _ACTS[became]
    reason = data.pop("reason", "")
    line = office.line(
        by.login,
        f"partner.{became}",
        f"{act} : {asked.name}" + (f" ({reason})" if reason else ""),
        partner=asked.partner,
        **data,
    )
    if became not in _ANNOUNCED:
        return Told(line)
    accounts = await accounts_of(office.ledger, office.commune)
    managing = tuple(
        one.user.login for one in accounts if one.entitled and allowed(one.user.function, MANAGE)
    )
    body = f"{act} : « {asked.name} », par « {by.login} ». {CHECK}"
    return Told(line, Announcement(f"Tocsin {office.commune} : {act}", body, managing))
