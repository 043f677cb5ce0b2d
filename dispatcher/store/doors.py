"""Homes told by their street alone: their door stands in the commune's own addresses.

A village's list seldom holds coordinates. Addresses loaded later place the people enrolled before.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Subquery, func, select

from dispatcher.store import personal
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import addresses, homes

# The same door twice in an address base, by its gate and by its parcel; further apart it is two
# streets of one name, and nobody knows which: the person stays listed without a place.
APART_DEGREES = 0.001  # about 100 m


def doors(commune: str | BindParameter[str], *who: ColumnElement[bool]) -> Subquery:
    """Return `place_mark`, `lon`, `lat` of each door that a home without a place may name.

    `who` are conditions on the homes: the doors of some are found without all the others.
    """
    named = select(homes.c.place_mark).where(
        homes.c.commune == commune, homes.c.lon.is_(None), homes.c.place_mark != "", *who
    )
    return _doors(commune, addresses.c.place_mark.in_(named)).subquery("doors")


async def door_at(
    ledger: Ledger, commune: str, place_keys: Sequence[str]
) -> tuple[float, float] | None:
    """Return the longitude and latitude of the first of these doors that is known; None: none."""
    marks = [personal.place_mark(ledger.ring, key) for key in place_keys if key]
    wanted = _doors(commune, addresses.c.place_mark.in_(marks))
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    found = {row.place_mark: (float(row.lon), float(row.lat)) for row in rows}
    return next((found[mark] for mark in marks if mark in found), None)


def _doors(commune: str | BindParameter[str], which: ColumnElement[bool]) -> Select[Any]:
    spread = (
        func.max(addresses.c.lon) - func.min(addresses.c.lon) <= APART_DEGREES,
        func.max(addresses.c.lat) - func.min(addresses.c.lat) <= APART_DEGREES,
    )
    return (
        select(
            addresses.c.place_mark,
            func.avg(addresses.c.lon).label("lon"),
            func.avg(addresses.c.lat).label("lat"),
        )
        .where(
            addresses.c.commune == commune,
            addresses.c.lon.is_not(None),
            which,
        )
        .group_by(addresses.c.place_mark)
        .having(*spread)
    )
