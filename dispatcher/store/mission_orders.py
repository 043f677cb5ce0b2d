"""Orders of the cell: a mission made, given to a team, called off; each with its line, or nothing.

Two operators at once never give one team two missions: what is checked is checked in the turn in
which it is written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select, update

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.field_filing import TURN, file_reports
from dispatcher.store.field_reports import Report
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import ACTIVE, WORDS
from dispatcher.store.statements import insert_in
from dispatcher.store.team_tables import missions
from dispatcher.store.turns import take_turns_in


@dataclass(frozen=True)
class MissionRow:
    """A mission to make, as its row begins."""

    mission: str
    event: str | None
    mode: str
    kind: str
    title: str
    text: str
    sector: str | None
    lon: float | None
    lat: float | None
    urgency: int
    place_in_line: int
    origin: str
    origin_ref: str
    queued_for: str | None = None


Standing = Callable[[Connection], str | None]
Beside = Callable[[Connection, str], None]


@dataclass(frozen=True)
class Order:
    """What the cell orders of a mission: the facts, and who is to do it.

    `as_read` is the state in which whoever orders saw it; None for a mission that is made now.
    `team` is who has it from now on; None leaves it as it is. `standing` finds the mission that is
    open for the same thing already: then none is made. `beside` writes what is decided by the same
    act, told the mission's id; what it raises undoes all of it.
    """

    mission: str
    reports: Sequence[Report]
    by: str
    new: MissionRow | None = None
    team: str | None = None
    as_read: str | None = None
    standing: Standing | None = None
    beside: Beside | None = None


@dataclass(frozen=True)
class Given:
    """What became of an order: done, or `busy` with the mission that the team has, or changed.

    `stood` is the mission that was there already.
    """

    done: bool
    busy: str | None = None
    stood: str | None = None


async def give(ledger: Ledger, commune: str, order: Order, *, key: bytes) -> Given:
    """Write an order down with all that follows, or nothing."""

    def act(connection: Connection) -> Given:
        return _give(connection, commune, order, key=key, ring=ledger.ring)

    return await ledger.write(act)


def _give(connection: Connection, commune: str, order: Order, *, key: bytes, ring: Ring) -> Given:
    take_turns_in(connection, TURN, commune=commune)
    now = connection.execute(select(db_now())).scalar_one()
    if order.standing is not None and (stood := order.standing(connection)):
        _beside(connection, order, stood)
        return Given(done=True, stood=stood)
    if order.team is not None and (busy := _active(connection, commune, order)):
        return Given(done=False, busy=busy)
    if order.new is not None:
        first = _first(commune, order, now=now)
        connection.execute(insert_in(connection.dialect.name, missions), _sealed(first, ring=ring))
    this = and_(missions.c.commune == commune, missions.c.mission == order.mission)
    if order.as_read is not None:
        seen = select(missions.c.state).where(this).with_for_update()
        if connection.execute(seen).scalar_one_or_none() != order.as_read:
            return Given(done=False)
    if order.team is not None:
        told = {"team": order.team, "ordered_by": order.by, "ordered_at": now, "queued_for": None}
        connection.execute(
            update(missions).where(this).values(**told, chased=0, chased_at=None, told_at=None)
        )
    _beside(connection, order, order.mission)
    # An order is of the moment at which it is written: after all that it was decided upon.
    reports = [one._replace(at=now) for one in order.reports]
    file_reports(connection, commune, reports, key=key, ring=ring)
    return Given(done=True)


def _beside(connection: Connection, order: Order, mission: str) -> None:
    if order.beside is not None:
        order.beside(connection, mission)


def _active(connection: Connection, commune: str, order: Order) -> str | None:
    """Return the mission that the team has already, another than this one."""
    wanted = select(missions.c.mission).where(
        missions.c.commune == commune,
        missions.c.team == order.team,
        missions.c.mission != order.mission,
        missions.c.state.in_(ACTIVE),
    )
    return connection.execute(wanted.limit(1)).scalar_one_or_none()


def _first(commune: str, order: Order, *, now: float) -> dict[str, Any]:
    if order.new is None:
        raise ValueError(order.mission)
    return {
        **vars(order.new),
        "commune": commune,
        "state": "proposed",
        "since": now,
        "missing": [],
        "gaps": 0,
        "made_by": order.by,
        "made_at": now,
        "changed_at": now,
    }


def _sealed(row: dict[str, Any], *, ring: Ring) -> dict[str, Any]:
    """Return the row with its words sealed for it."""
    at = (row["commune"], row["mission"])
    words = {
        name: personal.sealed_words(ring, row[name], personal.mission_at(name, *at))
        for name in WORDS
    }
    return {**row, **words}
