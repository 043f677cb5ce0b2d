"""Alarms of teams as the ledger holds them: listed, taken, ended, each with its line."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, and_, case, func, select, update

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import events
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.team_tables import field_reports, team_alarms
from dispatcher.store.versions import Chained

NOW = "now"  # a value that the ledger's clock gives


@dataclass(frozen=True)
class TeamAlarm:
    """An alarm; instants are epoch seconds. `again_at`: asked again, and not answered since.

    `said` is what the report that raised it says beside; "" where it says nothing. `mode` is its
    crisis's: real where it has none.
    """

    commune: str
    alarm: str
    team: str
    mission: str | None
    event: str | None
    kind: str
    level: str
    raised_at: float
    again_at: float | None
    owner: str | None
    owned_at: float | None
    rung_at: float | None
    tried_at: float | None
    rings: int
    note: str
    ended_by: str | None
    ended_at: float | None
    said: str = ""
    mode: str = "real"

    @property
    def is_open(self) -> bool:
        """Whether nobody has ended it."""
        return self.ended_at is None

    @property
    def waits(self) -> bool:
        """Whether nobody has it, or who has it was asked again and did nothing."""
        return self.owner is None or (self.again_at or 0.0) > (self.owned_at or 0.0)


_SAID = (
    select(field_reports.c.note)
    .where(
        field_reports.c.commune == team_alarms.c.commune,
        field_reports.c.report_id == team_alarms.c.report_id,
    )
    .correlate(team_alarms)
    .scalar_subquery()
)
_MODE = (
    select(events.c.mode)
    .where(events.c.commune == team_alarms.c.commune, events.c.event_id == team_alarms.c.event)
    .correlate(team_alarms)
    .scalar_subquery()
)
_BESIDE = {
    "said": func.coalesce(_SAID, "").label("said"),
    "mode": func.coalesce(_MODE, "real").label("mode"),
}
_COLUMNS = [
    _BESIDE[name] if name in _BESIDE else team_alarms.c[name]
    for name in TeamAlarm.__dataclass_fields__
] + [team_alarms.c.report_id]
_GRAVE = case(
    (team_alarms.c.kind == "distress", 0), (team_alarms.c.level == "critical", 1), else_=2
)


async def alarms_of(
    ledger: Ledger, commune: str, *, ended: bool = False, limit: int = 200
) -> list[TeamAlarm]:
    """Return the open alarms, the gravest and oldest first; or those that were ended last."""
    held = team_alarms.c
    wanted = select(*_COLUMNS).where(held.commune == commune)
    if ended:
        wanted = wanted.where(held.ended_at.is_not(None)).order_by(held.ended_at.desc())
    else:
        wanted = wanted.where(held.ended_at.is_(None)).order_by(_GRAVE, held.raised_at)
    found = wanted.order_by(held.alarm).limit(limit)
    rows = await ledger.read(lambda connection: connection.execute(found).all())
    return [_alarm(row, ring=ledger.ring) for row in rows]


async def alarm_of(ledger: Ledger, commune: str, alarm: str) -> TeamAlarm | None:
    """Return one alarm; None where there is none."""
    this = and_(team_alarms.c.commune == commune, team_alarms.c.alarm == alarm)
    wanted = select(*_COLUMNS).where(this)
    row = await ledger.read(lambda connection: connection.execute(wanted).first())
    return _alarm(row, ring=ledger.ring) if row else None


def _alarm(row: Row[Any], *, ring: Ring) -> TeamAlarm:
    found = TeamAlarm(**{name: row._mapping[name] for name in TeamAlarm.__dataclass_fields__})
    place = personal.report_at(found.commune, row.report_id or "")
    return replace(found, said=personal.read(ring, found.said, place))


async def change_alarm(
    ledger: Ledger, read: TeamAlarm, *, values: Mapping[str, object], line: Chained
) -> bool:
    """Change an open alarm that is as it was read; False where it is not, and nothing is done."""
    held = team_alarms.c
    same = [held[name].is_not_distinct_from(getattr(read, name)) for name in ("owner", "again_at")]
    put = {name: db_now() if value == NOW else value for name, value in values.items()}
    this = and_(held.commune == read.commune, held.alarm == read.alarm, held.ended_at.is_(None))
    async with ledger.writing() as connection:
        changed = await connection.execute(
            update(team_alarms).where(this, *same).values(**put).returning(held.alarm)
        )
        if changed.first() is None:
            return False
        await append(connection, commune=read.commune, entry=line.entry, key=line.key)
    return True
