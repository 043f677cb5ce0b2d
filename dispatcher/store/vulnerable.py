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
from dispatcher.store.vulnerable_tables import (
    vulnerable_left,
    vulnerable_marks,
    vulnerable_numbers,
    vulnerable_people,
)

ACKNOWLEDGED_WITHIN_DAYS = 8  # of its coming, to the person (CASF R121-4; DOMAIN §1.2)
SURNAME, PHONE, BORN, HOME, HOME_ONLY = "surname", "phone", "born", "home", "home_only"
WHOLE = (BORN, HOME, HOME_ONLY)  # of a person: by birth, by home, by home for want of a birth

Mark = tuple[str, str]  # its kind, and itself


@dataclass(frozen=True)
class Sealed:
    """What is kept of a person: who she is and how she is reached, sealed; where she lives.

    `marks` are hers; `same_as` are those of which one, on anybody else, says that it is she.
    """

    identity: bytes
    reach: bytes
    marks: tuple[Mark, ...]
    same_as: tuple[Mark, ...]
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Request:
    """A request to be enrolled: its id (made of the click), who asked, when it came in.

    `brings_back`: it enrols who left or objected; a third party's, or an old file's, does not.
    """

    entry_id: str
    asked_by: str
    received_at: float
    brings_back: bool


@dataclass(frozen=True)
class AsSeen:
    """A person as somebody saw her: who corrects her has seen the last change."""

    entry_id: str
    revision: int


@dataclass(frozen=True)
class Corrected:
    """What became of a correction; `already` is the number of who is the same person."""

    done: bool = False
    already: int | None = None


@dataclass(frozen=True)
class Enrolled:
    """What became of a request: the number of hers; or of the one there already; or when she left.

    `left_at` is set where this request does not bring back who left or objected: nothing was done.
    """

    number: int | None = None
    already: int | None = None
    left_at: float | None = None


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
        left_at = await _left_at(connection, commune, kept)
        if left_at is not None and not request.brings_back:
            return Enrolled(left_at=left_at)
        await _come_back(connection, commune, kept)
        number = await _next_number(connection, commune)
        written = line(number)
        row = {
            "commune": commune, "entry_id": request.entry_id, "number": number,
            "asked_by": request.asked_by, "received_at": request.received_at,
            "recorded_at": db_now(), "recorded_by": written.entry.author,
            "identity": kept.identity, "reach": kept.reach, "lon": kept.lon, "lat": kept.lat,
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
        values = {
            "identity": kept.identity, "reach": kept.reach, "lon": kept.lon, "lat": kept.lat,
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


async def remove(
    ledger: Ledger, commune: str, entry_id: str, *, remember: bool, line: Chained
) -> bool:
    """Remove a person, at once; her marks stay where she left or objected. False: nobody there."""
    async with ledger.writing() as connection:
        await take_turns(connection, "vulnerable", commune=commune)
        if remember:
            await _remember(connection, commune, entry_id)
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
        func.count(), func.count().filter(vulnerable_people.c.lon.is_(None))
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


async def _remember(connection: AsyncConnection, commune: str, entry_id: str) -> None:
    whole = and_(_hers(commune, entry_id), vulnerable_marks.c.kind.in_(WHOLE))
    marks = select(vulnerable_marks.c.kind, vulnerable_marks.c.mark).where(whole)
    now = (await connection.execute(select(db_now()))).scalar_one()
    rows = [
        {
            "commune": commune,
            "kind": row.kind,
            "mark": row.mark,
            "entry_id": entry_id,
            "left_at": now,
        }
        for row in await connection.execute(marks)
    ]
    await insert_rows(connection, vulnerable_left, rows)


def _is_left(commune: str, kept: Sealed) -> ColumnElement[bool]:
    return and_(
        vulnerable_left.c.commune == commune,
        tuple_(vulnerable_left.c.kind, vulnerable_left.c.mark).in_(kept.same_as),
    )


async def _left_at(connection: AsyncConnection, commune: str, kept: Sealed) -> float | None:
    """Return when this person left or objected; None where she never did."""
    wanted = select(func.max(vulnerable_left.c.left_at)).where(_is_left(commune, kept))
    found: float | None = (await connection.execute(wanted)).scalar()
    return found


async def _come_back(connection: AsyncConnection, commune: str, kept: Sealed) -> None:
    """Forget that she left: by all the marks that she had then."""
    hers = select(vulnerable_left.c.entry_id).where(_is_left(commune, kept))
    gone = and_(vulnerable_left.c.commune == commune, vulnerable_left.c.entry_id.in_(hers))
    await connection.execute(delete(vulnerable_left).where(gone))


async def _next_number(connection: AsyncConnection, commune: str) -> int:
    await insert_missing(connection, vulnerable_numbers, [{"commune": commune, "number": 0}])
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
