"""The one line at the foot of every page: what was written last, and room for the next."""

from dataclasses import dataclass

from fastapi import Request

from dispatcher.access.permissions import allowed
from dispatcher.store.books import WRITTEN
from dispatcher.store.logbook import Line, read
from dispatcher.store.users import User
from operator_ui.installation import Installation

LATELY = 30  # lines among which one that somebody wrote is looked for


@dataclass(frozen=True)
class Noting:
    """The last line that somebody wrote lately, and the page that a writer comes back to."""

    last: Line | None
    back: str


async def noting_of(held: Installation, guest: User | None, request: Request) -> Noting | None:
    """Return the foot of a page; None for who may not write."""
    if guest is None or not allowed(guest.function, "logbook.write"):
        return None
    lately = await read(held.ledger, guest.commune, limit=LATELY, newest=True)
    last = next((line for line in lately if line.kind in WRITTEN), None)
    return Noting(last, request.url.path if request.method == "GET" else "/")
