"""Where the residents of a commune live, in columns: read whole for each audience."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, String, bindparam, select

from dispatcher.store.ledger import Ledger
from dispatcher.store.people import ROWS_AT_ONCE
from dispatcher.store.tables import homes, populations

_WANTED = select(homes.c.person_id, homes.c.lon, homes.c.lat).where(
    homes.c.commune == bindparam("of_commune", type_=String)
)


@dataclass(frozen=True, eq=False)
class HomePlaces:
    """One row a home, in no order that is promised; NaN where no coordinates are known."""

    person_ids: list[str]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


async def homes_mark(ledger: Ledger, commune: str) -> int | None:
    """Return the mark that a change of any home of the commune replaces; None where none is."""
    wanted = select(populations.c.mark).where(populations.c.commune == commune)
    return await ledger.read(lambda connection: connection.execute(wanted).scalar_one_or_none())


async def home_places(ledger: Ledger, commune: str) -> HomePlaces:
    """Return every home of a commune's residents; unordered, which costs a fifth of the index."""
    given = {"of_commune": commune}
    if ledger.dialect == "sqlite":  # in one hop to its thread: the loop stays free
        return await ledger.read(lambda connection: _columns([_fetched(connection, given)]))
    parts: list[Sequence[Any]] = []
    async with ledger.reading() as connection:
        result = await connection.stream(_WANTED, given)
        async for rows in result.partitions(ROWS_AT_ONCE):
            parts.append(rows)
    return _columns(parts)


def _fetched(connection: Connection, given: dict[str, str]) -> Sequence[Any]:
    # Bare tuples of the driver: a million Rows would cost as much again.
    return connection.execute(_WANTED, given).cursor.fetchall()


def _columns(parts: Sequence[Sequence[Any]]) -> HomePlaces:
    return HomePlaces(
        [row[0] for rows in parts for row in rows],
        np.array([row[1] for rows in parts for row in rows], dtype=np.float64),  # None becomes NaN
        np.array([row[2] for rows in parts for row in rows], dtype=np.float64),
    )
