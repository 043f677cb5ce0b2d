"""The general register as the town hall uses it: who is behind a contact, how many there are."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from dispatcher.store.cover import sure_contact
from dispatcher.store.joining import join, verify
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.own_links import Own
from dispatcher.store.people import RESIDENTS, Contact, residents_with
from dispatcher.store.personal import contact_mark, word_marks
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Resident, name_key
from dispatcher.store.tables import addresses, contacts, homes, name_marks, persons
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained


async def enrol(
    ledger: Ledger,
    commune: str,
    said: Resident,
    *,
    joined: Callable[[Resident, Resident], Resident],
    line: Chained,
) -> str:
    """Enrol somebody by her word on paper, joined to what is held of her; return her id.

    Her id is added to the line. Raises NotOpened as `joining.join` does.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=commune)
        register = Register(commune, ledger.ring)
        person, _ = await join(connection, register, said, joined=joined, confirmed=False)
        told = line.entry
        entry = Entry(told.author, told.kind, told.text, {**told.data, "person": person})
        await append(connection, commune=commune, entry=entry, key=line.key)
    return person


async def confirm(ledger: Ledger, own: Own, contact: Contact, *, line: Chained) -> bool:
    """Keep that she was reached at this contact of hers and said that it is right.

    It counts as her code would: it fails no more, and she is not awaited for the year. False where
    it is none of hers any more.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=own.commune)
        hers = residents_with(own.commune, contact_mark(ledger.ring, contact.value))
        if own.person_id not in (await connection.execute(hers)).scalars().all():
            return False
        register = Register(own.commune, ledger.ring)
        await verify(connection, register, own.person_id, contact=contact)
        await append(connection, commune=own.commune, entry=line.entry, key=line.key)
    return True


async def behind(ledger: Ledger, commune: str, contact: Contact) -> list[str]:
    """Return the ids of the residents who have this contact."""
    wanted = residents_with(commune, contact_mark(ledger.ring, contact.value))
    async with ledger.reading() as connection:
        return list((await connection.execute(wanted)).scalars())


async def named(ledger: Ledger, commune: str, name: str, *, most: int) -> list[str]:
    """Return the ids of the residents whose name has each of these words whole; `most` and one."""
    first, *others = word_marks(ledger.ring, name_key(name))
    hers = and_(
        persons.c.commune == name_marks.c.commune, persons.c.person_id == name_marks.c.person_id
    )
    wanted = (
        select(persons.c.person_id)
        .join(name_marks, hers)
        .where(
            name_marks.c.commune == commune,
            name_marks.c.mark == first,
            persons.c.source.in_(RESIDENTS),
        )
    )
    for mark in others:
        also = name_marks.alias()
        wanted = wanted.where(
            exists().where(
                also.c.commune == commune,
                also.c.mark == mark,
                also.c.person_id == name_marks.c.person_id,
            )
        )
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted.order_by(name_marks.c.person_id).limit(most + 1))
        return list(rows.scalars())


async def unplaced(ledger: Ledger, commune: str, *, limit: int) -> list[str]:
    """Return residents who are on no map with any home: no alert of an area finds them."""
    mine = and_(
        persons.c.commune == commune,
        persons.c.source.in_(RESIDENTS),
        persons.c.unsubscribed_at.is_(None),
    )
    wanted = select(persons.c.person_id).where(mine, ~_placed())
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted.order_by(persons.c.person_id).limit(limit))
        return list(rows.scalars())


async def note(ledger: Ledger, commune: str, line: Chained) -> None:
    """Write that somebody looked."""
    async with ledger.writing() as connection:
        await append(connection, commune=commune, entry=line.entry, key=line.key)


def _placed() -> ColumnElement[bool]:
    """Tell of a row of `persons` whether a home of hers is on the map, itself or by its door."""
    door = (
        select(addresses.c.address_id)
        .where(addresses.c.commune == homes.c.commune,
               addresses.c.place_mark == homes.c.place_mark, homes.c.place_mark != "",
               addresses.c.lon.is_not(None))
        .exists()
    )  # fmt: skip
    return (
        select(homes.c.person_id)
        .where(homes.c.commune == persons.c.commune, homes.c.person_id == persons.c.person_id,
               or_(homes.c.lon.is_not(None), door))
        .exists()
    )  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """How many residents are enrolled, were confirmed by a code, have left, are on no map."""

    people: int
    confirmed: int
    left: int
    unplaced: int


async def counts(ledger: Ledger, commune: str) -> Counts:
    """Count the register's people; who has left is in none of the other figures."""
    mine = and_(persons.c.commune == commune, persons.c.source.in_(RESIDENTS))
    stays = and_(mine, persons.c.unsubscribed_at.is_(None))
    of = (persons.c.commune, persons.c.person_id)
    sure = (
        select(contacts.c.person_id)
        .where(contacts.c.commune == of[0], contacts.c.person_id == of[1],
               sure_contact())
        .exists()
    )  # fmt: skip
    left = and_(mine, persons.c.unsubscribed_at.is_not(None))
    counted = (stays, and_(stays, sure), left, and_(stays, ~_placed()))
    wanted = select(
        *(select(func.count()).select_from(persons).where(one).scalar_subquery() for one in counted)
    )
    async with ledger.reading() as connection:
        return Counts(*(await connection.execute(wanted)).one())
