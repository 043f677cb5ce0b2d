"""Messages that were accepted and not heard of since: whose turn it is to be asked for.

`looks` counts the looks made since the message was accepted. What is due is written without a
word of the sending's own: an accepted message keeps in `next_at` when it was accepted, so its
first look falls `first_ask_s` after that. A later one is written so that the same sum holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Update, and_, case, func, select, text, update

from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import LOOKS_AFTER, SILENT, deliveries, versions

ASKING_S = 60.0  # a worker that dies while it asks is followed by another after this
SETTLING_S = 900.0  # after an alert's end its providers may still tell; later nobody needs it


@dataclass(frozen=True)
class Silent:
    """A delivery to ask for, under the attempt that its reference is of.

    `over` tells that its alert ended long ago; `unreadable_s` how long its provider could not be
    asked.
    """

    commune: str
    delivery_id: str
    version_id: str
    medium: str
    contact: str
    reference: str
    attempts: int
    looks: int
    unreadable_s: float
    over: bool = False


_COLUMNS = (
    "commune", "delivery_id", "version_id", "medium", "contact", "reference", "attempts", "looks",
)  # fmt: skip


def _due(ledger: Ledger, provider: str) -> ColumnElement[bool]:
    return and_(
        text(SILENT),  # as the partial index says it
        deliveries.c.provider == provider,
        deliveries.c.next_at <= db_now() - ledger.timing.first_ask_s,
    )


async def take_silent(ledger: Ledger, *, provider: str, limit: int) -> list[Silent]:
    """Take at most `limit` deliveries of an account to ask for now, the longest silent first.

    They are nobody else's for ASKING_S.
    """
    due = select(deliveries.c.serial).where(_due(ledger, provider))
    look = due.limit(1)
    # An idle turn must not take the write lock.
    if await ledger.read(lambda connection: connection.execute(look).first()) is None:
        return []
    due = due.order_by(deliveries.c.next_at).limit(limit)
    if ledger.dialect == "postgresql":
        due = due.with_for_update(skip_locked=True)
    chosen = due.cte("chosen").prefix_with("MATERIALIZED", dialect="postgresql")
    statement = (
        update(deliveries)
        .where(deliveries.c.serial.in_(select(chosen.c.serial)))
        .values(next_at=_asked_at(ledger, db_now() + ASKING_S))
        .returning(
            *(deliveries.c[name] for name in _COLUMNS),
            func.coalesce(db_now() - deliveries.c.unreadable_at, 0.0).label("unreadable_s"),
        )
    )
    async with ledger.writing() as connection:
        taken = [Silent(**row._mapping) for row in await connection.execute(statement)]
        ended = select(versions.c.version_id).where(
            versions.c.version_id.in_({one.version_id for one in taken}),
            versions.c.commune.in_({one.commune for one in taken}),
            versions.c.expires_at <= db_now() - SETTLING_S,
        )
        over = set(await connection.scalars(ended))
    return [
        replace(
            one,
            contact=personal.contact_of(ledger.ring, one),
            over=one.version_id in over,
        )
        for one in taken
    ]


async def looked(ledger: Ledger, row: Silent) -> None:
    """Count a look; the next one has its own time, the third was the last."""
    timing = ledger.timing
    after_s = (timing.first_ask_s, timing.second_ask_s, timing.third_ask_s)
    made = row.looks + 1
    then = deliveries.c.accepted_at + after_s[min(made, LOOKS_AFTER - 1)]
    soonest = db_now() + timing.first_ask_s / 4  # looks that were late do not follow at once
    at = case((then > soonest, then), else_=soonest)
    move = _still(row).values(looks=made, next_at=_asked_at(ledger, at), unreadable_at=None)
    async with ledger.writing() as connection:
        await connection.execute(move)


async def ask_later(ledger: Ledger, rows: Sequence[Silent], *, delay_s: float) -> None:
    """Put a look off: the provider could not be asked, so this was no look."""
    since = func.coalesce(deliveries.c.unreadable_at, db_now())
    at = _asked_at(ledger, db_now() + delay_s)
    async with ledger.writing() as connection:
        for row in rows:
            await connection.execute(_still(row).values(next_at=at, unreadable_at=since))


async def ask_no_more(ledger: Ledger, rows: Sequence[Silent]) -> None:
    """Leave these as they are: accepted, and silent."""
    async with ledger.writing() as connection:
        for row in rows:
            await connection.execute(_still(row).values(looks=LOOKS_AFTER))


def _asked_at(ledger: Ledger, instant: ColumnElement[float]) -> ColumnElement[float]:
    """Return what `next_at` holds for a look at this instant."""
    return instant - ledger.timing.first_ask_s


def _still(row: Silent) -> Update:
    """Begin to change a delivery that has not moved since it was taken."""
    return update(deliveries).where(
        deliveries.c.commune == row.commune,
        deliveries.c.delivery_id == row.delivery_id,
        deliveries.c.state == "accepted",
        deliveries.c.attempts == row.attempts,
        deliveries.c.looks == row.looks,
    )
