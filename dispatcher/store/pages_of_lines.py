"""Pages of the logbook as somebody reads it: some books, some time, the newest first."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select

from dispatcher.store.books import WRITTEN
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import PAGE, Line, line_of
from dispatcher.store.tables import logbook


@dataclass(frozen=True)
class Wanted:
    """Which lines: None where it does not matter.

    `event` empty: of no crisis. `written` True: what people wrote, False: what Tocsin wrote.
    Instants are epoch seconds, of the events.
    """

    event: str | None = None
    book: str | None = None
    author: str | None = None
    since: float | None = None
    until: float | None = None
    written: bool | None = None
    asked: bool = False  # a request was made


async def page(
    ledger: Ledger, commune: str, wanted: Wanted, *, before: int, limit: int
) -> list[Line]:
    """Return up to `limit` lines numbered below `before` (0: from the end), the newest first."""
    statement = (
        select(logbook)
        .where(logbook.c.commune == commune, *_conditions(wanted))
        .order_by(logbook.c.number.desc())
        .limit(limit)
    )
    if before:
        statement = statement.where(logbook.c.number < before)
    async with ledger.reading() as connection:
        return [line_of(row) for row in await connection.execute(statement)]


async def all_lines(ledger: Ledger, commune: str, wanted: Wanted) -> AsyncIterator[Line]:
    """Give every line wanted in the order of the chain, page by page, in flat memory."""
    after = 0
    while True:
        statement = (
            select(logbook)
            .where(logbook.c.commune == commune, logbook.c.number > after, *_conditions(wanted))
            .order_by(logbook.c.number)
            .limit(PAGE)
        )
        async with ledger.reading() as connection:
            lines = [line_of(row) for row in await connection.execute(statement)]
        for line in lines:
            yield line
        if len(lines) < PAGE:
            return
        after = lines[-1].number


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.event is not None:
        found.append(logbook.c.event == wanted.event if wanted.event else logbook.c.event.is_(None))
    if wanted.book is not None:
        found.append(logbook.c.book == wanted.book if wanted.book else logbook.c.book.is_(None))
    if wanted.author is not None:
        found.append(logbook.c.author == wanted.author)
    if wanted.since is not None:
        found.append(logbook.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(logbook.c.at <= wanted.until)
    if wanted.written is not None:
        inside = logbook.c.kind.in_(WRITTEN)
        found.append(inside if wanted.written else ~inside)
    if wanted.asked:
        found.append(logbook.c.request.is_not(None))
    return found


async def by_number(ledger: Ledger, commune: str, number: int) -> Line | None:
    """Return one line."""
    this = and_(logbook.c.commune == commune, logbook.c.number == number)
    async with ledger.reading() as connection:
        row = (await connection.execute(select(logbook).where(this))).first()
    return line_of(row) if row else None


async def later(ledger: Ledger, commune: str, numbers: Sequence[int]) -> list[Line]:
    """Return the lines that correct these, or tell their end."""
    if not numbers:
        return []
    found: list[Line] = []
    async with ledger.reading() as connection:
        for column in (logbook.c.supersedes, logbook.c.closes):
            rows = await connection.execute(
                select(logbook).where(logbook.c.commune == commune, column.in_(numbers))
            )
            found += [line_of(row) for row in rows]
    return found
