"""Alarms of teams, raised with the report that brings them: open until somebody ended them."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, and_, case, func, select, text, update

from dispatcher.store.field_reports import Report
from dispatcher.store.logbook import Entry
from dispatcher.store.mission_rows import Mission
from dispatcher.store.statements import insert_in
from dispatcher.store.team_tables import team_alarms

UNANSWERED = "not_acknowledged"
CRIES = ("distress", "reinforcement")  # raised whoever it is
ANSWERED = ("accepted", "in_progress", "suspended", "done", "cancelled")  # not: failed


def raise_alarms(
    connection: Connection, commune: str, reports: Sequence[Report], *, now: float
) -> None:
    """Raise what reports bring, inside the caller's transaction.

    Raised again while it is open, it is the same alarm, again, and never less grave than it was.
    """
    rows = [
        {
            "commune": commune,
            "alarm": alarm_id(commune, one.report_id, new.kind),
            "team": one.team,
            "mission": one.mission,
            "event": one.event,
            "kind": new.kind,
            "level": new.level,
            "report_id": one.report_id,
            "raised_at": now,
        }
        for one in reports
        if one.team is not None
        for new in one.alarms
    ]
    _raise(connection, rows)


def raise_for_names(
    connection: Connection, commune: str, cries: Sequence[tuple[str, str, str]], *, now: float
) -> None:
    """Raise alarms of who is not known here: (the name as it was given, what said it, the kind)."""
    rows = [
        {
            "commune": commune,
            "alarm": _of_name(commune, about, kind),
            "team": named,
            "mission": None,
            "event": None,
            "kind": kind,
            "level": "critical",
            "report_id": about,
            "raised_at": now,
        }
        for named, about, kind in cries
    ]
    _raise(connection, rows)


def _of_name(commune: str, about: str, kind: str) -> str:
    """Return the id of an alarm of a name: once placed, the report brings one of its team."""
    return alarm_id(commune, f"desk\n{about}", kind)


def end_of_name(
    connection: Connection, commune: str, about: str, *, by: str, now: float
) -> list[Entry]:
    """End what was raised of a name that is placed: it is its team's now. Return its lines."""
    held = team_alarms.c
    ids = [_of_name(commune, about, kind) for kind in CRIES]
    this = (held.commune == commune, held.alarm.in_(ids), held.ended_at.is_(None))
    rows = connection.execute(select(held.alarm, held.team, held.kind).where(*this)).all()
    if rows:
        done = {"note": "Placée : c'est l'alarme de son équipe", "ended_by": by, "ended_at": now}
        connection.execute(update(team_alarms).where(*this).values(**done))
    return [
        Entry(
            author=by,
            kind="team.alarm_ended",
            text="Alarme terminée : elle est placée, c'est celle de son équipe",
            data={"alarm": row.alarm, "team": row.team, "alarm_kind": row.kind},
        )
        for row in rows
    ]


def raise_unanswered(connection: Connection, mission: Mission, *, now: float) -> None:
    """Raise that a team answers nothing to a mission, inside the transaction that tells its leads.

    No report raised it, so that the mission's answer ends it (`end_answered`).
    """
    row = {
        "commune": mission.commune,
        "alarm": alarm_id(mission.commune, f"{mission.mission}\n{now}", UNANSWERED),
        "team": mission.team,
        "mission": mission.mission,
        "event": mission.event,
        "kind": UNANSWERED,
        "level": "critical",
        "raised_at": now,
    }
    _raise(connection, [row])


def end_answered(
    connection: Connection, commune: str, missions: Sequence[str], *, now: float
) -> list[Entry]:
    """End what was raised of missions that nobody answered and that are answered, with its lines.

    What a team asked for, or refused, is ended by people alone.
    """
    held = team_alarms.c
    if not missions:
        return []
    this = (held.commune == commune, held.kind == UNANSWERED, held.ended_at.is_(None))
    wanted = select(held.alarm, held.team, held.mission, held.event).where(
        *this, held.mission.in_(missions), held.report_id.is_(None)
    )
    rows = connection.execute(wanted).all()
    if rows:
        done = {"note": "Mission reçue ou annulée", "ended_by": "system", "ended_at": now}
        ids = [row.alarm for row in rows]
        connection.execute(update(team_alarms).where(*this, held.alarm.in_(ids)).values(**done))
    return [_ended(dict(row._mapping)) for row in rows]


def _ended(row: Mapping[str, object]) -> Entry:
    data = {**row, "alarm_kind": UNANSWERED}
    return Entry(
        author="system",
        kind="team.alarm_ended",
        text="Alarme terminée : la mission est reçue, ou annulée",
        data={name: value for name, value in data.items() if value is not None},
    )


def _raise(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    if not rows:
        return
    made = insert_in(connection.dialect.name, team_alarms)
    graver = case((team_alarms.c.level == "critical", "critical"), else_=made.excluded.level)
    # Since when its owner has not answered: asked each minute, it would never be late.
    unanswered = team_alarms.c.again_at > func.coalesce(team_alarms.c.owned_at, 0.0)
    again = case((unanswered, team_alarms.c.again_at), else_=made.excluded.raised_at)
    held, new = team_alarms.c, made.excluded
    # Silence about a mission is of the newest one, until a report makes it a matter of people.
    newest = and_(held.kind == UNANSWERED, held.report_id.is_(None))
    about = {
        name: case((newest, new[name]), else_=held[name])
        for name in ("mission", "event", "report_id")
    }
    connection.execute(
        made.on_conflict_do_update(
            index_elements=["commune", "team", "kind"],
            index_where=text("ended_at IS NULL"),
            set_={"again_at": again, "level": graver, **about},
        ),
        rows,
    )


def alarm_id(commune: str, about: str, kind: str) -> str:
    """Return the id of an alarm, made of what raised it."""
    return hashlib.sha256(f"{commune}\n{about}\n{kind}".encode()).hexdigest()[:16]
