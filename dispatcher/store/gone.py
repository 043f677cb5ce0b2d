"""Who was erased at her own wish: known again by marks alone, so that no file brings her back.

A mark is of her name together with a contact or a door of hers, as `registers.marks` tells two
people apart, or with the id that a file gave her. None is read back without the register's keys.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store.clock import db_now
from dispatcher.store.own_tables import gone_marks
from dispatcher.store.people import in_parts
from dispatcher.store.personal import MARK_CHARS
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Resident, marks, name_key
from dispatcher.store.statements import insert_missing


async def keep_gone(connection: AsyncConnection, register: Register, left: Resident) -> None:
    """Keep the marks of somebody who is erased, in the caller's transaction."""
    now = (await connection.execute(select(db_now()))).scalar_one()
    rows = [
        {"commune": register.commune, "mark": mark, "gone_at": now}
        for mark in _marks_of(register.ring, left)
    ]
    if rows:
        await insert_missing(connection, gone_marks, rows)


async def gone_among(
    connection: AsyncConnection, register: Register, said: Sequence[Resident]
) -> list[bool]:
    """Tell of each of these people whether she was erased, in the caller's transaction."""
    anybody = select(gone_marks.c.mark).where(gone_marks.c.commune == register.commune).limit(1)
    if (await connection.execute(anybody)).first() is None:
        return [False] * len(said)
    marked = [_marks_of(register.ring, one) for one in said]
    found = set[str]()
    for some in in_parts([mark for hers in marked for mark in hers]):
        wanted = select(gone_marks.c.mark).where(
            gone_marks.c.commune == register.commune, gone_marks.c.mark.in_(some)
        )
        found.update((await connection.execute(wanted)).scalars())
    return [not found.isdisjoint(hers) for hers in marked]


def _marks_of(ring: Ring, one: Resident) -> list[str]:
    name = name_key(one.name)
    known = [f"{name}\n{mark}" for mark in marks(one)]
    if one.external_id:
        known.append(f"{name}\nid:{one.external_id}")
    return list(dict.fromkeys(ring.mark("gone", it)[:MARK_CHARS] for it in known))
