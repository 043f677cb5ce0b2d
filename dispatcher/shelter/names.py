"""Who is in a centre, by name: each reading is a line of the logbook; erased once it is over."""

from collections.abc import Sequence

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotYou
from dispatcher.crisis.steps import Asked, find
from dispatcher.shelter.counting import check_may_name
from dispatcher.shelter.sight import CentreSeen, centres_seen
from dispatcher.store import centre_counting, logbook
from dispatcher.store.centre_counting import Named
from dispatcher.store.centres import Where
from dispatcher.store.versions import Chained

MAY_ERASE = "event.stand_down"


async def look(
    office: Office, event_id: str, centre_id: str, *, asked: Asked
) -> tuple[CentreSeen, Sequence[Named]]:
    """Return who gave her name in a centre; the reading is a line, with figures and no name."""
    check_may_name(asked)
    one = (await centres_seen(office, event_id)).one(centre_id)
    where = Where(office.commune, event_id, centre_id)
    found = await centre_counting.people_of(office.ledger, where)
    line = office.line(
        asked.actor.login, "centre.looked", f"Noms lus : {one.label}", event=event_id,
        centre=centre_id, households=len(found),
    )  # fmt: skip
    await logbook.write(office.ledger, commune=office.commune, entry=line.entry, key=line.key)
    return one, found


async def erase(office: Office, event_id: str, *, actor: Actor) -> int:
    """Erase every name of an event that was stood down; return how many households there were."""
    if not allowed(actor.function, MAY_ERASE):
        raise NotYou("Effacer les noms revient au maire ou à un suppléant.")
    event = await find(office, event_id)
    if event.is_open:
        raise NotNow("L'événement n'est pas levé : les noms servent encore.")
    counted = await centre_counting.named_count(office.ledger, office.commune, event_id)

    def line(households: int) -> Chained:
        return office.line(
            actor.login, "centre.erased", "Noms des personnes accueillies effacés",
            event=event_id, households=households, people=counted.people,
        )  # fmt: skip

    return await centre_counting.erase_people(office.ledger, office.commune, event_id, line=line)
