"""The commune's addresses: every door, whether somebody there is enrolled or not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select

from dispatcher.store import personal
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import ROWS_AT_ONCE
from dispatcher.store.places import mark_homes
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import addresses
from dispatcher.store.turns import take_turns


@dataclass(frozen=True)
class Address:
    """A door: its id in the address base, how it is written, and where it stands."""

    address_id: str
    label: str
    street: str
    place_key: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class AddressesColumns:
    """Every address of a commune, one row each; NaN where no coordinates are known.

    `place_marks` are what homes name their doors by.
    """

    ids: list[str]
    labels: list[str]
    streets: list[str]
    place_keys: list[str]
    place_marks: list[str]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


async def by_key(ledger: Ledger, commune: str, place_key: str) -> Address | None:
    """Return the address of a normalised label; None where it is none of the commune's, or some."""
    mark = personal.place_mark(ledger.ring, place_key)
    names = Address.__dataclass_fields__
    wanted = (
        select(*(addresses.c[name] for name in names))
        .where(addresses.c.commune == commune, addresses.c.place_mark == mark)
        .limit(2)
    )
    async with ledger.reading() as connection:
        rows = (await connection.execute(wanted)).all()
    return Address(**rows[0]._mapping) if len(rows) == 1 else None


async def replace_addresses(ledger: Ledger, commune: str, rows: Iterable[Address]) -> int:
    """Put these addresses in the place of all those known; return how many they are.

    One transaction: nobody ever sees half of an address base. An id met twice is refused by the
    database (IntegrityError), and the former addresses stay.
    """
    waiting, kept = iter(rows), 0
    async with ledger.writing() as connection:
        await take_turns(connection, "addresses", commune=commune)
        await connection.execute(delete(addresses).where(addresses.c.commune == commune))
        while some := [
            {
                "commune": commune,
                "place_mark": personal.place_mark(ledger.ring, row.place_key),
                **vars(row),
            }
            for row in islice(waiting, ROWS_AT_ONCE)
        ]:
            await insert_rows(connection, addresses, some)
            kept += len(some)
        await mark_homes(connection, commune)
    return kept


async def addresses_columns(ledger: Ledger, commune: str) -> AddressesColumns:
    """Return the addresses, by id."""
    wanted = (
        select(
            addresses.c.address_id,
            addresses.c.label,
            addresses.c.street,
            addresses.c.place_key,
            addresses.c.place_mark,
            addresses.c.lon,
            addresses.c.lat,
        )
        .where(addresses.c.commune == commune)
        .order_by(addresses.c.address_id)
    )
    async with ledger.reading() as connection:
        rows: Sequence[tuple[str, str, str, str, str, float | None, float | None]] = [
            tuple(row) for row in await connection.execute(wanted)
        ]
    return AddressesColumns(
        ids=[row[0] for row in rows],
        labels=[row[1] for row in rows],
        streets=[row[2] for row in rows],
        place_keys=[row[3] for row in rows],
        place_marks=[row[4] for row in rows],
        lon=np.array([row[5] for row in rows], dtype=np.float64),
        lat=np.array([row[6] for row in rows], dtype=np.float64),
    )
