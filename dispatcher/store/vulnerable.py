"""People of the register of vulnerable people, kept sealed: enrolled, corrected, removed, told.

Nothing here is read without its line in the journal: that is `vulnerable_looks.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.statements import insert_missing, insert_rows
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained
from dispatcher.store.vulnerable_left import Mark, come_back, has_left, is_gone, remember_gone
from dispatcher.store.vulnerable_tables import (
    vulnerable_marks,
    vulnerable_numbers,
    vulnerable_people,
)

ACKNOWLEDGED_WITHIN_DAYS = 8  # of its coming, to the person (CASF R121-4; DOMAIN §1.2)


@dataclass(frozen=True)
class Sealed:
    """What is kept of a person: who she is, where she lives, how she is reached, sealed.

    `marks` are hers; `same_as` are those of which one, on anybody else, says that it is she.
    `placed`: her address is on the map. `brings_back`: so does this, where she left or objected; a
    third party's words, or an old file's, do not.
    """

    identity: bytes
    reach: bytes
    marks: tuple[Mark, ...]
    same_as: tuple[Mark, ...]
    placed: bool
    brings_back: bool


@dataclass(frozen=True)
class Request:
    """A request to be enrolled: its id (made of the click), who asked, when it came in.

    `key_mark` tells the keys that sealed it. `old`: of a file, which brings back nobody.
    """

    entry_id: str
    asked_by: str
    received_at: float
    key_mark: str
    old: bool = False


@dataclass(frozen=True)
class AsSeen:
    """A person as somebody saw her: who corrects her has seen the last change."""

    entry_id: str
    revision: int


@dataclass(frozen=True)
class Corrected:
    """What became of a correction; `already` is the number of who is the same person.

    `left`: it would bring back somebody who left, and it was a third party who asked.
    """

    done: bool = False
    already: int | None = None
    left: bool = False


@dataclass(frozen=True)
class Enrolled:
    """What became of a request: the number of hers, or why nothing was done.

    `already` is the number of who is the same person; `left`: she left or objected, and this does
    not bring her back; `gone`: this line of a file was removed since, for whatever reason.
    """

    number: int | None = None
    already: int | None = None
    left: bool = False
    gone: bool = False


async def enrol(
    ledger: Ledger, commune: str, request: Request, *, kept: Sealed, line: Callable[[int], Chained]
) -> Enrolled:
    """Enrol a person, at once; the same click enrols once, and nobody is enrolled twice."""
    async with ledger.writing() as connection:
        await take_turns(connection, "vulnerable", commune=commune)
        this = _this(commune, request.entry_id)
        done = (await connection.execute(select(vulnerable_people.c.number).where(this))).scalar()
        if done is not None:
            return Enrolled(done)
        already = await _other(connection, commune, request.entry_id, kept=kept)
        if already is not None:
            return Enrolled(already=already)
        if not kept.brings_back and await has_left(connection, commune, kept.same_as):
            return Enrolled(left=True)
        if request.old and await is_gone(connection, commune, request.entry_id):
            return Enrolled(gone=True)
        await come_back(connection, commune, kept.same_as)
        number = await _next_number(connection, commune, request.key_mark)
        written = line(number)
        row = {
            "commune": commune, "entry_id": request.entry_id, "number": number,
            "asked_by": request.asked_by, "received_at": request.received_at,
            "recorded_at": db_now(), "recorded_by": written.entry.author,
            "identity": kept.identity, "reach": kept.reach, "placed": kept.placed,
        }  # fmt: skip
        await connection.execute(vulnerable_people.insert().values(row))
        await _mark(connection, commune, request.entry_id, kept=kept)
        await append(connection, commune=commune, entry=written.entry, key=written.key)
        return Enrolled(number)


async def correct(
    ledger: Ledger, commune: str, seen: AsSeen, *, kept: Sealed, line: Chained
) -> Corrected:
    """Put this in the place of what was kept, if nobody else changed it meanwhile."""
    async with ledger.writing() as connection:
        await take_turns(connection, "vulnerable", commune=commune)
        already = await _other(connection, commune, seen.entry_id, kept=kept)
        if already is not None:
            return Corrected(already=already)
        if not kept.brings_back and await has_left(connection, commune, kept.same_as):
            return Corrected(left=True)
        values = {
            "identity": kept.identity, "reach": kept.reach, "placed": kept.placed,
            "revision": seen.revision + 1,
        }  # fmt: skip
        same = and_(_this(commune, seen.entry_id), vulnerable_people.c.revision == seen.revision)
        changed = await connection.execute(update(vulnerable_people).where(same).values(values))
        if not changed.rowcount:
            return Corrected()
        await connection.execute(delete(vulnerable_marks).where(_hers(commune, seen.entry_id)))
        await _mark(connection, commune, seen.entry_id, kept=kept)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
        return Corrected(done=True)


async def remove(ledger: Ledger, commune: str, entry_id: str, *, left: bool, line: Chained) -> bool:
    """Remove a person, at once; `left`: she left or objected. False: nobody there."""
    async with ledger.writing() as connection:
        await take_turns(connection, "vulnerable", commune=commune)
        await remember_gone(connection, commune, entry_id, left=left)
        gone = await connection.execute(
            delete(vulnerable_people).where(_this(commune, entry_id))
        )  # her marks go with her
        if not gone.rowcount:
            return False
        await append(connection, commune=commune, entry=line.entry, key=line.key)
        return True


async def acknowledge(
    ledger: Ledger, commune: str, entry_id: str, *, how: str, line: Chained
) -> bool:
    """Note that the request was acknowledged to the person; False where it was already."""
    async with ledger.writing() as connection:
        values = {
            "acknowledged_at": db_now(),
            "acknowledged_by": line.entry.author,
            "acknowledged_how": how,
        }
        owed = and_(_this(commune, entry_id), vulnerable_people.c.acknowledged_at.is_(None))
        done = await connection.execute(update(vulnerable_people).where(owed).values(values))
        if not done.rowcount:
            return False
        await append(connection, commune=commune, entry=line.entry, key=line.key)
        return True


@dataclass(frozen=True)
class Waiting:
    """A request that nobody has acknowledged yet; `received_at` in epoch seconds."""

    entry_id: str
    number: int
    asked_by: str
    received_at: float


async def waiting_of(ledger: Ledger, commune: str) -> list[Waiting]:
    """Return the requests to acknowledge, the oldest first."""
    columns = [vulnerable_people.c[name] for name in Waiting.__dataclass_fields__]
    owed = and_(
        vulnerable_people.c.commune == commune, vulnerable_people.c.acknowledged_at.is_(None)
    )
    order = (vulnerable_people.c.received_at, vulnerable_people.c.number)
    async with ledger.reading() as connection:
        rows = await connection.execute(select(*columns).where(owed).order_by(*order))
        return [Waiting(**row._mapping) for row in rows]


async def count_of(ledger: Ledger, commune: str) -> tuple[int, int]:
    """Count the people of the register, and those of them who have no place on the map."""
    counted = select(
        func.count(), func.count().filter(~vulnerable_people.c.placed)
    ).where(vulnerable_people.c.commune == commune)  # fmt: skip
    async with ledger.reading() as connection:
        row = (await connection.execute(counted)).one()
        return row[0], row[1]


def _this(commune: str, entry_id: str) -> ColumnElement[bool]:
    return and_(vulnerable_people.c.commune == commune, vulnerable_people.c.entry_id == entry_id)


def _hers(commune: str, entry_id: str) -> ColumnElement[bool]:
    return and_(vulnerable_marks.c.commune == commune, vulnerable_marks.c.entry_id == entry_id)


async def _other(
    connection: AsyncConnection, commune: str, entry_id: str, *, kept: Sealed
) -> int | None:
    """Return the number of somebody else who is the same person; None where there is none."""
    same = and_(
        vulnerable_marks.c.commune == vulnerable_people.c.commune,
        vulnerable_marks.c.entry_id == vulnerable_people.c.entry_id,
    )
    wanted = (
        select(vulnerable_people.c.number)
        .join(vulnerable_marks, same)
        .where(
            vulnerable_marks.c.commune == commune,
            vulnerable_marks.c.entry_id != entry_id,
            tuple_(vulnerable_marks.c.kind, vulnerable_marks.c.mark).in_(kept.same_as),
        )
    )
    found: int | None = (await connection.execute(wanted)).scalar()
    return found


async def _next_number(connection: AsyncConnection, commune: str, key_mark: str) -> int:
    first = {"commune": commune, "number": 0, "key_mark": key_mark}
    await insert_missing(connection, vulnerable_numbers, [first])
    counted = (
        update(vulnerable_numbers)
        .where(vulnerable_numbers.c.commune == commune)
        .values(number=vulnerable_numbers.c.number + 1)
        .returning(vulnerable_numbers.c.number)
    )
    return int((await connection.execute(counted)).scalar_one())


async def _mark(connection: AsyncConnection, commune: str, entry_id: str, *, kept: Sealed) -> None:
    rows = [
        {"commune": commune, "kind": kind, "mark": mark, "entry_id": entry_id}
        for kind, mark in dict.fromkeys(kept.marks)
    ]
    await insert_rows(connection, vulnerable_marks, rows)
