"""What teams are doing, as the ledger keeps it at hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, select

from dispatcher.store import personal
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import ACTIVE
from dispatcher.store.team_tables import field_reports, missions, team_states


@dataclass(frozen=True)
class TeamRow:
    """What a team's reports come to; instants are epoch seconds. `mission` is the active one."""

    team: str
    state: str | None
    since: float | None
    heard_at: float | None
    missing: Sequence[str]
    strength: int | None
    lon: float | None
    lat: float | None
    placed_at: float | None
    mission: str | None


_ACTIVE_MISSION = (
    select(func.min(missions.c.mission))
    .where(
        missions.c.commune == team_states.c.commune,
        missions.c.team == team_states.c.team,
        missions.c.state.in_(ACTIVE),
    )
    .scalar_subquery()
)
_KEPT = [
    team_states.c[name] for name in TeamRow.__dataclass_fields__ if name != "mission"
]  # fmt: skip


async def team_rows(ledger: Ledger, commune: str) -> dict[str, TeamRow]:
    """Return what every team that was ever heard of is doing, by its id."""
    wanted = select(*_KEPT, _ACTIVE_MISSION.label("mission")).where(
        team_states.c.commune == commune
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return {row.team: TeamRow(**row._mapping) for row in rows}


def team_row_in(connection: Connection, commune: str, team: str) -> TeamRow | None:
    """Return what one team is doing, inside the caller's look; None where it was never heard of."""
    wanted = select(*_KEPT, _ACTIVE_MISSION.label("mission")).where(
        team_states.c.commune == commune, team_states.c.team == team
    )
    row = connection.execute(wanted).first()
    return TeamRow(**row._mapping) if row else None


@dataclass(frozen=True)
class ReportRow:
    """A report as it was filed, for a team's timeline; instants are epoch seconds."""

    report_id: str
    team: str | None
    mission: str | None
    at: float
    recorded_at: float
    said: str | None
    mission_said: str | None
    ordered: int
    strength: int | None
    note: str
    source: str
    author: str


async def timeline(
    ledger: Ledger,
    commune: str,
    *,
    team: str | None = None,
    mission: str | None = None,
    limit: int = 100,
) -> list[ReportRow]:
    """Return what was reported and ordered of a team, or of a mission, the newest first."""
    held = field_reports.c
    wanted = select(*(held[name] for name in ReportRow.__dataclass_fields__)).where(
        held.commune == commune,
        *([held.team == team] if team is not None else []),
        *([held.mission == mission] if mission is not None else []),
    )
    wanted = wanted.order_by(held.at.desc(), held.report_id.desc()).limit(limit)

    def look(connection: Connection) -> list[Any]:
        return list(connection.execute(wanted))

    rows = [ReportRow(**row._mapping) for row in await ledger.read(look)]
    return [replace(one, note=_opened(ledger, commune, one)) for one in rows]


def _opened(ledger: Ledger, commune: str, kept: ReportRow) -> str:
    place = personal.report_at(commune, kept.report_id)
    return personal.read(ledger.ring, kept.note, place) if kept.note else ""
