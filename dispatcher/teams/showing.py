"""Teams, missions and the desk as tools read them: codes, instants in UTC."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from dispatcher.alerts.office import Office
from dispatcher.store.desk_items import Waiting, waiting
from dispatcher.store.mission_rows import Mission, missions_of
from dispatcher.store.team_alarm_rows import TeamAlarm
from dispatcher.store.team_rows import ReportRow, timeline
from dispatcher.teams.board import TeamShown, board_of
from dispatcher.teams.ordering import find_mission, find_team
from dispatcher.teams.sight import is_covered, item_seen, mission_seen, reports_seen
from plans.missions import mission_state
from plans.teams import by_code

Shown = dict[str, Any]
LATE_S = 60.0  # told this long after it happened, both times are shown


async def teams_listed(office: Office) -> Shown:
    """Return every team of the roster, those in distress first."""
    board = await board_of(office)
    now = office.clock().timestamp()
    teams = sorted(board.teams, key=lambda one: (not one.distress, not one.alarms))
    return {
        "teams": [team_shown(one, now=now) for one in teams],
        "alarms_of_unknown_teams": [alarm_shown(one) for one in board.unknown],
        "event": board.roster.event,
    }


async def team_detailed(office: Office, team: str, *, seen_by: str) -> Shown:
    """Return one team, by any of its names, with its timeline as a function sees it.

    Raises NotThere.
    """
    known = await find_team(office, team)
    found = (await board_of(office)).team(known.team)
    if found is None:  # taken from the roster since
        raise LookupError(known.team)
    rows = await timeline(office.ledger, office.commune, team=known.team)
    rows = reports_seen(rows, seen_by)
    now = office.clock().timestamp()
    return {**team_shown(found, now=now), "timeline": [report_shown(one) for one in rows]}


def team_shown(team: TeamShown, *, now: float) -> Shown:
    """Return a team; `age_s` is how long ago it was heard of, `place.age_s` how old its place is.

    `missing` are the steps that nobody reported before its state.
    """
    known, row = team.known, team.row
    placed = row is not None and row.lon is not None and row.placed_at is not None
    return {
        "team": known.team,
        "call_sign": known.call_sign,
        "kind": known.kind,
        "partner": known.partner,
        "planned": known.planned,
        "sectors": list(known.sectors),
        "minimum": known.minimum,
        "state": row.state if row else None,
        "emsi": by_code(row.state).emsi if row and row.state else None,
        "since": iso(row.since if row else None),
        "missing": list(row.missing) if row else [],
        "strength": row.strength if row else None,
        "mission": mission_brief(team.mission) if team.mission else None,
        "heard_at": iso(row.heard_at if row else None),
        "age_s": _age(row.heard_at if row else None, now),
        "place": _place(team, now=now) if placed else None,
        "alarms": [alarm_shown(one) for one in team.alarms],
    }


def _place(team: TeamShown, *, now: float) -> Shown:
    row = team.row
    if row is None:
        raise ValueError(team.team)
    return {
        "lon": row.lon,
        "lat": row.lat,
        "at": iso(row.placed_at),
        "age_s": _age(row.placed_at, now),
    }


def alarm_shown(alarm: TeamAlarm) -> Shown:
    """Return an open alarm."""
    return {
        "alarm": alarm.alarm,
        "team": alarm.team,
        "kind": alarm.kind,
        "level": alarm.level,
        "raised_at": iso(alarm.raised_at),
        "again_at": iso(alarm.again_at),
        "owner": alarm.owner,
    }


async def missions_listed(
    office: Office, *, seen_by: str, event: str | None = None, over: bool = False
) -> Shown:
    """Return missions as a function sees them, the most urgent first; `over` ones where asked."""
    found = await missions_of(office.ledger, office.commune, event=event, going=not over)
    return {"missions": [mission_shown(one, seen_by=seen_by) for one in found]}


async def mission_detailed(office: Office, mission: str, *, seen_by: str) -> Shown:
    """Return a mission with its timeline, as a function sees them; raises NotThere."""
    found = await find_mission(office, mission)
    rows = await timeline(office.ledger, office.commune, mission=mission)
    told = [report_shown(one) for one in reports_seen(rows, seen_by)]
    return {**mission_shown(found, seen_by=seen_by), "timeline": told}


def mission_brief(mission: Mission) -> Shown:
    """Return what a team's line says of its mission."""
    return {
        "mission": mission.mission,
        "title": mission.title,
        "state": mission.state,
        "urgency": mission.urgency,
    }


def mission_shown(mission: Mission, *, seen_by: str) -> Shown:
    """Return a mission; `covered` where the function that reads it sees neither place nor words."""
    covered = is_covered(mission, seen_by)
    mission = mission_seen(mission, seen_by)
    return {
        **mission_brief(mission),
        "kind": mission.kind,
        "text": mission.text,
        "emsi": mission_state(mission.state).emsi,
        "since": iso(mission.since),
        "missing": list(mission.missing),
        "event": mission.event,
        "mode": mission.mode,
        "sector": mission.sector,
        "place": _point(mission),
        "place_in_line": mission.place_in_line,
        "origin": mission.origin,
        "origin_ref": mission.origin_ref or None,
        "team": mission.team,
        "made_by": mission.made_by,
        "made_at": iso(mission.made_at),
        "ordered_by": mission.ordered_by,
        "ordered_at": iso(mission.ordered_at),
        "result": mission.result or None,
        "covered": covered,
    }


def _point(mission: Mission) -> Shown | None:
    return None if mission.lon is None else {"lon": mission.lon, "lat": mission.lat}


def report_shown(row: ReportRow) -> Shown:
    """Return a report of a timeline; `late_s` where it came more than a minute after its time."""
    late = row.recorded_at - row.at
    return {
        "report": row.report_id,
        "team": row.team,
        "mission": row.mission,
        "at": iso(row.at),
        "recorded_at": iso(row.recorded_at),
        "late_s": round(late) if late > LATE_S else None,
        "said": row.said,
        "mission_said": row.mission_said,
        "ordered": bool(row.ordered),
        "strength": row.strength,
        "note": row.note or None,
        "source": row.source,
        "author": row.author,
    }


async def desk_listed(office: Office, *, seen_by: str) -> Shown:
    """Return what the desk has to place as a function sees it, the oldest first."""
    items: Iterable[Waiting] = await waiting(office.ledger, office.commune)
    return {"items": [item_shown(item_seen(one, seen_by)) for one in items]}


def item_shown(item: Waiting) -> Shown:
    """Return an item of the desk."""
    return {
        "item": item.item,
        "came_at": iso(item.came_at),
        "happened_at": iso(item.happened_at),
        "source": item.source,
        "author": item.author,
        "why": item.why,
        "named": item.named,
        "said": dict(item.body),
        "ended_at": iso(item.ended_at),
        "ended_by": item.ended_by,
        "outcome": item.outcome or None,
    }


def iso(at: float | None) -> str | None:
    """Return an instant as tools read it."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _age(at: float | None, now: float) -> int | None:
    return None if at is None else max(0, round(now - at))
