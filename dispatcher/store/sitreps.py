"""Situation reports in the logbook: each issue is a line, numbered in its crisis."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, Line, append, line_of
from dispatcher.store.tables import logbook
from dispatcher.store.turns import take_turns

ISSUED = "sitrep.issued"


@dataclass(frozen=True)
class Issued:
    """A report that was issued: its number in the crisis, and its line."""

    number: int
    line: int


def _of(commune: str, event: str) -> ColumnElement[bool]:
    in_it = logbook.c.event == event if event else logbook.c.event.is_(None)
    return and_(logbook.c.commune == commune, in_it, logbook.c.kind == ISSUED)


async def issue(
    ledger: Ledger, commune: str, event: str, *, entry: Callable[[int], Entry], key: bytes
) -> Issued:
    """Write a report under the next number of its crisis: two at once get two numbers."""
    async with ledger.writing() as connection:
        await take_turns(connection, "logbook", commune=commune)
        number = await _next(connection, commune, event)
        line = await append(connection, commune=commune, entry=entry(number), key=key)
    return Issued(number, line)


async def _next(connection: AsyncConnection, commune: str, event: str) -> int:
    counted = select(func.count()).select_from(logbook).where(_of(commune, event))
    return int((await connection.execute(counted)).scalar_one()) + 1


async def next_number(ledger: Ledger, commune: str, event: str) -> int:
    """Return the number that the next report would have."""
    async with ledger.reading() as connection:
        return await _next(connection, commune, event)


async def issued(ledger: Ledger, commune: str, event: str) -> list[Line]:
    """Return the reports of a crisis, the newest first."""
    wanted = select(logbook).where(_of(commune, event)).order_by(logbook.c.number.desc())
    async with ledger.reading() as connection:
        return [line_of(row) for row in await connection.execute(wanted)]
