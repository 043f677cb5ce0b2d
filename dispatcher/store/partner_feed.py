"""The lines of the logbook that a partner may be told of, and whose each of them is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.crisis_tables import events
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Line, line_of
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.partner_tables import external_ids
from dispatcher.store.partners import Partner
from dispatcher.store.tables import logbook
from dispatcher.store.team_tables import missions, own_teams

KINDS = ("team.report", "alert.launched", "alert.cancelled", "alert.taken_back", "partner.ping")
MISSIONS = "mission."


@dataclass(frozen=True)
class AlertTold:
    """An alert that was launched: its mode, its title, when it left first."""

    mode: str
    title: str
    launched_at: float


@dataclass(frozen=True)
class MissionTold:
    """A mission as it stands: whose it is, its mode, what it is."""

    team: str | None
    mode: str
    kind: str
    title: str
    urgency: int


@dataclass(frozen=True)
class Scope:
    """Whose lines a partner is told of; its own teams are among `teams`."""

    partner: str
    teams: frozenset[str]
    missions: frozenset[str]  # of its teams now, and those that it has a name for


@dataclass(frozen=True)
class Read:
    """Some lines in order, what they speak of, and through which number was looked.

    `more`: there are lines after `through`; `end` is the last line of all.
    """

    lines: Sequence[Line]
    scope: Scope
    alerts: Mapping[str, AlertTold]
    missions: Mapping[str, MissionTold]
    through: int
    more: bool
    end: int = 0
    events: Mapping[str, str] = field(default_factory=dict)  # the mode of each crisis


async def read_lines(ledger: Ledger, partner: Partner, *, after: int, limit: int) -> Read:
    """Return up to `limit` lines above `after` of the kinds that partners are told, as of now."""
    commune = partner.commune

    def look(connection: Connection) -> Read:
        head = _head(connection, commune)
        wanted = (
            select(logbook)
            .where(logbook.c.commune == commune, logbook.c.number > after, _TOLD)
            .order_by(logbook.c.number)
            .limit(limit + 1)
        )
        found = [line_of(row) for row in connection.execute(wanted)]
        lines, more = found[:limit], len(found) > limit
        # A line that was committed since the head was read has been given already.
        end = max(head, *(one.number for one in found), 0)
        return Read(
            lines,
            _scope(connection, partner),
            _alerts(connection, commune, _named(lines, "alert")),
            _missions(connection, commune, _named(lines, "mission"), ring=ledger.ring),
            through=lines[-1].number if more else max(end, after),
            more=more,
            end=end,
            events=_modes(connection, commune, {one.event for one in lines if one.event}),
        )

    return await ledger.read(look)


async def last_before(ledger: Ledger, commune: str, instant: float) -> int:
    """Return the number of the last line that was written before an instant; 0: none was."""
    wanted = select(func.coalesce(func.max(logbook.c.number), 0)).where(
        logbook.c.commune == commune, logbook.c.recorded_at < instant
    )
    return int(await ledger.read(lambda one: one.execute(wanted).scalar_one()))


_TOLD: ColumnElement[bool] = or_(
    logbook.c.kind.in_(KINDS), logbook.c.kind.startswith(MISSIONS, autoescape=True)
)


def _head(connection: Connection, commune: str) -> int:
    wanted = select(func.coalesce(func.max(logbook.c.number), 0)).where(
        logbook.c.commune == commune
    )
    return int(connection.execute(wanted).scalar_one())


def _named(lines: Sequence[Line], what: str) -> set[str]:
    return {str(one.data[what]) for one in lines if one.data.get(what)}


def _scope(connection: Connection, partner: Partner) -> Scope:
    commune, ident = partner.commune, partner.partner
    own = select(own_teams.c.team).where(
        own_teams.c.commune == commune, own_teams.c.partner == ident
    )
    its = partner.teams | frozenset(connection.execute(own).scalars())
    given = select(missions.c.mission).where(
        missions.c.commune == commune, missions.c.team.in_(sorted(its))
    )
    held = external_ids.c
    named = select(held.ours).where(
        held.commune == commune, held.partner == ident, held.kind == "mission"
    )
    found = {*connection.execute(given).scalars(), *connection.execute(named).scalars()}
    return Scope(ident, its, frozenset(found))


def _alerts(connection: Connection, commune: str, ids: set[str]) -> dict[str, AlertTold]:
    if not ids:
        return {}
    same = and_(versions.c.commune == alerts.c.commune, versions.c.alert_id == alerts.c.alert_id)
    wanted = (
        select(alerts.c.alert_id, alerts.c.mode, alerts.c.title, func.min(versions.c.launched_at))
        .join(versions, same)
        .where(
            alerts.c.commune == commune,
            alerts.c.alert_id.in_(sorted(ids)),
            versions.c.launched_at.is_not(None),
        )
        .group_by(alerts.c.alert_id, alerts.c.mode, alerts.c.title)
    )
    return {row[0]: AlertTold(*row[1:]) for row in connection.execute(wanted)}


def _missions(
    connection: Connection, commune: str, ids: set[str], *, ring: Ring
) -> dict[str, MissionTold]:
    if not ids:
        return {}
    held = missions.c
    wanted = select(held.mission, held.team, held.mode, held.kind, held.title, held.urgency).where(
        held.commune == commune, held.mission.in_(sorted(ids))
    )
    return {
        row.mission: MissionTold(
            row.team,
            row.mode,
            row.kind,
            personal.read(ring, row.title, personal.mission_at("title", commune, row.mission)),
            row.urgency,
        )
        for row in connection.execute(wanted)
    }


def _modes(connection: Connection, commune: str, ids: set[str]) -> dict[str, str]:
    if not ids:
        return {}
    wanted = select(events.c.event_id, events.c.mode).where(
        events.c.commune == commune, events.c.event_id.in_(sorted(ids))
    )
    return {row[0]: row[1] for row in connection.execute(wanted)}
