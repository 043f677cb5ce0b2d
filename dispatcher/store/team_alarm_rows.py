"""Open alarms of teams, and what the front page counts of the field."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, select, union_all

from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import OVER
from dispatcher.store.team_tables import desk_items, missions, team_alarms, team_states

_GRAVE = case(
    (team_alarms.c.kind == "distress", 0), (team_alarms.c.level == "critical", 1), else_=2
)


@dataclass(frozen=True)
class TeamAlarm:
    """An alarm that nobody ended; instants are epoch seconds. `owner` has taken it."""

    alarm: str
    team: str
    mission: str | None
    kind: str
    level: str
    raised_at: float
    again_at: float | None
    owner: str | None
    owned_at: float | None
    rung_at: float | None


async def open_team_alarms(ledger: Ledger, commune: str) -> list[TeamAlarm]:
    """Return the open alarms of a commune's teams: distress first, then the gravest."""
    held = team_alarms.c
    wanted = (
        select(*(held[name] for name in TeamAlarm.__dataclass_fields__))
        .where(held.commune == commune, held.ended_at.is_(None))
        .order_by(_GRAVE, held.raised_at, held.alarm)
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return [TeamAlarm(**row._mapping) for row in rows]


@dataclass(frozen=True)
class FieldCounts:
    """How much of the field waits for somebody.

    `distress` are open calls of teams, `alone` those of them that nobody has taken; `alarms` all
    the other open ones, `to_give` missions without a team, `desk` what is to be placed.
    """

    distress: int = 0
    alone: int = 0
    alarms: int = 0
    to_give: int = 0
    desk: int = 0
    teams: int = 0  # that were ever heard of


async def field_counts(ledger: Ledger, commune: str) -> FieldCounts:
    """Count what waits, for the front page."""
    alarm, item, mission = team_alarms.c, desk_items.c, missions.c
    opened = (alarm.commune == commune, alarm.ended_at.is_(None))
    counted: dict[str, Select[int]] = {
        "distress": _count(*opened, alarm.kind == "distress"),
        "alone": _count(*opened, alarm.kind == "distress", alarm.owner.is_(None)),
        "alarms": _count(*opened, alarm.kind != "distress"),
        "to_give": _count(
            mission.commune == commune, mission.team.is_(None), mission.state.not_in(OVER)
        ),
        "desk": _count(item.commune == commune, item.ended_at.is_(None)),
        "teams": _count(team_states.c.commune == commune),
    }
    rows = union_all(
        *(select(literal(name), one.scalar_subquery()) for name, one in counted.items())
    )
    found = await ledger.read(lambda connection: connection.execute(rows).all())
    return FieldCounts(**{row[0]: row[1] for row in found})


def _count(*where: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).where(*where)


_MARKED = (  # what moves whenever something on the board does
    (team_states.c.commune, func.max(team_states.c.changed_at)),
    (team_states.c.commune, func.count()),
    (missions.c.commune, func.max(missions.c.changed_at)),
    (missions.c.commune, func.count()),
    (team_alarms.c.commune, func.max(team_alarms.c.raised_at)),
    (team_alarms.c.commune, func.max(team_alarms.c.again_at)),
    (team_alarms.c.commune, func.max(team_alarms.c.owned_at)),
    (team_alarms.c.commune, func.count(team_alarms.c.ended_at)),
    (desk_items.c.commune, func.count()),
    (desk_items.c.commune, func.count(desk_items.c.ended_at)),
)


async def field_mark(ledger: Ledger, commune: str) -> tuple[float | None, ...]:
    """Return a mark that is another as soon as anything on the board is."""
    wanted = select(
        *(select(what).where(whose == commune).scalar_subquery() for whose, what in _MARKED)
    )

    def look(connection: Connection) -> tuple[float | None, ...]:
        return tuple(connection.execute(wanted).one())

    return await ledger.read(look)
