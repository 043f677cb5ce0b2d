"""Somebody enrolled by her own word, joined to what is held of her already."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.failing import works_again
from dispatcher.store.people import OWN, RESIDENTS, Contact
from dispatcher.store.register_rows import Register, insert, restate, rewrite
from dispatcher.store.registers import Resident, held, name_key
from dispatcher.store.tables import contacts, homes, persons


async def join(
    connection: AsyncConnection,
    register: Register,
    said: Resident,
    *,
    joined: Callable[[Resident, Resident], Resident],
    confirmed: bool = True,
) -> tuple[str, bool]:
    """Enrol somebody by her own word, or join what she says to what is held of her.

    In the caller's transaction, who has taken the turn of `people`. Her contacts are verified,
    unless they are of a form on paper that nobody `confirmed`. Who
    has one of them and her name, or neither name nor home, is she; a home in common is no proof,
    since anybody may give it. Who had unsubscribed comes back. Returns her id, and whether she was
    enrolled before. Raises NotOpened where what is held of her does not open.
    """
    commune = register.commune
    known = await _same(connection, register, said)
    ident = known or secrets.token_hex(16)
    if known is None:
        await insert(connection, register, source=OWN, people={ident: said})
    else:
        await rejoin(connection, register, known, of=lambda one: joined(one, said))
    hers = and_(persons.c.commune == commune, persons.c.person_id == ident)
    back = {"source": OWN, "unsubscribed_at": None}
    await connection.execute(update(persons).where(hers).values(back))
    if confirmed:
        marks = {one: db_now() for one in _marks_of(register, said)}
        await keep_verified(connection, commune, ident, marks)
        await works_again(connection, commune, ident, marks=marks)
    return ident, known is not None


async def verify(
    connection: AsyncConnection, register: Register, person_id: str, *, contact: Contact
) -> None:
    """Keep that whoever holds a contact of hers confirmed it, in the caller's transaction."""
    mark = personal.contact_mark(register.ring, contact.value)
    await keep_verified(connection, register.commune, person_id, {mark: db_now()})
    await works_again(connection, register.commune, person_id, marks=[mark])


async def rejoin(
    connection: AsyncConnection,
    register: Register,
    person_id: str,
    *,
    of: Callable[[Resident], Resident],
    own_word: bool = True,
) -> bool:
    """Write somebody anew, made of what is held. False: she is not there.

    In the caller's transaction, who has taken the turn of `people`. Her verified contacts stay so.
    By her `own_word` a file changes nothing of it any more (`enrolment.py`). Raises NotOpened as
    `join` does.
    """
    commune = register.commune
    known = await read_whole(connection, register, person_id)
    if known is None:
        return False
    changed = of(known)
    around = (changed.contacts, changed.homes) != (known.contacts, known.homes)
    write = rewrite if around else restate  # homes that stay are not counted again by anybody
    await write(connection, register, {person_id: changed})
    if own_word:
        hers = and_(persons.c.commune == commune, persons.c.person_id == person_id)
        await connection.execute(update(persons).where(hers).values(source=OWN))
    return True


async def read_whole(
    connection: AsyncConnection, register: Register, person_id: str
) -> Resident | None:
    """Return all that is held of somebody; raises NotOpened where something does not open.

    Written anew, it would be lost.
    """
    found = await held(connection, register.commune, [person_id], ring=register.ring)
    known = found.get(person_id)
    if known is None:
        return None
    await _sure(connection, register, person_id)
    return known


async def _sure(connection: AsyncConnection, register: Register, person_id: str) -> None:
    """Open each sealed word of hers; raises NotOpened at the first that does not."""
    commune, ring = register.commune, register.ring
    for table in (persons, contacts, homes):
        hers = and_(table.c.commune == commune, table.c.person_id == person_id)
        for row in (await connection.execute(select(table).where(hers))).all():
            if table is persons:
                personal.sure(ring, row.name, personal.name_at(commune, person_id))
            elif table is contacts:
                place = personal.contact_at(commune, person_id, row.mark)
                personal.sure(ring, row.value, place)
            else:
                place = personal.home_at(commune, person_id, row.number)
                personal.sure(ring, row.label, place)


_PLACED = (  # a number is given to somebody else: her home is not
    select(homes.c.person_id)
    .where(
        homes.c.commune == persons.c.commune,
        homes.c.person_id == persons.c.person_id,
        homes.c.place_mark != "",
    )
    .exists()
)


async def _same(connection: AsyncConnection, register: Register, said: Resident) -> str | None:
    hers = and_(
        persons.c.commune == contacts.c.commune, persons.c.person_id == contacts.c.person_id
    )
    wanted = (
        select(persons.c.person_id, persons.c.name, _PLACED.label("placed"))
        .join(contacts, hers)
        .where(
            contacts.c.commune == register.commune,
            contacts.c.kind.in_([one.kind for one in said.contacts]),
            contacts.c.mark.in_(_marks_of(register, said)),
            persons.c.source.in_(RESIDENTS),
        )
        .order_by(persons.c.person_id)
    )
    nameless = None
    rows = (await connection.execute(wanted)).all()
    if not name_key(said.name) and len({row.person_id for row in rows}) == 1:
        return str(rows[0].person_id)  # by SMS no name is given: the number is hers alone
    for row in rows:
        place = personal.name_at(register.commune, row.person_id)
        name = name_key(personal.sure(register.ring, row.name, place))
        if name == name_key(said.name):
            return str(row.person_id)
        nameless = nameless or (None if name or row.placed else row.person_id)
    return nameless


def _marks_of(register: Register, said: Resident) -> list[str]:
    return [personal.contact_mark(register.ring, one.value) for one in said.contacts]


async def verified(
    connection: AsyncConnection, commune: str, person_id: str
) -> dict[str, float]:  # fmt: skip
    """Return when contacts of hers were confirmed, by their marks; of the others nothing."""
    wanted = select(contacts.c.mark, contacts.c.verified_at).where(
        contacts.c.commune == commune,
        contacts.c.person_id == person_id,
        contacts.c.verified_at.is_not(None),
    )
    return {row.mark: row.verified_at for row in await connection.execute(wanted)}


async def keep_verified(
    connection: AsyncConnection, commune: str, person_id: str, marks: Mapping[str, Any]
) -> None:
    """Keep when contacts of hers were confirmed, by their marks, in the caller's transaction."""
    for mark, at in marks.items():
        hers = and_(contacts.c.commune == commune, contacts.c.person_id == person_id)
        statement = update(contacts).where(hers, contacts.c.mark == mark)
        await connection.execute(statement.values(verified_at=at))
