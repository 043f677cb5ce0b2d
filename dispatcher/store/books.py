"""The books of a commune and of its crises: opened, written in, closed.

The lines of all books are one chain, so a book can neither be lost nor begun anew unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import events
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.logbook_tables import books
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import logbook
from dispatcher.store.turns import take_turns

LINE, CORRECTION, CLOSING = "logbook.line", "logbook.correction", "logbook.closing"
WRITTEN = (LINE, CORRECTION, CLOSING)  # kinds of lines that people write
PAPER = "paper"


@dataclass(frozen=True)
class NewBook:
    """A book to be opened: `kind` is general, cell, centre or provisional."""

    code: str
    label: str
    kind: str = "cell"


@dataclass(frozen=True)
class Book:
    """A book as it stands; `event_id` is empty for those of the commune itself."""

    commune: str
    event_id: str
    code: str
    label: str
    kind: str
    opened_at: float
    opened_by: str
    closed_at: float | None
    closed_by: str | None


class NotWritten(Exception):
    """Why a line cannot stand, in a word.

    no_event, no_book, book_closed, no_line, automatic, corrected, closed.
    """

    def __init__(self, why: str, number: int = 0) -> None:
        """Name the line that it is about, or that stands in the way."""
        super().__init__(why)
        self.why = why
        self.number = number


@dataclass(frozen=True)
class Opening:
    """Books to open: of which commune and crisis, by whom."""

    commune: str
    event_id: str
    books: Sequence[NewBook]
    by: str


async def open_in(connection: AsyncConnection, opening: Opening) -> list[NewBook]:
    """Open the books that are not there yet, in the caller's transaction; return those.

    The caller's own line tells of it: who activates a plan opens the books of its cells.
    """
    now = (await connection.execute(select(db_now()))).scalar_one()
    new = []
    for one in opening.books:
        row = {
            "commune": opening.commune,
            "event_id": opening.event_id,
            **vars(one),
            "opened_at": now,
            "opened_by": opening.by,
        }
        if await insert_missing(connection, books, [row]):
            new.append(one)
    return new


async def open_books(ledger: Ledger, opening: Opening, *, entry: Entry, key: bytes) -> list[str]:
    """Open the books that are not there yet, with a line; return their codes."""
    async with ledger.writing() as connection:
        new = await open_in(connection, opening)
        if new:
            await append(connection, commune=opening.commune, entry=entry, key=key)
    return [one.code for one in new]


async def close_in(connection: AsyncConnection, event: tuple[str, str], *, by: str) -> int:
    """Close the open books of a crisis, in the caller's transaction; return how many there were."""
    done = await connection.execute(
        update(books)
        .where(
            books.c.commune == event[0],
            books.c.event_id == event[1],
            books.c.closed_at.is_(None),
        )
        .values(closed_at=db_now(), closed_by=by)
    )
    return done.rowcount


async def close_books(
    ledger: Ledger, commune: str, event_id: str, *, entry: Entry, key: bytes
) -> int:
    """Close the open books of a crisis, with a line; return how many there were."""
    async with ledger.writing() as connection:
        done = await close_in(connection, (commune, event_id), by=entry.author)
        if done:
            await append(connection, commune=commune, entry=entry, key=key)
    return done


async def all_books(ledger: Ledger, commune: str) -> list[Book]:
    """Return every book: those of the commune first, then of each crisis, as they were opened."""
    wanted = (
        select(books)
        .where(books.c.commune == commune)
        .order_by(books.c.event_id != "", books.c.opened_at, books.c.code)
    )
    async with ledger.reading() as connection:
        return [Book(**row._mapping) for row in await connection.execute(wanted)]


async def write(ledger: Ledger, *, commune: str, entry: Entry, key: bytes) -> int:
    """Write a line that somebody writes in a book; return its number.

    A closed book still takes what was noted on paper, and corrections. Raises NotWritten.
    """
    async with ledger.writing() as connection:
        # Before what is read here: two who correct one line, or close it, come one by one.
        await take_turns(connection, "logbook", commune=commune)
        await _check_book(connection, commune, entry)
        told = entry.particulars
        if told.supersedes is not None:
            await _check(connection, commune, told.supersedes, closing=False)
        if told.closes is not None:
            await _check(connection, commune, told.closes, closing=True)
        return await append(connection, commune=commune, entry=entry, key=key)


async def _check_book(connection: AsyncConnection, commune: str, entry: Entry) -> None:
    told = entry.particulars
    if told.book is None:
        await _check_event(connection, commune, told.event)
        return
    this = and_(
        books.c.commune == commune,
        books.c.event_id == (told.event or ""),
        books.c.code == told.book,
    )
    found = (await connection.execute(select(books.c.closed_at).where(this))).first()
    if found is None:
        raise NotWritten("no_book")
    late = told.channel == PAPER or told.supersedes is not None
    if found.closed_at is not None and not late:
        raise NotWritten("book_closed")


async def _check_event(connection: AsyncConnection, commune: str, event: str | None) -> None:
    """Refuse a line of a crisis that is none: nobody would ever read it again."""
    if event is None:
        return
    this = and_(events.c.commune == commune, events.c.event_id == event)
    if (await connection.execute(select(events.c.event_id).where(this))).first() is None:
        raise NotWritten("no_event")


async def _check(connection: AsyncConnection, commune: str, number: int, *, closing: bool) -> None:
    """Refuse what cannot be corrected or closed: a closing counts for what was corrected since."""
    of = logbook.c.commune == commune
    this = select(logbook.c.kind, logbook.c.supersedes).where(of, logbook.c.number == number)
    found = (await connection.execute(this)).first()
    if found is None:
        raise NotWritten("no_line", number)
    if found.kind not in WRITTEN or (closing and found.kind == CLOSING):
        raise NotWritten("automatic", number)
    newer = select(logbook.c.number).where(of, logbook.c.supersedes == number)
    if (corrected := (await connection.execute(newer)).scalar()) is not None:
        raise NotWritten("corrected", corrected)
    at: int | None = number
    while closing and at is not None:
        ended = select(logbook.c.number).where(of, logbook.c.closes == at)
        if (by := (await connection.execute(ended)).scalar()) is not None:
            raise NotWritten("closed", by)
        earlier = select(logbook.c.supersedes).where(of, logbook.c.number == at)
        at = (await connection.execute(earlier)).scalar()
