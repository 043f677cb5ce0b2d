"""Whom the town hall rings for the yearly confirmation: who said nothing, or has a telephone alone.

Each look is in the logbook, with whom it showed. A table of names is for two people to hand out
(`privacy/exporting.py`).
"""

from collections.abc import Mapping

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotThere
from dispatcher.signup.own_page import contact_ref
from dispatcher.store import own_changes, registered, yearly
from dispatcher.store.own_links import Own
from dispatcher.store.people import Contact
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


async def confirmed(office: Office, person: str, ref: str, *, actor: Actor) -> None:
    """Keep that she, reached at the contact of this `ref`, said that what is kept is right.

    Twice is once. Raises NotThere where she, or it, is not in the register any more.
    """
    own = Own(office.commune, person)
    kept = await own_changes.kept_of(office.ledger, own)
    ways = kept.resident.contacts if kept else ()
    contact = next((one for one in ways if contact_ref(one) == ref), None)
    if contact is None:
        raise NotThere("Ce contact n'est plus celui de cette personne : relisez la liste.")
    if not await yearly.is_asked(office.ledger, own):
        return
    by = "courriel" if contact.kind == "email" else "téléphone"
    text = f"Habitant confirmé pour l'année par la mairie, par {by}"
    line = office.line(actor.login, "residents.confirmed", text, person=person)
    await registered.confirm(office.ledger, own, contact, line=line)


def numbers(one: Resident) -> list[Contact]:
    """Return her telephone numbers; of who has none, what else reaches her."""
    phones = [way for way in one.contacts if way.kind in _PHONES]
    return phones or [way for way in one.contacts if way.kind == "email"]


def places(one: Resident) -> list[str]:
    """Return her places as they were written."""
    return [home.label for home in one.homes if home != NOWHERE]
