"""How a team was told of its mission: each step written with what calls whom, once.

A mission that was given anew, to this team or another, is told anew: `ordered_at` says of which
order a telling is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.field_alarms import raise_unanswered
from dispatcher.store.field_filing import TURN
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.mission_rows import Mission, mission_in
from dispatcher.store.outgoing import versions
from dispatcher.store.tasking_tables import mission_tellings
from dispatcher.store.team_tables import missions
from dispatcher.store.turns import take_turns, take_turns_in
from dispatcher.store.versions import Chained, over
from dispatcher.store.waves import Wave, call_up

KEPT_S = 86_400.0  # nobody is told of an order that is a day old


@dataclass(frozen=True)
class Telling:
    """One step: its team told, told again, or those who ordered it; instants are epoch seconds."""

    commune: str
    mission: str
    ordered_at: float
    number: int
    what: str
    people: Sequence[str]
    wave: str | None
    told_at: float
    answer: str | None = None
    answered_by: str | None = None
    answered_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True)
class NextTelling:
    """A step to write: what it is, whom it calls by which wave (none: nobody), its line.

    `alarm`: with it the team's silence is an alarm, until the mission is answered.
    """

    what: str
    people: tuple[str, ...]
    ident: str
    wave: Wave | None
    line: Chained
    alarm: bool = False


@dataclass(frozen=True)
class Heard:
    """What somebody answered: coming (received) or unable, who, when."""

    answer: str
    by: str
    at: float


@dataclass(frozen=True)
class Unanswered:
    """A mission that was ordered and that its team has not accepted, with its steps so far."""

    mission: Mission
    now: float
    steps: tuple[Telling, ...] = field(default=())


_COLUMNS = [mission_tellings.c[name] for name in Telling.__dataclass_fields__]
_OF_ORDER = and_(
    mission_tellings.c.commune == missions.c.commune,
    mission_tellings.c.mission == missions.c.mission,
    mission_tellings.c.ordered_at == missions.c.ordered_at,
)


async def unanswered(ledger: Ledger) -> list[Unanswered]:
    """Return the ordered missions of every commune that nobody has accepted yet."""
    names = [missions.c[name] for name in Mission.__dataclass_fields__]
    wanted = select(*names).where(
        missions.c.state == "ordered",
        missions.c.team.is_not(None),
        missions.c.ordered_at > db_now() - KEPT_S,
    )

    def look(connection: Connection) -> list[Unanswered]:
        now = connection.execute(select(db_now())).scalar_one()
        rows = connection.execute(wanted.order_by(missions.c.urgency))
        found = [mission_in(row, ring=ledger.ring) for row in rows]
        return [Unanswered(one, now, _steps(connection, one)) for one in found]

    return await ledger.read(look)


def _steps(connection: Connection, of: Mission) -> tuple[Telling, ...]:
    wanted = select(*_COLUMNS).where(
        mission_tellings.c.commune == of.commune,
        mission_tellings.c.mission == of.mission,
        mission_tellings.c.ordered_at == of.ordered_at,
    )
    rows = connection.execute(wanted.order_by(mission_tellings.c.number))
    return tuple(Telling(**row._mapping) for row in rows)


async def tellings_of(ledger: Ledger, commune: str, mission: str) -> list[Telling]:
    """Return how a mission was told, all its orders, in their order."""
    wanted = (
        select(*_COLUMNS)
        .where(mission_tellings.c.commune == commune, mission_tellings.c.mission == mission)
        .order_by(mission_tellings.c.ordered_at, mission_tellings.c.number)
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return [Telling(**row._mapping) for row in rows]


async def telling_by(ledger: Ledger, commune: str, wave: str) -> Telling | None:
    """Return the step that called people by this wave."""
    wanted = select(*_COLUMNS).where(
        mission_tellings.c.commune == commune, mission_tellings.c.wave == wave
    )
    row = await ledger.read(lambda connection: connection.execute(wanted).first())
    return Telling(**row._mapping) if row else None


async def tell(ledger: Ledger, of: Unanswered, made: NextTelling) -> bool:
    """Write the next step and call whom it calls, once however many workers try.

    False, and nothing, where the mission was accepted, given to others or called off meanwhile, or
    where somebody else wrote this step.
    """
    mission, number = of.mission, len(of.steps)
    async with ledger.writing() as connection:
        await take_turns(connection, TURN, commune=mission.commune)
        if not await _still(connection, of):
            return False
        now = (await connection.execute(select(db_now()))).scalar_one()
        await connection.execute(
            mission_tellings.insert().values(
                commune=mission.commune,
                mission=mission.mission,
                ordered_at=mission.ordered_at,
                number=number,
                what=made.what,
                people=list(made.people),
                wave=made.ident if made.wave else None,
                told_at=now,
            )
        )
        chased = {"chased": number, "chased_at": now} if number else {}
        await connection.execute(
            update(missions)
            .where(missions.c.commune == mission.commune, missions.c.mission == mission.mission)
            .values(told_at=now, changed_at=now, **chased)
        )
        if made.alarm:
            await connection.run_sync(_unanswered, mission, now)
        if made.wave is not None:
            await call_up(connection, mission.commune, made.ident, wave=made.wave)
        line = made.line
        await append(connection, commune=mission.commune, entry=line.entry, key=line.key)
    return True


def _unanswered(connection: Connection, mission: Mission, now: float) -> None:
    raise_unanswered(connection, mission, now=now)


async def _still(connection: AsyncConnection, of: Unanswered) -> bool:
    mission = of.mission
    wanted = select(missions.c.mission).where(
        missions.c.commune == mission.commune,
        missions.c.mission == mission.mission,
        missions.c.state == "ordered",
        missions.c.ordered_at == mission.ordered_at,
    )
    if (await connection.execute(wanted.with_for_update())).first() is None:
        return False
    written = select(mission_tellings.c.number).where(
        mission_tellings.c.commune == mission.commune,
        mission_tellings.c.mission == mission.mission,
        mission_tellings.c.ordered_at == mission.ordered_at,
        mission_tellings.c.number == len(of.steps),
    )
    return (await connection.execute(written)).first() is None


async def waiting(ledger: Ledger) -> list[tuple[Telling, bool]]:
    """Return the steps whose answer is waited for; and whether their order still stands."""
    stands = and_(_OF_ORDER, missions.c.state == "ordered")
    wanted = (
        select(*_COLUMNS, missions.c.mission.is_not(None).label("stands"))
        .outerjoin(missions, stands)
        .where(mission_tellings.c.ended_at.is_(None))
        .order_by(mission_tellings.c.told_at)
    )

    def look(connection: Connection) -> list[tuple[Telling, bool]]:
        found: list[Any] = list(connection.execute(wanted))
        return [(Telling(*row[:-1]), bool(row[-1])) for row in found]

    return await ledger.read(look)


async def end(
    ledger: Ledger, one: Telling, heard: Heard | None, *, report: Callable[[Connection], None]
) -> bool:
    """End a step, with what was answered, and call nobody more by it; once.

    `report` files the answer in the same transaction.
    """

    def act(connection: Connection) -> bool:
        take_turns_in(connection, TURN, commune=one.commune)
        this = and_(
            mission_tellings.c.commune == one.commune,
            mission_tellings.c.mission == one.mission,
            mission_tellings.c.ordered_at == one.ordered_at,
            mission_tellings.c.number == one.number,
            mission_tellings.c.ended_at.is_(None),
        )
        told = (
            {"answer": heard.answer, "answered_by": heard.by, "answered_at": heard.at}
            if heard
            else {}
        )
        done = connection.execute(
            update(mission_tellings).where(this).values(ended_at=db_now(), **told)
        )
        if done.rowcount == 0:
            return False
        if one.wave is not None:
            _stop(connection, one.commune, one.wave)
        report(connection)
        return True

    return await ledger.write(act)


def _stop(connection: Connection, commune: str, wave: str) -> None:
    """Stop what has not left yet: a mission that is accepted rings nobody any more."""
    connection.execute(
        update(versions)
        .where(
            versions.c.commune == commune,
            versions.c.alert_id == wave,
            versions.c.state == "launched",
        )
        .values(
            state="cancelled",
            cancelled_by="worker",
            cancelled_at=db_now(),
            finished_at=None,
            pursuit=over(),
        )
    )
