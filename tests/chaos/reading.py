"""What the judge needs to know: the frozen audience, what our ledger lists, its logbook."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from dispatcher.logbook.chain import verify_ledger
from dispatcher.store import logbook
from dispatcher.store.endings import OPEN
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import blocks, deliveries
from dispatcher.store.versions import Version
from tests.chaos.crowds import number_of
from tests.chaos.oracle import End, Expected
from tests.keyring import contacts_sent
from tests.outgoing import COMMUNE, LOGBOOK_KEY

# States in which a person is listed as not reached.
LISTED = ("exhausted", "failed", "suppressed", "undelivered")
ACTS = ("alert.approved", "alert.launched", "alert.dispatched")


@dataclass(frozen=True)
class Fate:
    """What was done: the versions launched, by name; those that ended early; the copies allowed."""

    versions: Mapping[str, Version]
    ends: tuple[End, ...]
    rehearsed: range
    duplicate_bound: int


def taken_of(book: Path) -> Iterator[tuple[float, str]]:
    """Read an operator's ledger line by line."""
    with book.open() as lines:
        for line in lines:
            at, to, _, _ = json.loads(line)
            yield at, to


async def expected_of(ledger: Ledger, fate: Fate) -> Expected:
    """Read what was to happen."""
    version = fate.versions["audience"].version_id
    return Expected(
        await _audience(ledger, version),
        fate.ends,
        fate.rehearsed,
        await _listed(ledger, version),
        await _open(ledger, version),
        fate.duplicate_bound,
        await _logbook_holds(ledger),
    )


async def _audience(ledger: Ledger, version: str) -> frozenset[int]:
    statement = select(blocks.c.people).where(blocks.c.version_id == version)
    async with ledger.reading() as connection:
        found = await connection.scalars(statement)
        return frozenset(int(person[1:]) for people in found for person in people)


async def _listed(ledger: Ledger, version: str) -> frozenset[int]:
    listed = (deliveries.c.version_id == version, deliveries.c.state.in_(LISTED))
    found = [number_of(contact) for contact in await contacts_sent(ledger, *listed)]
    return frozenset(one for one in found if one is not None)


async def _open(ledger: Ledger, version: str) -> int:
    """Count the deliveries without an end, and the blocks without deliveries."""
    still = select(func.count()).where(
        deliveries.c.version_id == version, deliveries.c.state.in_(OPEN)
    )
    waiting = select(func.count()).where(
        blocks.c.version_id == version, blocks.c.materialised_at.is_(None)
    )
    async with ledger.reading() as connection:
        return int(await connection.scalar(still) or 0) + int(await connection.scalar(waiting) or 0)


async def _logbook_holds(ledger: Ledger) -> bool:
    verdict = await verify_ledger(ledger, COMMUNE, key=LOGBOOK_KEY)
    kinds = {line.kind async for line in logbook.read_all(ledger, COMMUNE)}
    return verdict.valid and kinds >= set(ACTS)
