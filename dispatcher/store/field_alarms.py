"""Alarms of teams, raised with the report that brings them: open until somebody ended them."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, case, func, text

from dispatcher.store.field_reports import Report
from dispatcher.store.statements import insert_in
from dispatcher.store.team_tables import team_alarms


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
            "alarm": alarm_id(commune, about, kind),
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


def _raise(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    if not rows:
        return
    made = insert_in(connection.dialect.name, team_alarms)
    graver = case((team_alarms.c.level == "critical", "critical"), else_=made.excluded.level)
    # Since when its owner has not answered: asked each minute, it would never be late.
    unanswered = team_alarms.c.again_at > func.coalesce(team_alarms.c.owned_at, 0.0)
    again = case((unanswered, team_alarms.c.again_at), else_=made.excluded.raised_at)
    connection.execute(
        made.on_conflict_do_update(
            index_elements=["commune", "team", "kind"],
            index_where=text("ended_at IS NULL"),
            set_={"again_at": again, "level": graver},
        ),
        rows,
    )


def alarm_id(commune: str, about: str, kind: str) -> str:
    """Return the id of an alarm, made of what raised it."""
    return hashlib.sha256(f"{commune}\n{about}\n{kind}".encode()).hexdigest()[:16]
