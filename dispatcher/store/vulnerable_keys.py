"""Cards of the register as they stand, sealed, to be sealed again; nothing is opened here."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select, update

from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained
from dispatcher.store.vulnerable_tables import vulnerable_numbers, vulnerable_people


@dataclass(frozen=True)
class SealedCard:
    """What is sealed of a person, as it stands; nothing of it is opened here."""

    entry_id: str
    identity: bytes
    reach: bytes
    revision: int


@dataclass(frozen=True)
class Resealed:
    """A card, and what is to stand in its place: the same, under another key."""

    card: SealedCard
    identity: bytes
    reach: bytes


async def cards_after(
    ledger: Ledger, commune: str, entry_id: str, *, most: int
) -> list[SealedCard]:
    """Return the cards after this id, in the order of ids; "" is before all."""
    columns = [vulnerable_people.c[name] for name in SealedCard.__dataclass_fields__]
    wanted = (
        select(*columns)
        .where(vulnerable_people.c.commune == commune, vulnerable_people.c.entry_id > entry_id)
        .order_by(vulnerable_people.c.entry_id)
        .limit(most)
    )
    async with ledger.reading() as connection:
        return [SealedCard(**row._mapping) for row in await connection.execute(wanted)]


async def reseal(ledger: Ledger, commune: str, again: Sequence[Resealed]) -> int:
    """Put these in their places; a card that somebody corrected meanwhile has its new key already.

    Returns how many were written.
    """
    written = 0
    async with ledger.writing() as connection:
        await take_turns(connection, "vulnerable", commune=commune)
        for one in again:
            same = and_(
                vulnerable_people.c.commune == commune,
                vulnerable_people.c.entry_id == one.card.entry_id,
                vulnerable_people.c.revision == one.card.revision,
            )
            values = {"identity": one.identity, "reach": one.reach}
            done = await connection.execute(update(vulnerable_people).where(same).values(values))
            written += done.rowcount
    return written


async def told(ledger: Ledger, commune: str, line: Chained) -> None:
    """Write a line about the register that goes with no change of its own."""
    async with ledger.writing() as connection:
        await append(connection, commune=commune, entry=line.entry, key=line.key)


async def communes_of(ledger: Ledger) -> list[str]:
    """Return the INSEE codes of the communes that have somebody in the register, in order."""
    wanted = select(vulnerable_people.c.commune).distinct().order_by(vulnerable_people.c.commune)
    async with ledger.reading() as connection:
        return list((await connection.execute(wanted)).scalars())


async def key_mark_of(ledger: Ledger, commune: str) -> str | None:
    """Return the mark by which the keys of a register are told; None before its first person."""
    wanted = select(vulnerable_numbers.c.key_mark).where(vulnerable_numbers.c.commune == commune)
    async with ledger.reading() as connection:
        found: str | None = (await connection.execute(wanted)).scalar()
        return found
