"""Who is gone from the register: remembered by marks alone, so that nobody is brought back.

Inside the caller's transaction, whose turn on the register is taken.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.statements import insert_missing
from dispatcher.store.vulnerable_tables import vulnerable_left, vulnerable_marks

SURNAME, PHONE, BORN, HOME, HOME_ONLY = "surname", "phone", "born", "home", "home_only"
WHOLE = (BORN, HOME, HOME_ONLY)  # of a person: by birth, by home, by home for want of a birth
ENTRY = "entry"

Mark = tuple[str, str]  # its kind, and itself


async def remember_gone(
    connection: AsyncConnection, commune: str, entry_id: str, *, left: bool
) -> None:
    """Keep that she is gone: by her entry for old files, by all her marks where she left."""
    marks: list[Mark] = [(ENTRY, entry_id)]
    if left:
        hers = and_(
            vulnerable_marks.c.commune == commune,
            vulnerable_marks.c.entry_id == entry_id,
            vulnerable_marks.c.kind.in_(WHOLE),
        )
        wanted = select(vulnerable_marks.c.kind, vulnerable_marks.c.mark).where(hers)
        marks += [(row.kind, row.mark) for row in await connection.execute(wanted)]
    now = (await connection.execute(select(db_now()))).scalar_one()
    rows = [
        {"commune": commune, "kind": kind, "mark": mark, "entry_id": entry_id, "left_at": now}
        for kind, mark in marks
    ]
    await insert_missing(connection, vulnerable_left, rows)


async def has_left(connection: AsyncConnection, commune: str, same_as: Sequence[Mark]) -> bool:
    """Tell whether the person of whom these marks tell left or objected."""
    wanted = select(vulnerable_left.c.entry_id).where(_is_she(commune, same_as)).limit(1)
    return (await connection.execute(wanted)).first() is not None


async def is_gone(connection: AsyncConnection, commune: str, entry_id: str) -> bool:
    """Tell whether this very entry was removed, for whatever reason."""
    wanted = select(vulnerable_left.c.entry_id).where(_is_she(commune, [(ENTRY, entry_id)]))
    return (await connection.execute(wanted)).first() is not None


async def come_back(connection: AsyncConnection, commune: str, same_as: Sequence[Mark]) -> None:
    """Forget that she left: by all the marks that she had then."""
    hers = select(vulnerable_left.c.entry_id).where(_is_she(commune, same_as))
    gone = and_(vulnerable_left.c.commune == commune, vulnerable_left.c.entry_id.in_(hers))
    await connection.execute(delete(vulnerable_left).where(gone))


def _is_she(commune: str, same_as: Sequence[Mark]) -> ColumnElement[bool]:
    return and_(
        vulnerable_left.c.commune == commune,
        tuple_(vulnerable_left.c.kind, vulnerable_left.c.mark).in_(same_as),
    )
