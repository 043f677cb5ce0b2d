"""What partners call our teams and missions: their call signs, their intervention numbers."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.partner_tables import external_ids
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained

MOST = 2_000  # names of one partner that are listed


@dataclass(frozen=True)
class Name:
    """A partner's own name of a team or a mission of ours."""

    commune: str
    partner: str
    kind: str  # team | mission
    external: str
    ours: str


async def names_of(ledger: Ledger, commune: str, partner: str) -> list[Name]:
    """Return a partner's names, by kind and name."""
    held = external_ids.c
    wanted = (
        select(held.kind, held.external, held.ours)
        .where(held.commune == commune, held.partner == partner)
        .order_by(held.kind, held.external)
        .limit(MOST)
    )

    def look(connection: Connection) -> list[Name]:
        return [Name(commune, partner, *row) for row in connection.execute(wanted)]

    return await ledger.read(look)


async def add(ledger: Ledger, name: Name, line: Chained, *, by: str) -> bool:
    """Keep a name with its line; False where the partner calls something so already."""
    async with ledger.writing() as connection:
        await take_turns(connection, "accesses", commune=name.commune)
        if await _named(connection, name):
            return False
        row = {**vars(name), "made_by": by, "made_at": db_now()}
        await connection.execute(insert(external_ids).values(row))
        await append(connection, commune=name.commune, entry=line.entry, key=line.key)
    return True


async def _named(connection: AsyncConnection, name: Name) -> bool:
    found = await connection.execute(select(external_ids.c.ours).where(_this(name)))
    return found.first() is not None


async def remove(ledger: Ledger, name: Name, line: Chained) -> bool:
    """Forget a name; False where it is not there."""
    async with ledger.writing() as connection:
        gone = await connection.execute(delete(external_ids).where(_this(name)))
        if gone.rowcount == 0:
            return False
        await append(connection, commune=name.commune, entry=line.entry, key=line.key)
    return True


def _this(name: Name) -> ColumnElement[bool]:
    return and_(
        external_ids.c.commune == name.commune,
        external_ids.c.partner == name.partner,
        external_ids.c.kind == name.kind,
        external_ids.c.external == name.external,
    )
