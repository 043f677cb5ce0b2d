"""Teams that are out, when they were heard of last, what was told of them; and what is told now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.field_alarms import alarm_id
from dispatcher.store.field_filing import TURN
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append_all
from dispatcher.store.mission_rows import ACTIVE
from dispatcher.store.statements import insert_in
from dispatcher.store.tasking_tables import door_results
from dispatcher.store.team_tables import field_reports, missions, team_alarms, team_states
from dispatcher.store.turns import take_turns_in
from plans.teams import OUT, STATUS_CODES

WATCHED = ("silent", "lone", "low_strength", "relief")
_IN = tuple(STATUS_CODES - set(OUT))


@dataclass(frozen=True)
class Told:
    """An alarm that was raised of a team, as far as telling it twice goes.

    `raised_at` is when it began, `at` when it was told of last: `level` is the gravest of both.
    """

    alarm: str
    kind: str
    level: str
    raised_at: float
    at: float
    is_open: bool


@dataclass(frozen=True)
class Watched:
    """A team that is out, or has a mission; instants are epoch seconds by the ledger's clock.

    `news_at` is when anything came of it last. `out_since` is None for one that has not left.
    """

    commune: str
    team: str
    now: float
    news_at: float
    state: str | None = None
    strength: int | None = None
    strength_at: float = 0.0
    out_since: float | None = None
    mission: str | None = None
    mission_kind: str | None = None
    event: str | None = None
    told: Sequence[Told] = field(default_factory=tuple)


@dataclass(frozen=True)
class Finding:
    """Something to tell of a team: an alarm to raise, or to make graver, with its line."""

    team: Watched
    kind: str
    level: str
    since: float
    entry: Entry


Judge = Callable[[Sequence[Watched]], list[Finding]]


async def watched_teams(ledger: Ledger) -> list[Watched]:
    """Return the teams to watch of every commune."""
    return await ledger.read(_watched)


async def tell(ledger: Ledger, commune: str, judge: Judge, *, key: bytes) -> int:
    """Raise what `judge` finds of a commune's teams, in the turn in which it is read; count it."""

    def act(connection: Connection) -> int:
        take_turns_in(connection, TURN, commune=commune)
        found = judge([one for one in _watched(connection) if one.commune == commune])
        for one in found:
            _raise(connection, one)
        if found:
            entries = [one.entry for one in found]
            append_all(connection, commune=commune, entries=entries, key=key)
        return len(found)

    return await ledger.write(act)


def _raise(connection: Connection, one: Finding) -> None:
    team = one.team
    held = next((told for told in team.told if told.kind == one.kind and told.is_open), None)
    if held is not None:
        this = and_(team_alarms.c.commune == team.commune, team_alarms.c.alarm == held.alarm)
        graver = "critical" if "critical" in (held.level, one.level) else one.level
        connection.execute(update(team_alarms).where(this).values(level=graver, again_at=team.now))
        return
    about = f"{team.team}\n{one.since}\n{one.level}\n{team.now}"
    connection.execute(
        insert_in(connection.dialect.name, team_alarms).values(
            commune=team.commune,
            alarm=alarm_id(team.commune, about, one.kind),
            team=team.team,
            mission=team.mission,
            event=team.event,
            kind=one.kind,
            level=one.level,
            raised_at=team.now,
        )
    )


def _watched(connection: Connection) -> list[Watched]:
    now = connection.execute(select(db_now())).scalar_one()
    at_it = _at_it(connection)
    known = _known(connection, {team for _, team in at_it})
    keys = [
        key
        for key in sorted({*known, *at_it})
        if key in at_it or (key in known and known[key].state in OUT)
    ]
    if not keys:
        return []
    teams = {team for _, team in keys}
    strengths, left = _strengths(connection, teams), _left(connection, teams)
    told, heard = _told(connection, teams), _heard(connection, teams)
    doors = _doors(connection, {mission.mission for mission in at_it.values()})
    found = []
    for key in keys:
        row, mission = known.get(key), at_it.get(key)
        news = [row.changed_at if row else None, mission.ordered_at if mission else None]
        news += [heard.get(key), doors.get((key[0], mission.mission)) if mission else None]
        found.append(
            Watched(
                *key,
                now=now,
                news_at=max((one for one in news if one is not None), default=now),
                state=row.state if row else None,
                strength=row.strength if row else None,
                strength_at=strengths.get(key, 0.0),
                out_since=left.get(key) if row and row.state in OUT else None,
                mission=mission.mission if mission else None,
                mission_kind=mission.kind if mission else None,
                event=mission.event if mission else None,
                told=told.get(key, ()),
            )
        )
    return found


