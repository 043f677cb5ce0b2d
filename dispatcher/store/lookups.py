"""Deliveries whose answer was lost: what to look up at the provider, and what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select, update

from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, versions

LATELY_S = 3600.0  # after its end nothing of an alert is sent, and no look-up reaches so far back


@dataclass(frozen=True)
class Doubtful:
    """A delivery whose last attempt may or may not have left.

    `started_at` is when the first of the attempts in doubt began: records that lag may show it
    only now. `unreadable_s` is how long ago its provider's records first could not be read.
    """

    commune: str
    delivery_id: str
    version_id: str
    medium: str
    contact: str
    language: str
    provider: str
    attempts: int
    looks: int
    doubts: int
    deaths: int
    reason: str | None
    started_at: float
    unreadable_s: float


_COLUMNS = (
    "commune", "delivery_id", "version_id", "medium", "contact", "language", "provider",
    "attempts", "looks", "doubts", "deaths", "reason",
)  # fmt: skip


async def doubtful(ledger: Ledger, *, route: str, limit: int = 50) -> Sequence[Doubtful]:
    """Return the deliveries of a route whose look-up is due, the oldest first.

    Of its own route alone: to the accounts of another, what they did not send looks unsent.
    """
    statement = (
        select(
            *(deliveries.c[name] for name in _COLUMNS),
            func.coalesce(deliveries.c.doubt_at, deliveries.c.began_at).label("started_at"),
            func.coalesce(db_now() - deliveries.c.unreadable_at, 0.0).label("unreadable_s"),
        )
        .where(
            deliveries.c.state == "unknown",
            deliveries.c.next_at <= db_now(),
            deliveries.c.route == route,
        )
        .order_by(deliveries.c.next_at)
        .limit(limit)
    )
    async with ledger.reading() as connection:
        kept = [Doubtful(**row._mapping) for row in await connection.execute(statement)]
    return [replace(one, contact=personal.contact_of(ledger.ring, one)) for one in kept]


async def lately(ledger: Ledger) -> Sequence[tuple[str, str]]:
    """Return commune and version of the alerts whose messages records may show beside ours."""
    statement = select(versions.c.commune, versions.c.version_id).where(
        versions.c.launched_at.is_not(None), versions.c.expires_at > db_now() - LATELY_S
    )
    rows = await ledger.read(lambda connection: connection.execute(statement).all())
    return [(row[0], row[1]) for row in rows]


async def references(ledger: Ledger, named: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Return the providers' references of these deliveries (commune, id), where they have one."""
    if not named:
        return frozenset()
    # Each apart, an id being of one commune: SQLite would go through all deliveries for pairs.
    statement = select(deliveries.c.reference).where(
        deliveries.c.commune.in_({commune for commune, _ in named}),
        deliveries.c.delivery_id.in_([ident for _, ident in named]),
        deliveries.c.reference.is_not(None),
    )
    return frozenset(await ledger.read(lambda one: one.execute(statement).scalars().all()))


async def look_again(ledger: Ledger, row: Doubtful) -> None:
    """Note a first look that found nothing, and look once more `second_look_s` later."""
    await _move(
        ledger,
        row,
        {
            "looks": deliveries.c.looks + 1,
            "next_at": db_now() + ledger.timing.second_look_s,
            "unreadable_at": None,
        },
    )


async def look_later(ledger: Ledger, row: Doubtful, *, delay_s: float) -> None:
    """Put a look off: the records could not be read, so this was no look."""
    since = func.coalesce(deliveries.c.unreadable_at, db_now())
    await _move(ledger, row, {"next_at": db_now() + delay_s, "unreadable_at": since})


async def send_again(ledger: Ledger, row: Doubtful, *, delay_s: float, absent: bool) -> None:
    """Make it due again; when the provider's records say it is `absent`, nothing is in doubt."""
    cleared = deliveries.c.doubts - 1 if absent else deliveries.c.doubts
    await _move(
        ledger,
        row,
        {
            "state": "ready",
            "reason": None,
            "doubts": cleared,
            "unreadable_at": None,
            "next_at": db_now() + delay_s,
        },
    )


async def give_up(ledger: Ledger, row: Doubtful, *, reason: str) -> None:
    """List it as not reached rather than risk another copy."""
    await _move(ledger, row, {"state": "exhausted", "reason": reason, "settled_at": db_now()})


async def _move(ledger: Ledger, row: Doubtful, values: Mapping[str, object]) -> None:
    async with ledger.writing() as connection:
        await connection.execute(update(deliveries).where(*_unmoved(row)).values(**values))


def _unmoved(row: Doubtful) -> tuple[ColumnElement[bool], ...]:
    return (
        deliveries.c.commune == row.commune,
        deliveries.c.delivery_id == row.delivery_id,
        deliveries.c.state == "unknown",
        deliveries.c.attempts == row.attempts,
        deliveries.c.looks == row.looks,
    )
