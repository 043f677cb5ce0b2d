"""What somebody does with what is held of her: look, change it, leave, come back, be erased."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.addresses import by_key
from dispatcher.store.clock import db_now
from dispatcher.store.erasing import erase_in
from dispatcher.store.failing import failing_of
from dispatcher.store.gone import keep_gone
from dispatcher.store.joining import read_whole, rejoin, verified
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.own_links import Own
from dispatcher.store.people import RESIDENTS
from dispatcher.store.personal import contact_mark
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Resident, held
from dispatcher.store.tables import persons
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained


@dataclass(frozen=True)
class Kept:
    """What is held of somebody: herself, when each contact was confirmed, whence, when she left.

    `confirmed` has an instant for each contact of `resident`, None where nobody confirmed it.
    """

    resident: Resident
    source: str
    confirmed: tuple[float | None, ...]
    left_at: float | None
    failing: tuple[tuple[str, float] | None, ...]  # likewise: why and since when each fails


async def kept_of(ledger: Ledger, own: Own) -> Kept | None:
    """Return what is held of her; None where she is not enrolled any more."""
    wanted = select(persons.c.source, persons.c.unsubscribed_at).where(_hers(own))
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
        found = await held(connection, own.commune, [own.person_id], ring=ledger.ring)
        sure = await verified(connection, own.commune, own.person_id)
        fails = await failing_of(connection, own.commune, own.person_id)
    if row is None or own.person_id not in found:
        return None
    one = await _placed(ledger, own, found[own.person_id])
    marks = [contact_mark(ledger.ring, way.value) for way in one.contacts]
    dead = tuple(map(fails.get, marks))
    return Kept(one, row.source, tuple(map(sure.get, marks)), row.unsubscribed_at, dead)


async def _placed(ledger: Ledger, own: Own, one: Resident) -> Resident:
    """Return her with her doors where the commune's own file has them, as an alert finds them."""
    homes = []
    for home in one.homes:
        door = None
        if home.lon is None and home.place_key:
            door = await by_key(ledger, own.commune, home.place_key)
        homes.append(replace(home, lon=door.lon, lat=door.lat) if door else home)
    return replace(one, homes=tuple(homes))


async def change(
    ledger: Ledger,
    own: Own,
    *,
    of: Callable[[Resident], Resident],
    line: Chained,
    own_word: bool = True,
) -> bool:
    """Write her anew, made of what is held; False where she is not enrolled any more.

    What changes nothing writes nothing. It is her `own_word`, or the town hall's. A contact that
    she took away is not brought back by a file. Raises NotOpened where something of hers cannot be
    read: written anew, it would be lost.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=own.commune)
        here = Register(own.commune, ledger.ring)
        there = (await connection.execute(select(persons.c.source).where(_hers(own)))).first()
        known = await read_whole(connection, here, own.person_id) if there else None
        if known is None:
            return False
        changed = of(known)
        if changed == known:
            return True
        ways = {(one.kind, one.value) for one in changed.contacts}
        gone = tuple(one for one in known.contacts if (one.kind, one.value) not in ways)
        if gone:
            left = replace(known, external_id=None, contacts=gone, homes=())
            await keep_gone(connection, here, left)
        await rejoin(connection, here, own.person_id, of=lambda _: changed, own_word=own_word)
        await _noted(connection, own, line)
    return True


async def leave(ledger: Ledger, own: Own, *, line: Chained) -> bool:
    """Alert her no more, from this instant on; False where she had left already."""
    return await _set_left(ledger, own, left=True, line=line)


async def come_back(ledger: Ledger, own: Own, *, line: Chained) -> bool:
    """Alert her again; False where she had not left."""
    return await _set_left(ledger, own, left=False, line=line)


async def _set_left(ledger: Ledger, own: Own, *, left: bool, line: Chained) -> bool:
    at = persons.c.unsubscribed_at
    stands = at.is_(None) if left else at.is_not(None)
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=own.commune)
        changed = await connection.execute(
            update(persons)
            .where(_hers(own), stands)
            .values(unsubscribed_at=db_now() if left else None)
        )
        if not changed.rowcount:
            return False
        await _noted(connection, own, line)
    return True


async def erase(ledger: Ledger, own: Own, *, line: Chained) -> bool:
    """Empty the register of her, with her links; False where she is not in it any more.

    Raises NotOpened as `change` does: who she is would not be known again.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=own.commune)
        there = (await connection.execute(select(persons.c.source).where(_hers(own)))).first()
        here = Register(own.commune, ledger.ring)
        if there is None or not await erase_in(connection, here, own.person_id):
            return False
        await _noted(connection, own, line)
    return True


async def _noted(connection: AsyncConnection, own: Own, line: Chained) -> None:
    await append(connection, commune=own.commune, entry=line.entry, key=line.key)


def _hers(own: Own) -> ColumnElement[bool]:
    """Return which row is hers: of a resident alone, since others have duties in the plan."""
    return and_(
        persons.c.commune == own.commune,
        persons.c.person_id == own.person_id,
        persons.c.source.in_(RESIDENTS),
    )
