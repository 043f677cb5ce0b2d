"""The RAC is called because nobody has taken a call for help: once, with what calls her."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.following_tables import help_calls
from dispatcher.store.help_due import Due, unowned
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained
from dispatcher.store.waves import Wave, call_up


@dataclass(frozen=True)
class Ring:
    """Who is called, under which id, and the line that tells it; no wave: nobody can be called."""

    ident: str
    wave: Wave | None
    line: Chained


async def ring(ledger: Ledger, due: Due, made: Ring, *, waits: tuple[float, float]) -> int:
    """Note that a commune's calls were rung for, and call whom the wave names; return how many.

    Where nobody can be called, that it was tried: each call's first try is a line of the logbook.

    In one transaction, once however many workers try: what somebody took meanwhile is left out,
    and nobody is called for nothing. `waits` are those of `unowned`, in seconds.
    """
    after_s, spared_s = waits
    async with ledger.writing() as connection:
        await take_turns(connection, "help", commune=due.commune)
        ids = await _still(connection, due, after_s=after_s, spared_s=spared_s)
        if not ids:
            return 0
        theirs = and_(help_calls.c.commune == due.commune, help_calls.c.call_id.in_(ids))
        called = made.wave is not None
        told = called or await _are_new(connection, theirs)
        noted = {"rung_at": db_now(), "tried_at": None} if called else {"tried_at": db_now()}
        await connection.execute(update(help_calls).where(theirs).values(**noted))
        if made.wave is not None:
            await call_up(connection, due.commune, made.ident, wave=made.wave)
        if told:
            line = made.line
            await append(connection, commune=due.commune, entry=line.entry, key=line.key)
        return len(ids)


async def _are_new(connection: AsyncConnection, theirs: ColumnElement[bool]) -> bool:
    """Tell whether one of these calls was never tried before: the logbook is not told twice."""
    untried = select(help_calls.c.call_id).where(theirs, help_calls.c.tried_at.is_(None)).limit(1)
    return (await connection.execute(untried)).first() is not None


async def _still(
    connection: AsyncConnection, due: Due, *, after_s: float, spared_s: float
) -> list[str]:
    wanted = select(help_calls.c.call_id).where(
        help_calls.c.commune == due.commune,
        help_calls.c.mode == due.mode,
        help_calls.c.call_id.in_(due.calls),
        unowned(after_s=after_s, spared_s=spared_s),
    )
    return list((await connection.execute(wanted.with_for_update())).scalars())
