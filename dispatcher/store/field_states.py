"""The states of teams and missions as they are kept at hand, and the facts that they come from."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Insert, Row, Select, Table, bindparam, select, update

from dispatcher.store.statements import insert_in
from dispatcher.store.team_tables import field_reports, missions, team_states
from plans.folding import Fact, Folded, Mark


@dataclass(frozen=True, eq=False)
class Subject:
    """What reports are about: the table of its states, and the column that names it."""

    column: str  # of the reports and of the states
    states: Table
    said: "Column[str]"


TEAM = Subject("team", team_states, field_reports.c.said)
MISSION = Subject("mission", missions, field_reports.c.mission_said)
ENDED = ("done", "failed", "cancelled")


def folded_of(
    connection: Connection, commune: str, subject: Subject, names: Collection[str]
) -> dict[str, Folded]:
    """Return what is kept of these teams or missions; one that was never heard of is not in it."""
    rows = connection.execute(_kept(subject), {"commune": commune, "names": sorted(names)})
    return {row._mapping[subject.column]: folded(row) for row in rows}


@cache
def _kept(subject: Subject) -> Select[Any]:
    held = subject.states.c
    return select(subject.states).where(
        held.commune == bindparam("commune"),
        held[subject.column].in_(bindparam("names", expanding=True)),
    )


def folded(row: Row[Any]) -> Folded:
    """Return the fold that a row keeps."""
    kept = row._mapping
    return Folded(
        state=kept["state"],
        since=kept["since"],
        last=_mark(kept["last_at"], kept["last_report"]),
        heard=_mark(kept["heard_at"], kept["heard_report"]),
        missing=tuple(kept["missing"]),
        gaps=kept["gaps"],
        strength=kept.get("strength"),
        ordered=bool(kept.get("by_order")),
    )


def _mark(at: float | None, report_id: str | None) -> Mark | None:
    return (at, report_id) if at is not None and report_id is not None else None


def facts_of(connection: Connection, commune: str, subject: Subject, name: str) -> list[Fact]:
    """Return all that was ever said of one team or mission."""
    held = field_reports.c
    wanted = select(held.at, held.report_id, subject.said, held.ordered, held.strength).where(
        held.commune == commune, held[subject.column] == name, subject.said.is_not(None)
    )
    return [
        Fact(at, report_id, said, ordered=bool(ordered), strength=strength)
        for at, report_id, said, ordered, strength in connection.execute(wanted)
    ]


def keep_states(
    connection: Connection,
    commune: str,
    subject: Subject,
    changed: Mapping[str, Folded],
    *,
    now: float,
) -> None:
    """Keep what these teams or missions come to now. A mission that is not there stays so."""
    rows = [_row(commune, name, one, now=now) for name, one in changed.items()]
    if not rows:
        return
    if subject is MISSION:
        _keep_missions(connection, rows)
        return
    for row in rows:
        del row["ordered"]  # a team is never ordered into a state
    teams = [{**row, "team": row.pop("name")} for row in rows]
    connection.execute(_team_kept(connection.dialect.name), teams)


_FOLD = (
    *("state", "since", "last_at", "last_report", "heard_at", "heard_report"),
    *("missing", "gaps", "strength", "changed_at"),
)


@cache
def _team_kept(dialect: str) -> Insert:
    made = insert_in(dialect, team_states)
    values = {name: made.excluded[name] for name in _FOLD}
    return made.on_conflict_do_update(index_elements=["commune", "team"], set_=values)


def _row(commune: str, name: str, one: Folded, *, now: float) -> dict[str, Any]:
    last, heard = one.last or (None, None), one.heard or (None, None)
    return {
        "commune": commune,
        "name": name,
        "state": one.state,
        "since": one.since,
        "last_at": last[0],
        "last_report": last[1],
        "heard_at": heard[0],
        "heard_report": heard[1],
        "missing": list(one.missing),
        "gaps": one.gaps,
        "strength": one.strength,
        "ordered": one.ordered,
        "changed_at": now,
    }


_MISSION_KEPT = update(missions).where(
    missions.c.commune == bindparam("of_commune"), missions.c.mission == bindparam("of_name")
)


def _keep_missions(connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
    told = [
        {
            ("of_" + name if name in ("commune", "name") else name): value
            for name, value in row.items()
        }
        for row in rows
    ]
    for row in told:
        del row["strength"]
        row["by_order"] = int(row.pop("ordered"))
    connection.execute(_MISSION_KEPT, told)
