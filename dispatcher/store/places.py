"""Where the residents of a commune live, in columns: read whole for each audience."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, String, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.doors import doors
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import ROWS_AT_ONCE
from dispatcher.store.statements import insert_for
from dispatcher.store.tables import address_marks, homes, populations

_OF = bindparam("of_commune", type_=String)
_WANTED = select(homes.c.person_id, homes.c.lon, homes.c.lat).where(
    homes.c.commune == _OF, homes.c.lon.is_not(None)
)
_DOORS = doors(_OF)
_BY_DOOR = (
    select(homes.c.person_id, _DOORS.c.lon, _DOORS.c.lat)
    .outerjoin(_DOORS, _DOORS.c.place_mark == homes.c.place_mark)
    .where(homes.c.commune == _OF, homes.c.lon.is_(None))
)


@dataclass(frozen=True, eq=False)
class HomePlaces:
    """One row a home, in no order that is promised; NaN where no coordinates are known.

    A home without coordinates stands at its door in the commune's addresses, where that is known.
    """

    person_ids: list[str]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


async def homes_mark(ledger: Ledger, commune: str) -> int | None:
    """Return the mark that a change of any home of the commune replaces; None where none is."""
    wanted = select(populations.c.mark).where(populations.c.commune == commune)
    return await ledger.read(lambda connection: connection.execute(wanted).scalar_one_or_none())


async def addresses_mark(ledger: Ledger, commune: str) -> int | None:
    """Return the mark that another set of addresses replaces; None where none was loaded."""
    wanted = select(address_marks.c.mark).where(address_marks.c.commune == commune)
    return await ledger.read(lambda connection: connection.execute(wanted).scalar_one_or_none())


async def home_places(ledger: Ledger, commune: str) -> HomePlaces:
    """Return every home of a commune's residents; unordered, which costs a fifth of the index."""
    given = {"of_commune": commune}
    if ledger.dialect == "sqlite":  # in one hop to its thread: the loop stays free
        return await ledger.read(lambda connection: _columns(_fetched(connection, given)))
    parts: list[Sequence[Any]] = []
    async with ledger.reading() as connection:
        for wanted in (_WANTED, _BY_DOOR):
            result = await connection.stream(wanted, given)
            async for rows in result.partitions(ROWS_AT_ONCE):
                parts.append(rows)
    return _columns(parts)


def _fetched(connection: Connection, given: dict[str, str]) -> Sequence[Sequence[Any]]:
    # Bare tuples of the driver: a million Rows would cost as much again.
    return [connection.execute(one, given).cursor.fetchall() for one in (_WANTED, _BY_DOOR)]


async def mark_homes(connection: AsyncConnection, commune: str) -> None:
    """Draw the commune's mark anew, in the caller's transaction: its addresses changed."""
    for table in (populations, address_marks):
        drawn = {"commune": commune, "mark": secrets.randbits(60)}
        statement = insert_for(connection, table).values(drawn)
        anew = statement.on_conflict_do_update(
            index_elements=["commune"], set_={"mark": drawn["mark"]}
        )
        await connection.execute(anew)


def _columns(parts: Sequence[Sequence[Any]]) -> HomePlaces:
    return HomePlaces(
        [row[0] for rows in parts for row in rows],
        np.array([row[1] for rows in parts for row in rows], dtype=np.float64),  # None becomes NaN
        np.array([row[2] for rows in parts for row in rows], dtype=np.float64),
    )
