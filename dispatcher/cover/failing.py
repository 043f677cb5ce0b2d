"""Contacts that fail are flagged after each alert and each test of the public, and work again.

Flagged is a contact whose every message of an alert ended for good, with a code that says that it
is nobody's (`channels.gone`). Its next message that arrives, or a code that comes back from it,
takes the flag away. An e-mail that is accepted tells nothing: there a code does, or a receipt.

Runbook: `cover.flagged` counts them. Nothing leaves differently for a flag.
"""

from time import monotonic

import structlog

from channels.gone import gone
from dispatcher.alerts.office import Office
from dispatcher.store import failing as store
from dispatcher.store.failing import Ended, Flag
from dispatcher.store.logbook import Entry
from dispatcher.store.versions import Chained

EVERY_S = 60.0
MOST_LOOKS = 20  # a turn: then others have theirs

log = structlog.get_logger(__name__)


class FailureWatch:
    """Takes turns at how the deliveries of every commune ended."""

    def __init__(self, office: Office, *, every_s: float = EVERY_S) -> None:
        """Work for every commune of the office's ledger, at most once in `every_s`."""
        self._office, self._every_s = office, every_s
        self._next_at = monotonic() + every_s  # not as a worker begins

    async def turn(self) -> bool:
        """Look through what ended since; nothing is ever sent by it."""
        if monotonic() < self._next_at:
            return False
        self._next_at = monotonic() + self._every_s
        for commune in await store.communes(self._office.ledger):
            for _ in range(MOST_LOOKS):
                if not await look(self._office.of(commune)):
                    break
            else:
                self._next_at = 0.0  # there is more
        return False


async def look(office: Office) -> bool:
    """Look at what ended next in a commune; False where nothing did."""
    found = await store.next_look(office.ledger, office.commune)
    if found is None:
        return False
    flags = await _flags(office, [one for one in found.failed if gone(one.medium, one.code)])

    def line(count: int) -> Chained:
        data = {"contacts": count, "versions": sorted({one.version_id for one in flags})[:20]}
        text = f"Contacts qui ne fonctionnent plus : {count}"
        return Chained(Entry("worker", "residents.failing", text, data), office.logbook_key)

    new = await store.keep_look(office.ledger, found, flags, line=line)
    if new:
        log.info("cover.flagged", commune=office.commune, flagged=new)
    return True


async def _flags(office: Office, some: list[Ended]) -> list[Flag]:
    """Return the contacts that no medium of a version reached, each with a code that says so."""
    beside = await store.siblings(office.ledger, office.commune, some)

    def alone(one: Ended) -> bool:
        return all(
            state in store.ENDED_BADLY and gone(medium, code)
            for medium, state, code in beside.get((one.version_id, one.mark), ())
        )

    return [
        Flag(one.mark, gone(one.medium, one.code), one.at, one.version_id)
        for one in some
        if alone(one)
    ]
