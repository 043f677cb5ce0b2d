"""Reports from the field, filed many at once: stored, folded, told in the logbook, or none of it.

A report is never changed. The states beside it are what the reports come to in the order in which
things happened; they can be made anew from the reports at any time.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, select

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.field_alarms import ANSWERED, end_answered, raise_alarms
from dispatcher.store.field_folding import Folding
from dispatcher.store.field_reports import Filed, Report
from dispatcher.store.field_states import MISSION, TEAM
from dispatcher.store.field_trails import keep_places
from dispatcher.store.logbook import Entry, append_all
from dispatcher.store.team_tables import field_reports
from dispatcher.store.turns import take_turns_in

TURN = "teams"  # whoever files reports of a commune takes it first


def file_reports(
    connection: Connection, commune: str, reports: Sequence[Report], *, key: bytes, ring: Ring
) -> list[Filed]:
    """File reports inside the caller's transaction, in the order given; each id once.

    What a report comes to is told as of its own turn: by those before it in `reports` too.
    """
    take_turns_in(connection, TURN, commune=commune)
    new = _new(connection, commune, reports)
    now = connection.execute(select(db_now())).scalar_one()
    teams = Folding(connection, commune, TEAM, {one.team for one in reports if one.team})
    missions = Folding(
        connection, commune, MISSION, {one.mission for one in reports if one.mission}
    )
    filed = {one.report_id: _folded_in(one, teams, missions) for one in new}
    facts = [one for one in new if one.entry is not None]
    _keep(connection, commune, [_sealed(commune, one, ring) for one in facts], now=now)
    missions.keep(now=now)
    teams.keep(now=now)
    keep_places(connection, commune, new, now=now)
    raise_alarms(connection, commune, new, now=now)
    entries = [
        _told(one.entry, one.report_id, filed[one.report_id])
        for one in new
        if one.entry is not None
    ]
    stand = {one.mission: missions.of(one.mission).state for one in new if one.mission_fact}
    answered = [one for one, state in stand.items() if one and state in ANSWERED]
    entries += end_answered(connection, commune, answered, now=now)
    if entries:
        append_all(connection, commune=commune, entries=entries, key=key)
    return [
        filed.pop(one.report_id) if one.report_id in filed else _repeated(one, teams, missions)
        for one in reports
    ]


_KNOWN = select(field_reports.c.report_id).where(
    field_reports.c.commune == bindparam("commune"),
    field_reports.c.report_id.in_(bindparam("ids", expanding=True)),
)


def _new(connection: Connection, commune: str, reports: Sequence[Report]) -> list[Report]:
    ids = {one.report_id: one for one in reversed(reports)}
    asked = {"commune": commune, "ids": list(ids)}
    known = set(connection.execute(_KNOWN, asked).scalars())
    return [one for one in reports if one.report_id not in known and ids[one.report_id] is one]


def _folded_in(report: Report, teams: Folding, missions: Folding) -> Filed:
    team = teams.take(report.team, report.fact)
    mission = missions.take(report.mission, report.mission_fact)
    places = [one for one in (team, mission) if one is not None]
    return Filed(
        state=teams.of(report.team).state,
        applied=all(one.applied for one in places),
        missing=tuple(step for one in places for step in one.missing),
        mission_state=missions.of(report.mission).state,
    )


def _repeated(report: Report, teams: Folding, missions: Folding) -> Filed:
    state, mission = teams.of(report.team).state, missions.of(report.mission).state
    return Filed(state=state, applied=False, mission_state=mission, repeated=True)


_KEPT = tuple(
    one.name for one in field_reports.c if one.name not in ("commune", "recorded_at", "ordered")
)


def _keep(connection: Connection, commune: str, reports: Sequence[Report], *, now: float) -> None:
    rows = [
        {
            "commune": commune,
            "recorded_at": now,
            "ordered": int(one.ordered),
            **{name: getattr(one, name) for name in _KEPT},
        }
        for one in reports
    ]
    if rows:
        connection.execute(field_reports.insert(), rows)


def _sealed(commune: str, report: Report, ring: Ring) -> Report:
    place = personal.report_at(commune, report.report_id)
    return report._replace(note=personal.sealed_words(ring, report.note, place))


def _told(entry: Entry, report_id: str, filed: Filed) -> Entry:
    """Return a report's line with what the report came to."""
    came_to = {
        "report": report_id,
        "state": filed.state,
        "mission_state": filed.mission_state,
        "applied": filed.applied,
        "missing": list(filed.missing) or None,
    }
    told = {name: value for name, value in came_to.items() if value is not None}
    return replace(entry, data={**entry.data, **told})
