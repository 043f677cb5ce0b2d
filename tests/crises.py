"""Crises of the example commune for tests: who acts, and steps taken without a plan in the way."""

import itertools

from dispatcher.alerts.office import Actor, Office
from dispatcher.crisis import deciding, opening
from dispatcher.crisis.opening import Received
from dispatcher.crisis.steps import Asked
from dispatcher.store import logbook
from dispatcher.store.crises import Event
from dispatcher.store.ledger import Ledger
from tests.situations import COMMUNE, load_example_plan, office

MAYOR, DEPUTY = Actor("maire", "dos", "maire"), Actor("adj1", "deputy", "adj1")
RAC, OPERATOR = Actor("dgs", "rac", "dgs"), Actor("etat_civil", "operator", "etat_civil")
CHIEF, OBSERVER = Actor("pm1", "cell_chief", "pm1"), Actor("prefecture", "observer")
SCENARIO = "serolle_q100"
CALL_FROM = Received(
    "Préfecture de la Haute-Marne", "Vigilance crues orange sur la Sérolle", "4471"
)
_CLICKS = itertools.count()


def by(actor: Actor, reason: str = "", *, key: str | None = None) -> Asked:
    """Ask as someone; each time with a click of its own unless a key is given."""
    return Asked(actor, f"click-{next(_CLICKS)}" if key is None else key, reason)


async def town_hall(ledger: Ledger) -> Office:
    """Return the example commune at work, its plan loaded."""
    await load_example_plan(ledger)
    return office(ledger)


async def opened(town: Office, *, scenario: str | None = SCENARIO, mode: str = "real") -> Event:
    """Open an event that is being assessed."""
    return await opening.open_event(
        town, "Crue de la Sérolle", asked=by(OPERATOR), mode=mode, scenario=scenario
    )


async def activated(town: Office, *, scenario: str | None = SCENARIO, mode: str = "real") -> Event:
    """Open an event and activate it, everybody called."""
    event = await opened(town, scenario=scenario, mode=mode)
    return await deciding.activate(town, event.event_id, asked=by(MAYOR))


async def kinds_of(ledger: Ledger, event: Event, *, commune: str = COMMUNE) -> list[str]:
    """Return the kinds of the logbook's lines that speak of an event, in order."""
    return [
        line.kind
        async for line in logbook.read_all(ledger, commune)
        if line.data.get("event") == event.event_id
    ]
