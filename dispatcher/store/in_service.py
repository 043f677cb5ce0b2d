"""Whether a commune is open to real alerts: asked by one person, opened by another, closed by any.

No row: it was never opened. Each step is guarded by the state that was read, with its line.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, or_, select, update

from dispatcher.store.announcements import Announcement, announce
from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import OPEN_STATES, events
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.overrides import HELD
from dispatcher.store.readiness_tables import in_service
from dispatcher.store.statements import insert_missing
from dispatcher.store.versions import SUMMONS, Chained


@dataclass(frozen=True)
class Opening:
    """Where the opening of a commune stands; `asked_seeing` digests what was not ready then."""

    state: str = ""  # "" (never) | asked | live | closed
    asked_by: str | None = None
    asked_at: float | None = None
    asked_seeing: str | None = None
    opened_by: str | None = None
    opened_at: float | None = None
    closed_by: str | None = None
    closed_at: float | None = None
    reason: str | None = None

    @property
    def live(self) -> bool:
        """Whether real alerts may leave by a real provider."""
        return self.state == "live"


@dataclass(frozen=True)
class Step:
    """A step of the opening: to which state, with which columns, what is told of it."""

    to: str
    values: Mapping[str, object]
    line: Chained
    announcement: Announcement


async def opening_of(ledger: Ledger, commune: str) -> Opening:
    """Return where the opening of a commune stands."""
    columns = [in_service.c[name] for name in Opening.__dataclass_fields__]
    async with ledger.reading() as connection:
        wanted = select(*columns).where(in_service.c.commune == commune)
        row = (await connection.execute(wanted)).first()
        return Opening(**row._mapping) if row else Opening()


async def under_way(ledger: Ledger, commune: str) -> bool:
    """Tell whether a real event is open, or a real alert runs or is held for its minute."""
    open_ones = select(events.c.event_id).where(
        events.c.commune == commune, events.c.mode == "real", events.c.state.in_(OPEN_STATES)
    )
    launched = and_(
        versions.c.state == "launched",
        versions.c.cancelled_at.is_(None),
        versions.c.expires_at > db_now(),
    )
    running = (
        select(versions.c.version_id)
        .join(
            alerts,
            and_(alerts.c.commune == versions.c.commune, alerts.c.alert_id == versions.c.alert_id),
        )
        .where(
            versions.c.commune == commune,
            versions.c.kind != SUMMONS,
            alerts.c.mode == "real",
            or_(launched, versions.c.state == HELD),
        )
    )
    async with ledger.reading() as connection:
        found = (await connection.execute(open_ones.limit(1))).first()
        return found is not None or (await connection.execute(running.limit(1))).first() is not None


async def move(ledger: Ledger, commune: str, read: Opening, *, step: Step) -> bool:
    """Take a step from what was read; False where somebody was faster: nothing is written."""
    async with ledger.writing() as connection:
        if not read.state:
            first = [{"commune": commune, "state": ""}]
            await insert_missing(connection, in_service, first)
        moved = await connection.execute(
            update(in_service)
            .where(
                in_service.c.commune == commune,
                in_service.c.state == read.state,
                in_service.c.asked_at.is_not_distinct_from(read.asked_at),
            )
            .values(state=step.to, **step.values)
        )
        if moved.rowcount == 0:
            await connection.rollback()
            return False
        await announce(connection, commune, step.announcement)
        await append(connection, commune=commune, entry=step.line.entry, key=step.line.key)
    return True
