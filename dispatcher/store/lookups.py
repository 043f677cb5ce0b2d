"""Deliveries whose answer was lost: what to look up at the provider, and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import attempts, deliveries

SECOND_LOOK_S = 30.0  # 15 s and 45 s after the send (DELIVERY §4)


@dataclass(frozen=True)
class Doubtful:
    """A delivery whose last attempt may or may not have left."""

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
    started_at: float


async def doubtful(ledger: Ledger, *, limit: int = 50) -> Sequence[Doubtful]:
    """Return the deliveries whose look-up is due, the oldest first."""
    last = and_(
        attempts.c.commune == deliveries.c.commune,
        attempts.c.delivery_id == deliveries.c.delivery_id,
        attempts.c.number == deliveries.c.attempts,
    )
    named = [deliveries.c[name] for name in Doubtful.__dataclass_fields__ if name != "started_at"]
    statement = (
        select(*named, attempts.c.started_at)
        .join(attempts, last)
        .where(deliveries.c.state == "unknown", deliveries.c.next_at <= db_now())
        .order_by(deliveries.c.next_at)
        .limit(limit)
    )
    async with ledger.reading() as connection:
        return [Doubtful(**row._mapping) for row in await connection.execute(statement)]


async def found(
    ledger: Ledger, row: Doubtful, *, reference: str | None, status: str, rank: int
) -> None:
    """Settle what the provider has: unknown → accepted (or its end); a receipt may come first."""
    ends = status if status in ("delivered", "undelivered", "failed") else "accepted"
    async with ledger.writing() as connection:
        await connection.execute(
            update(deliveries)
            .where(*_unmoved(row))
            .values(
                state=ends,
                status=status,
                rank=rank,
                reference=reference,
                accepted_at=db_now(),
                settled_at=None if ends == "accepted" else db_now(),
            )
        )


async def not_found(ledger: Ledger, row: Doubtful, *, state: str, reason: str | None) -> None:
    """Move on what the provider does not have, to the `state` decided."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(deliveries)
            .where(*_unmoved(row))
            .values(
                state=state,
                reason=reason,
                looks=deliveries.c.looks + 1,
                next_at=db_now() + (SECOND_LOOK_S if state == "unknown" else 0.0),
                settled_at=db_now() if state == "exhausted" else None,
            )
        )


async def look_later(ledger: Ledger, row: Doubtful, *, delay_s: float) -> None:
    """Put a look off: the records could not be read, so this was no look."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(deliveries).where(*_unmoved(row)).values(next_at=db_now() + delay_s)
        )


def _unmoved(row: Doubtful) -> tuple[ColumnElement[bool], ...]:
    return (
        deliveries.c.commune == row.commune,
        deliveries.c.delivery_id == row.delivery_id,
        deliveries.c.state == "unknown",
        deliveries.c.attempts == row.attempts,
        deliveries.c.looks == row.looks,
    )
