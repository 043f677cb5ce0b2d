"""A team in distress that nobody has taken: who is to be rung for, noted with what calls her."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import events
from dispatcher.store.help_rings import Ring
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.team_tables import team_alarms
from dispatcher.store.turns import take_turns
from dispatcher.store.waves import call_up

MOST_RINGS = 10


@dataclass(frozen=True)
class DueAlarm:
    """An alarm to ring for; `rings` is how often it was, `mode` that of its crisis."""

    commune: str
    alarm: str
    team: str
    mode: str
    rings: int
    again: bool


def _due(*, after_s: float, spared_s: float) -> ColumnElement[bool]:
    """Return the condition that a distress has waited `after_s`, and is to be rung for now.

    Nobody has it, or who has it was asked again and did nothing. Not taken, it is rung for anew
    after `spared_s`, the next person each time; so is it tried where there was nobody to call.
    """
    held = team_alarms.c
    alone = and_(held.owner.is_(None), held.raised_at <= db_now() - after_s)
    anew = and_(
        held.owner.is_not(None), held.again_at > held.owned_at, held.again_at <= db_now() - after_s
    )
    return and_(
        held.kind == "distress",
        held.ended_at.is_(None),
        held.rings < MOST_RINGS,
        or_(alone, anew),
        or_(
            held.rung_at.is_(None),
            held.rung_at <= db_now() - spared_s,
            held.owned_at > held.rung_at,
        ),
        or_(held.tried_at.is_(None), held.tried_at <= db_now() - spared_s),
    )


async def due_alarms(ledger: Ledger, *, after_s: float, spared_s: float) -> list[DueAlarm]:
    """Return the alarms to ring for, the oldest first."""
    held = team_alarms.c
    same = and_(events.c.commune == held.commune, events.c.event_id == held.event)
    wanted = (
        select(
            held.commune,
            held.alarm,
            held.team,
            func.coalesce(events.c.mode, "real"),
            held.rings,
            held.owner.is_not(None),
        )
        .select_from(team_alarms.outerjoin(events, same))
        .where(_due(after_s=after_s, spared_s=spared_s))
        .order_by(held.commune, held.raised_at)
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return [DueAlarm(*row) for row in rows]


async def ring_for(
    ledger: Ledger, due: DueAlarm, made: Ring, *, waits: tuple[float, float]
) -> bool:
    """Note that an alarm was rung for and call whom the wave names; False where not due.

    Without a wave: that it was tried. Its line is written the first time only.
    """
    after_s, spared_s = waits
    this = and_(team_alarms.c.commune == due.commune, team_alarms.c.alarm == due.alarm)
    async with ledger.writing() as connection:
        await take_turns(connection, "help", commune=due.commune)
        wanted = select(team_alarms.c.tried_at).where(
            this, _due(after_s=after_s, spared_s=spared_s)
        )
        found = (await connection.execute(wanted.with_for_update())).first()
        if found is None:
            return False
        called = made.wave is not None
        noted = (
            {"rung_at": db_now(), "tried_at": None, "rings": team_alarms.c.rings + 1}
            if called
            else {"tried_at": db_now()}
        )
        await connection.execute(update(team_alarms).where(this).values(**noted))
        if made.wave is not None:
            await call_up(connection, due.commune, made.ident, wave=made.wave)
        if called or found.tried_at is None:
            line = made.line
            await append(connection, commune=due.commune, entry=line.entry, key=line.key)
    return True
