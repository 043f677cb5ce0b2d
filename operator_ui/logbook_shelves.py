"""The books beside the form of a line: those of the crisis that is led first, others by crisis.

An exercise that runs beside a real crisis has books of the same names: a line that names no book
goes to the crisis that leads, a real one before an exercise, whatever was opened last.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.logbook.books import Spot
from dispatcher.store import books as shelf
from dispatcher.store import crises
from dispatcher.store.books import Book
from dispatcher.store.crises import Event
from dispatcher.store.ledger import Ledger

GENERAL, PROVISIONAL = "general", "provisional"


@dataclass(frozen=True)
class Shelf:
    """Books of one crisis; `event` None: of the commune itself, or of a crisis long gone."""

    event: Event | None
    books: Sequence[Book]


@dataclass(frozen=True)
class Shelves:
    """All books of a commune: `here` those of the crisis that is led, and of the commune itself."""

    led: Event | None
    here: Sequence[Book]
    others: Sequence[Shelf]

    @property
    def books(self) -> list[Book]:
        """Every book, those that are meant first."""
        return [*self.here, *(one for other in self.others for one in other.books)]

    @property
    def usual(self) -> Spot:
        """Where a line goes that names no book."""
        return usual_spot(self.books, led=self.led)


async def shelves_of(ledger: Ledger, commune: str) -> Shelves:
    """Return the books of a commune as they stand beside the form."""
    led = await crises.open_event_of(ledger, commune)
    known = {one.event_id: one for one in await crises.events_of(ledger, commune)}
    by_event: dict[str, list[Book]] = {}
    for one in await shelf.all_books(ledger, commune):
        by_event.setdefault(one.event_id, []).append(one)
    first = [led.event_id] if led else [event for event in by_event if _open(by_event[event])]
    here = [one for event in (*first, "") for one in by_event.pop(event, [])]
    others = [Shelf(known.get(event), books) for event, books in by_event.items()]
    return Shelves(led, here, sorted(others, key=_newest_first))


def usual_spot(books: Sequence[Book], *, led: Event | None) -> Spot:
    """Return where a line goes that names no book: the command post's of the crisis that is led.

    Before its activation it is the book of who is on call. Without a crisis, the newest command
    post's that is still open.
    """
    still = [one for one in books if one.closed_at is None and one.kind in (GENERAL, PROVISIONAL)]
    if led is None:
        mine = [one for one in still if one.kind == GENERAL]
    else:
        mine = [one for one in still if one.event_id == led.event_id]
    newest = max(mine, key=lambda one: (one.kind == GENERAL, one.opened_at), default=None)
    if newest is not None:
        return Spot(newest.code, newest.event_id)
    return Spot(event_id=led.event_id) if led else Spot()


def _open(books: Sequence[Book]) -> bool:
    return any(one.closed_at is None for one in books)


def _newest_first(one: Shelf) -> float:
    return -max(book.opened_at for book in one.books)
