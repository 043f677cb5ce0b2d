"""Stopping a summons: nobody more is called, and what has not left yet does not leave."""

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.crisis_tables import summonses
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import versions
from dispatcher.store.summonses import Summons
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained, over


async def end_summonses(connection: AsyncConnection, event: tuple[str, str], *, by: str) -> int:
    """Stop, inside the caller's transaction, every summons of an event that still runs."""
    commune, event_id = event
    await take_turns(connection, "summons", commune=commune)  # no worker calls meanwhile
    running = (
        summonses.c.commune == commune,
        summonses.c.event_id == event_id,
        summonses.c.over_at.is_(None),
    )
    ids = (await connection.execute(select(summonses.c.summons_id).where(*running))).scalars()
    stopped = sorted(ids)
    for summons_id in stopped:
        await _end(connection, commune, summons_id, by=by)
    return len(stopped)


async def _end(connection: AsyncConnection, commune: str, summons_id: str, *, by: str) -> bool:
    this = and_(summonses.c.commune == commune, summonses.c.summons_id == summons_id)
    ended = await connection.execute(
        update(summonses)
        .where(this, summonses.c.over_at.is_(None))
        .values(stopped_by=by, over_at=db_now())
    )
    if ended.rowcount == 0:
        return False
    await connection.execute(
        update(versions)
        .where(
            versions.c.commune == commune,
            versions.c.alert_id == summons_id,
            versions.c.state == "launched",
        )
        .values(
            state="cancelled",
            cancelled_by=by,
            cancelled_at=db_now(),
            finished_at=None,
            pursuit=over(),
        )
    )
    return True


async def stop_summons(ledger: Ledger, summons: Summons, *, line: Chained) -> bool:
    """Call nobody more; False where it was over already."""
    async with ledger.writing() as connection:
        author = line.entry.author
        await take_turns(connection, "summons", commune=summons.commune)
        if not await _end(connection, summons.commune, summons.summons_id, by=author):
            return False
        await append(connection, commune=summons.commune, entry=line.entry, key=line.key)
    ledger.passing(CrashPoint.CP9)
    return True