def _at_it(connection: Connection) -> dict[tuple[str, str], Any]:
    """Return the active mission of each team that has one."""
    active = missions.c.state.in_(ACTIVE)
    return {
        (row.commune, row.team): row
        for row in connection.execute(
            select(
                missions.c.commune,
                missions.c.team,
                missions.c.mission,
                missions.c.kind,
                missions.c.event,
                missions.c.ordered_at,
            ).where(active, missions.c.team.is_not(None))
        )
    }


def _known(connection: Connection, busy: set[str]) -> dict[tuple[str, str], Any]:
    """Return what each team that is out, or has a mission, is doing."""
    return {
        (row.commune, row.team): row
        for row in connection.execute(
            select(
                team_states.c.commune,
                team_states.c.team,
                team_states.c.state,
                team_states.c.strength,
                team_states.c.changed_at,
            ).where(or_(team_states.c.state.in_(OUT), team_states.c.team.in_(busy)))
        )
    }


_Key = tuple[str, str]


def _strengths(connection: Connection, teams: set[str]) -> dict[_Key, float]:
    held = field_reports.c
    wanted = (
        select(held.commune, held.team, func.max(held.recorded_at))
        .where(held.team.in_(teams), held.strength.is_not(None))
        .group_by(held.commune, held.team)
    )
    return {(commune, team): at for commune, team, at in connection.execute(wanted)}


def _heard(connection: Connection, teams: set[str]) -> dict[_Key, float]:
    """Return when each team was heard last, of itself or of its mission; orders are none of it."""
    held = field_reports.c
    wanted = (
        select(held.commune, held.team, func.max(held.recorded_at))
        .where(held.team.in_(teams), held.ordered == 0)
        .group_by(held.commune, held.team)
    )
    return {(commune, team): at for commune, team, at in connection.execute(wanted)}


def _doors(connection: Connection, at_it: set[str]) -> dict[_Key, float]:
    """Return when a door of each mission was told of last."""
    held = door_results.c
    wanted = (
        select(held.commune, held.mission, func.max(held.recorded_at))
        .where(held.mission.in_(at_it))
        .group_by(held.commune, held.mission)
    )
    return {(commune, mission): at for commune, mission, at in connection.execute(wanted)}


def _left(connection: Connection, teams: set[str]) -> dict[_Key, float]:
    """Return since when each team is out: its first report of it after it was in last."""
    held, home = field_reports.c, field_reports.alias("home")
    last_in = (
        select(func.coalesce(func.max(home.c.at), 0.0))
        .where(home.c.commune == held.commune, home.c.team == held.team, home.c.said.in_(_IN))
        .scalar_subquery()
    )
    wanted = (
        select(held.commune, held.team, func.min(held.at))
        .where(held.team.in_(teams), held.said.in_(OUT), held.at > last_in)
        .group_by(held.commune, held.team)
    )
    return {(commune, team): at for commune, team, at in connection.execute(wanted)}


def _told(connection: Connection, teams: set[str]) -> dict[_Key, list[Told]]:
    held = team_alarms.c
    wanted = select(
        held.commune, held.team, held.alarm, held.kind, held.level, held.raised_at, held.again_at,
        held.ended_at,
    ).where(held.team.in_(teams), held.kind.in_(WATCHED))  # fmt: skip
    found: dict[_Key, list[Told]] = {}
    for row in connection.execute(wanted):
        at = max(row.raised_at, row.again_at or 0.0)
        one = Told(row.alarm, row.kind, row.level, row.raised_at, at, row.ended_at is None)
        found.setdefault((row.commune, row.team), []).append(one)
    return found
