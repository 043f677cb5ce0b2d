"""Orders that teams were told of and that are not theirs any more: called off, or given to others.

Whoever was told of an order is told of its end too, once.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

from sqlalchemy import Connection, and_, exists, or_, select

from dispatcher.store.clock import db_now
from dispatcher.store.field_filing import TURN
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.mission_rows import Mission, mission_of_values
from dispatcher.store.mission_tellings import NextTelling
from dispatcher.store.tasking_tables import mission_tellings
from dispatcher.store.team_tables import missions
from dispatcher.store.turns import take_turns
from dispatcher.store.waves import call_up

WITHDRAWN = "withdrawn"
KEPT_S = 21_600.0  # nobody is told of an end that is six hours old
_TO_TEAM = ("told", "chased")


@dataclass(frozen=True)
class Withdrawal:
    """An order that is over: the mission as it is now, which order, who was told, how often."""

    mission: Mission
    ordered_at: float
    people: tuple[str, ...]
    number: int


async def withdrawals(ledger: Ledger) -> list[Withdrawal]:
    """Return the orders of every commune whose end their teams were not told of, the oldest first.

    An end that the team told of itself (done, given up) is none.
    """
    held, after = mission_tellings.c, mission_tellings.alias("after")
    same = and_(held.commune == missions.c.commune, held.mission == missions.c.mission)
    off = and_(missions.c.state == "cancelled", missions.c.since > db_now() - KEPT_S)
    moved = and_(held.ordered_at < missions.c.ordered_at, missions.c.ordered_at > db_now() - KEPT_S)
    told = exists().where(
        after.c.commune == held.commune,
        after.c.mission == held.mission,
        after.c.ordered_at == held.ordered_at,
        after.c.what == WITHDRAWN,
    )
    names = [missions.c[name] for name in Mission.__dataclass_fields__]
    wanted = (
        select(held.ordered_at.label("order_of"), held.people.label("called"), held.number, *names)
        .join_from(mission_tellings, missions, same)
        .where(or_(off, moved), held.what.in_(_TO_TEAM), held.wave.is_not(None), ~told)
        .order_by(held.ordered_at, held.number)
    )

    def look(connection: Connection) -> list[Withdrawal]:
        found: dict[tuple[str, str, float], list[Withdrawal]] = defaultdict(list)
        for row in connection.execute(wanted):
            order, called, number, *mission = row
            kept = dict(zip(Mission.__dataclass_fields__, mission, strict=True))
            its = mission_of_values(kept, ring=ledger.ring)
            one = Withdrawal(its, order, tuple(called), number)
            found[one.mission.commune, one.mission.mission, order].append(one)
        return [_together(steps) for steps in found.values()]

    return await ledger.read(look)


def _together(steps: list[Withdrawal]) -> Withdrawal:
    people = tuple(dict.fromkeys(one for step in steps for one in step.people))
    return replace(steps[-1], people=people)


async def withdraw(ledger: Ledger, of: Withdrawal, made: NextTelling) -> bool:
    """Note that a team was told that its order is over, and call whom the wave names; once."""
    mission = of.mission
    row = {
        "commune": mission.commune,
        "mission": mission.mission,
        "ordered_at": of.ordered_at,
        "what": WITHDRAWN,
        "people": list(made.people),
        "wave": made.ident if made.wave else None,
    }
    this = and_(*(mission_tellings.c[name] == row[name] for name in ("commune", "mission")))
    held = mission_tellings.c
    async with ledger.writing() as connection:
        await take_turns(connection, TURN, commune=mission.commune)
        steps = select(held.number, held.what).where(this, held.ordered_at == of.ordered_at)
        known = (await connection.execute(steps)).all()
        if any(one.what == WITHDRAWN for one in known):
            return False
        number = max(one.number for one in known) + 1
        now = (await connection.execute(select(db_now()))).scalar_one()
        await connection.execute(  # nobody waits for an answer
            mission_tellings.insert().values(**row, number=number, told_at=now, ended_at=now)
        )
        if made.wave is not None:
            await call_up(connection, mission.commune, made.ident, wave=made.wave)
        line = made.line
        await append(connection, commune=mission.commune, entry=line.entry, key=line.key)
    return True
