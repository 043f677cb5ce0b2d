"""An answer ends the pursuit of all behind the phone, and what still waits to leave for them."""

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.outgoing import deliveries, recipients
from dispatcher.store.pursuit_tables import pursuits

CONFIRMED = "confirmed"  # why a delivery was not sent after all


async def stop_pursuit(
    connection: AsyncConnection, *, commune: str, version_id: str, delivery_id: str
) -> None:
    """Mark the readers of an answered delivery reached, and withdraw their next messages.

    A message is withdrawn when all behind its contact have confirmed, as long as it has not begun
    to leave: it may be claimed already, then its sender finds it gone.
    """
    readers = select(recipients.c.person_id).where(
        recipients.c.commune == commune, recipients.c.delivery_id == delivery_id
    )
    reached = await connection.execute(
        update(pursuits)
        .where(
            pursuits.c.commune == commune,
            pursuits.c.version_id == version_id,
            pursuits.c.person_id.in_(readers),
            pursuits.c.state != "reached",
        )
        .values(state="reached", reason=None, changed_at=db_now())
        .returning(pursuits.c.delivery_id)
    )
    pending = sorted({ident for ident in reached.scalars() if ident})
    if pending:
        await _withdraw(connection, commune, version_id, pending)


async def _withdraw(
    connection: AsyncConnection, commune: str, version_id: str, pending: list[str]
) -> None:
    of_reader = and_(
        pursuits.c.commune == recipients.c.commune,
        pursuits.c.version_id == version_id,
        pursuits.c.person_id == recipients.c.person_id,
    )
    still = exists(
        select(recipients.c.person_id)
        .outerjoin(pursuits, of_reader)
        .where(
            recipients.c.commune == deliveries.c.commune,
            recipients.c.delivery_id == deliveries.c.delivery_id,
            func.coalesce(pursuits.c.state, "") != "reached",
        )
    )
    await connection.execute(
        update(deliveries)
        .where(
            deliveries.c.commune == commune,
            deliveries.c.delivery_id.in_(pending),
            or_(deliveries.c.state == "ready", deliveries.c.state == "claimed"),
            ~still,
        )
        .values(
            state="suppressed",
            reason=CONFIRMED,
            settled_at=db_now(),
            owner=None,
            lease_until=None,
            fence=deliveries.c.fence + 1,
        )
    )
