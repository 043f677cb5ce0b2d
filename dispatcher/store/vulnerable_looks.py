"""The one way to read people of the register: with a line in the journal, in one transaction.

A line tells who saw what and on what ground; it only grows (triggers keep it), and stays when the
person is gone, under an id that then says nothing of her.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.statements import insert_rows
from dispatcher.store.turns import take_turns
from dispatcher.store.vulnerable_left import Mark
from dispatcher.store.vulnerable_tables import (
    vulnerable_looks,
    vulnerable_marks,
    vulnerable_openings,
    vulnerable_people,
)


@dataclass(frozen=True)
class Kept:
    """A person of the register as the ledger keeps her; instants are epoch seconds."""

    entry_id: str
    number: int
    identity: bytes
    reach: bytes
    placed: bool
    asked_by: str
    received_at: float
    recorded_at: float
    recorded_by: str
    acknowledged_at: float | None
    acknowledged_by: str | None
    acknowledged_how: str | None
    revision: int


class RegisterShut(Exception):
    """The opening on whose ground somebody looks has ended: nothing is given."""


@dataclass(frozen=True)
class Look:
    """Who looks, at what (search, card, numbers, letter, list), on which ground or for what."""

    login: str
    what: str
    reason: str
    opening_id: str | None = None


@dataclass(frozen=True)
class Looked:
    """A line of the journal; `people` is how many she saw."""

    number: int
    at: float
    login: str
    what: str
    entry_id: str | None
    opening_id: str | None
    reason: str
    people: int


_COLUMNS = [vulnerable_people.c[name] for name in Kept.__dataclass_fields__]


async def look_at(ledger: Ledger, commune: str, entry_id: str, *, look: Look) -> Kept | None:
    """Return one person, and write that she was looked at; None where nobody is there.

    Raises RegisterShut, as the others here do.
    """
    this = vulnerable_people.c.entry_id == entry_id
    async with ledger.writing() as connection:
        found = await _people(connection, commune, this)
        await _note(connection, commune, [one.entry_id for one in found], look=look)
        return found[0] if found else None


async def look_up(ledger: Ledger, commune: str, marks: Sequence[Mark], *, look: Look) -> list[Kept]:
    """Return the people who have one of these marks; write each, or that nobody was found."""
    marked = select(vulnerable_marks.c.entry_id).where(
        vulnerable_marks.c.commune == commune,
        tuple_(vulnerable_marks.c.kind, vulnerable_marks.c.mark).in_(marks),
    )
    async with ledger.writing() as connection:
        found = await _people(connection, commune, vulnerable_people.c.entry_id.in_(marked))
        await _note(connection, commune, [one.entry_id for one in found] or [None], look=look)
        return found


async def look_over(ledger: Ledger, commune: str, *, look: Look) -> list[Kept]:
    """Return everybody, and write one line that says how many they were."""
    async with ledger.writing() as connection:
        found = await _people(connection, commune, vulnerable_people.c.commune == commune)
        await _note(connection, commune, [None], look=look, people=len(found))
        return found


async def _people(
    connection: AsyncConnection, commune: str, which: ColumnElement[bool]
) -> list[Kept]:
    wanted = (
        select(*_COLUMNS)
        .where(vulnerable_people.c.commune == commune, which)
        .order_by(vulnerable_people.c.number)
    )
    return [Kept(**row._mapping) for row in await connection.execute(wanted)]


async def _note(
    connection: AsyncConnection,
    commune: str,
    seen: Sequence[str | None],
    *,
    look: Look,
    people: int = 0,
) -> None:
    await take_turns(connection, "vulnerable looks", commune=commune)
    if look.opening_id is not None:
        await _check_open(connection, commune, look.opening_id)
    counted = select(func.coalesce(func.max(vulnerable_looks.c.number), 0)).where(
        vulnerable_looks.c.commune == commune
    )
    last = (await connection.execute(counted)).scalar_one()
    now = (await connection.execute(select(db_now()))).scalar_one()
    rows = [
        {
            "commune": commune, "number": number, "at": now, **vars(look), "entry_id": entry_id,
            "people": 1 if entry_id else people,
        }
        for number, entry_id in enumerate(seen, last + 1)
    ]  # fmt: skip
    await insert_rows(connection, vulnerable_looks, rows)


async def _check_open(connection: AsyncConnection, commune: str, opening_id: str) -> None:
    """Raise RegisterShut where the opening has ended; who shuts it waits for this transaction."""
    there = select(vulnerable_openings.c.opening_id).where(
        vulnerable_openings.c.commune == commune,
        vulnerable_openings.c.opening_id == opening_id,
        vulnerable_openings.c.closed_at.is_(None),
    )
    if (await connection.execute(there)).first() is None:
        raise RegisterShut


async def note(ledger: Ledger, commune: str, entry_id: str | None, *, look: Look) -> None:
    """Write a look that a refusal tells something by: that she is there, or that she left."""
    async with ledger.writing() as connection:
        await _note(connection, commune, [entry_id], look=look)


async def journal_of(
    ledger: Ledger, commune: str, *, before: int | None = None, most: int = 200
) -> list[Looked]:
    """Return lines of the journal, the newest first, older than number `before`."""
    columns = [vulnerable_looks.c[name] for name in Looked.__dataclass_fields__]
    which = vulnerable_looks.c.commune == commune
    if before is not None:
        which = and_(which, vulnerable_looks.c.number < before)
    wanted = select(*columns).where(which).order_by(vulnerable_looks.c.number.desc()).limit(most)
    async with ledger.reading() as connection:
        return [Looked(**row._mapping) for row in await connection.execute(wanted)]
