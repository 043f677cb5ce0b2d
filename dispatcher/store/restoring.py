"""A ledger put back from a backup: held, its open deliveries put in doubt, and let go again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.endings import OPEN
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.outgoing import alerts, blocks, deliveries, progress, versions
from dispatcher.store.progress import ERA

RESTORED = "restored"  # the reason of a delivery that may have left after the backup was made
_SAME_VERSION = and_(
    deliveries.c.commune == versions.c.commune, deliveries.c.version_id == versions.c.version_id
)

_BEGUN = or_(deliveries.c.state == "sending", deliveries.c.state == "unknown")
_LAUNCHED_AT = (
    select(versions.c.launched_at).where(_SAME_VERSION).correlate(deliveries).scalar_subquery()
)
# To be narrowed: as if each delivery had been sent since its alert was launched.
DOUBTED = update(deliveries).values(
    state="unknown",
    reason=RESTORED,
    provider=func.coalesce(deliveries.c.provider, ""),
    attempts=case((_BEGUN, deliveries.c.attempts), else_=deliveries.c.attempts + 1),
    doubts=case(
        (deliveries.c.state == "unknown", deliveries.c.doubts),
        else_=deliveries.c.doubts + 1,
    ),
    doubt_at=func.coalesce(_LAUNCHED_AT, db_now()),
    began_at=db_now(),
    unreadable_at=None,
    next_at=db_now(),
    looks=0,
    owner=None,
    lease_until=None,
)


@dataclass(frozen=True)
class OpenAlert:
    """An alert that would go on: how many of its deliveries are open, and of its blocks wait."""

    commune: str
    alert_id: str
    title: str
    launched_at: float
    open: int
    waiting_blocks: int


async def hold(ledger: Ledger, *, key: bytes, text: str) -> bool:
    """Let nothing leave from now on, with a line in each commune's logbook; False: it is held."""
    async with ledger.writing() as connection:
        held = await connection.execute(
            update(progress).where(progress.c.restored_at.is_(None)).values(restored_at=db_now())
        )
        if held.rowcount == 0:
            return False
        await _tell(connection, Entry("worker", "ledger.held", text), key=key)
    return True


async def open_alerts(ledger: Ledger) -> list[OpenAlert]:
    """Return the launched alerts that are not finished, the oldest first."""
    still_open = select(func.count()).where(_SAME_VERSION, deliveries.c.state.in_(OPEN))
    waiting = select(func.count()).where(
        blocks.c.commune == versions.c.commune,
        blocks.c.version_id == versions.c.version_id,
        blocks.c.materialised_at.is_(None),
    )
    statement = (
        select(
            versions.c.commune,
            versions.c.alert_id,
            alerts.c.title,
            versions.c.launched_at,
            still_open.correlate(versions).scalar_subquery().label("open"),
            waiting.correlate(versions).scalar_subquery().label("waiting_blocks"),
        )
        .join(
            alerts,
            and_(alerts.c.commune == versions.c.commune, alerts.c.alert_id == versions.c.alert_id),
        )
        .where(versions.c.state == "launched", versions.c.finished_at.is_(None))
        .order_by(versions.c.launched_at)
    )
    async with ledger.reading() as connection:
        return [OpenAlert(**row._mapping) for row in await connection.execute(statement)]


async def doubt_some(ledger: Ledger, *, limit: int = 2000) -> int:
    """Put a part of the open live deliveries in doubt, as if each had been sent; return how many.

    Each is then looked up at the provider before any send, and counts as a copy where no record
    can be read. A rehearsal's stay as they are: they never leave the house.
    """
    chosen = (
        select(deliveries.c.serial)
        .where(
            deliveries.c.route == "live",
            deliveries.c.state.in_(OPEN),
            func.coalesce(deliveries.c.reason, "") != RESTORED,
        )
        .limit(limit)
    )
    async with ledger.writing() as connection:
        changed = await connection.execute(DOUBTED.where(deliveries.c.serial.in_(chosen)))
    return int(changed.rowcount)


async def let_go(ledger: Ledger, *, key: bytes, doubted: int) -> int:
    """Let the ledger go on; return how many approvals were taken back.

    An approved alert may have been launched after the backup was made: it waits for an approval
    again, so that nobody launches it a second time without looking.
    """
    async with ledger.writing() as connection:
        back = await connection.execute(
            update(versions)
            .where(versions.c.state == "approved")
            .values(state="pending_approval", approved_by=None, approved_at=None)
        )
        await connection.execute(
            update(progress).values(
                restored_at=None, let_go_at=db_now(), windows=progress.c.windows + ERA
            )
        )
        data = {"doubted": doubted, "approvals_taken_back": back.rowcount}
        text = "Copie remise en service : chaque envoi ouvert est vérifié avant de repartir"
        await _tell(connection, Entry("exploitation", "ledger.let_go", text, data), key=key)
    return int(back.rowcount)


async def _tell(connection: AsyncConnection, entry: Entry, *, key: bytes) -> None:
    for commune in await _communes(connection):
        await append(connection, commune=commune, entry=entry, key=key)


async def _communes(connection: AsyncConnection) -> Sequence[str]:
    found = await connection.scalars(select(versions.c.commune).distinct())
    return sorted(found)
