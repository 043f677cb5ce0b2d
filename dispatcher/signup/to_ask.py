"""Whom the town hall rings for the yearly confirmation: who said nothing, or has a telephone alone.

Each look is in the logbook, with whom it showed. A table of names is for two people to hand out
(`privacy/exporting.py`).
"""

from collections.abc import Mapping

from dispatcher.alerts.office import Actor, Office
from dispatcher.store import registered, yearly
from dispatcher.store.registers import NOWHERE, Resident

MOST_SHOWN = 50
_PHONES = ("mobile", "fixed")


async def to_ask(office: Office, *, after: str, actor: Actor) -> Mapping[str, Resident]:
    """Return residents to ask by their ids, in the order of these; the look is noted."""
    found = await yearly.left_to_ask(office.ledger, office.commune, after=after, limit=MOST_SHOWN)
    if found:
        text = "Habitants à appeler pour la confirmation annuelle consultés"
        line = office.line(actor.login, "residents.looked_up", text, people=list(found))
        await registered.note(office.ledger, office.commune, line)
    return found


def numbers(one: Resident) -> list[str]:
    """Return her telephone numbers; of who has none, what else reaches her."""
    phones = [way.value for way in one.contacts if way.kind in _PHONES]
    return phones or [way.value for way in one.contacts if way.kind == "email"]


def places(one: Resident) -> list[str]:
    """Return her places as they were written."""
    return [home.label for home in one.homes if home != NOWHERE]
