"""How papers of the logbook name a crisis: what is played says so first, on every sheet."""

from dispatcher.store import crises
from dispatcher.store.crises import Event
from dispatcher.store.ledger import Ledger

PLAYED = {"rehearsal": "RÉPÉTITION", "exercise": "EXERCICE", "public_test": "ESSAI PUBLIC"}


async def crisis_named(ledger: Ledger, commune: str, event: str | None) -> Event | None:
    """Return the crisis of that id; None for none, or one that is not known."""
    return await crises.event_of(ledger, commune, event) if event else None


def mode_of(event: Event | None) -> str:
    """Return the mode of a crisis; lines outside all of them are real."""
    return event.mode if event else "real"


def mode_first(event: Event | None, text: str) -> str:
    """Put the mode of what is played before a title."""
    played = PLAYED.get(mode_of(event))
    return f"{played} · {text}" if played else text
