"""Who was erased at her own wish: known again by marks alone, so that no file brings her back.

A mark is of a name together with a contact or a door, as an import tells two people apart
(`namesakes.py`), or with the id that a file gave her. Two ids never are one person, so a door tells
only where one side has none. Where one side has no name, a contact alone tells. None is read back
without the register's keys.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store.clock import db_now
from dispatcher.store.own_tables import gone_marks
from dispatcher.store.people import in_parts
from dispatcher.store.personal import MARK_CHARS
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Resident, marks, name_key
from dispatcher.store.statements import insert_for

_WAYS = ("mobile", "fixed", "email", "webhook")  # kinds of contacts
_ENDS = ("named", "nameless")


async def keep_gone(connection: AsyncConnection, register: Register, left: Resident) -> None:
    """Keep the marks of somebody who is erased now, in the caller's transaction."""
    now = (await connection.execute(select(db_now()))).scalar_one()
    rows = [
        {"commune": register.commune, "mark": mark, "gone_at": now}
        for mark in _marked(register.ring, _kept(left))
    ]
    if rows:
        step = insert_for(connection, gone_marks)
        again = {"gone_at": step.excluded.gone_at}
        key = [gone_marks.c.commune, gone_marks.c.mark]
        await connection.execute(step.on_conflict_do_update(index_elements=key, set_=again), rows)


async def gone_since(
    connection: AsyncConnection, ring: Ring, *, commune: str, contacts: Iterable[str]
) -> dict[str, float]:
    """Return when whoever had each of these contacts was erased last; without those never seen."""
    whose = {
        mark: one
        for one in contacts
        for mark in _marked(ring, [f"\n{kind}:{one}\n{end}" for kind in _WAYS for end in _ENDS])
    }
    found: dict[str, float] = {}
    for some in in_parts(list(whose)):
        wanted = select(gone_marks.c.mark, gone_marks.c.gone_at).where(
            gone_marks.c.commune == commune, gone_marks.c.mark.in_(some)
        )
        for mark, at in await connection.execute(wanted):
            found[whose[mark]] = max(at, found.get(whose[mark], at))
    return found


async def gone_among(
    connection: AsyncConnection, register: Register, said: Sequence[Resident]
) -> list[bool]:
    """Tell of each of these people whether she was erased, in the caller's transaction."""
    anybody = select(gone_marks.c.mark).where(gone_marks.c.commune == register.commune).limit(1)
    if (await connection.execute(anybody)).first() is None:
        return [False] * len(said)
    marked = [_marked(register.ring, _compared(one)) for one in said]
    found = set[str]()
    for some in in_parts([mark for hers in marked for mark in hers]):
        wanted = select(gone_marks.c.mark).where(
            gone_marks.c.commune == register.commune, gone_marks.c.mark.in_(some)
        )
        found.update((await connection.execute(wanted)).scalars())
    return [not found.isdisjoint(hers) for hers in marked]


def _kept(left: Resident) -> Iterator[str]:
    """Give what is kept of somebody who is erased."""
    name = name_key(left.name)
    for kind, mark in _told(left):
        if kind == "home":
            yield f"{name}\n{mark}\n{'id' if left.external_id else ''}"
        else:
            yield f"{name}\n{mark}"
            yield f"\n{mark}\n{'named' if name else 'nameless'}"
    if left.external_id:
        yield f"{name}\nid:{left.external_id}"


def _compared(said: Resident) -> Iterator[str]:
    """Give what a line of a file is compared by."""
    name = name_key(said.name)
    for kind, mark in _told(said):
        if kind == "home":
            yield f"{name}\n{mark}\n"
            if not said.external_id:
                yield f"{name}\n{mark}\nid"
        else:
            yield f"{name}\n{mark}"
            yield f"\n{mark}\nnameless"
            if not name:
                yield f"\n{mark}\nnamed"
    if said.external_id:
        yield f"{name}\nid:{said.external_id}"


def _told(one: Resident) -> Iterator[tuple[str, str]]:
    for mark in marks(one):
        yield mark.partition(":")[0], mark


def _marked(ring: Ring, told: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(ring.mark("gone", one)[:MARK_CHARS] for one in told))
