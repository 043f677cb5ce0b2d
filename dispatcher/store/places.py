"""Where the residents of a commune live, in columns: read whole once, then only who moved.

Triggers on `homes` draw a new mark at each change, and note whose home it was: what somebody keeps
of the homes follows by these. It is read whole again where more changed than is noted, and where
the addresses changed, at whose doors homes may stand.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, String, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.doors import doors
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import AT_ONCE, ROWS_AT_ONCE, in_parts
from dispatcher.store.statements import insert_for
from dispatcher.store.tables import address_marks, home_changes, homes, populations

MOST_MOVES = 5_000  # followed at once; more of them cost as much as reading all
EVERYBODY = ""  # in the place of a person's id
_OF = bindparam("of_commune", type_=String)
_THEY = homes.c.person_id.in_(bindparam("they", expanding=True))


def _wanted(*who: ColumnElement[bool]) -> tuple[Select[Any], Select[Any]]:
    """Select homes by their own coordinates, then those by their doors."""
    by_door = doors(_OF, *who)
    return (
        select(homes.c.person_id, homes.c.lon, homes.c.lat).where(
            homes.c.commune == _OF, homes.c.lon.is_not(None), *who
        ),
        select(homes.c.person_id, by_door.c.lon, by_door.c.lat)
        .outerjoin(by_door, by_door.c.place_mark == homes.c.place_mark)
        .where(homes.c.commune == _OF, homes.c.lon.is_(None), *who),
    )


_ALL, _THEIRS = _wanted(), _wanted(_THEY)
_NOTED = (
    select(home_changes.c.revision, home_changes.c.mark, home_changes.c.person_id)
    .where(home_changes.c.commune == _OF, home_changes.c.revision >= bindparam("since"))
    .order_by(home_changes.c.revision)
)
_NEWEST = (
    select(home_changes.c.revision, home_changes.c.mark)
    .where(home_changes.c.commune == _OF)
    .order_by(home_changes.c.revision.desc())
    .limit(1)
)


@dataclass(frozen=True, eq=False)
class HomePlaces:
    """One row a home, in no order that is promised; NaN where no coordinates are known.

    A home without coordinates stands at its door in the commune's addresses, where that is known.
    """

    person_ids: list[str]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


@dataclass(frozen=True)
class AsOf:
    """A state of a commune's homes: how many changes it has seen, and the mark of the last."""

    revision: int
    mark: int


@dataclass(frozen=True, eq=False)
class Moves:
    """Who moved, came or left since a state, and all of their homes as of now."""

    as_of: AsOf
    people: frozenset[str]
    homes: HomePlaces


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
    return await ledger.at_once(lambda connection: home_places_in(connection, commune)[1])


def home_places_in(connection: Connection, commune: str) -> tuple[AsOf | None, HomePlaces]:
    """Return all homes, and as of when: None where the ledger has seen none.

    The caller's transaction sees one state of the ledger.
    """
    newest = connection.execute(_NEWEST, {"of_commune": commune}).first()
    as_of = None if newest is None else AsOf(newest.revision, newest.mark)
    return as_of, _columns(_fetched(connection, _ALL, {"of_commune": commune}))


def moves_in(connection: Connection, commune: str, since: AsOf) -> Moves | None:
    """Return who moved since; None where that is not told any more, or too much: read all.

    The caller's transaction sees one state of the ledger.
    """
    given = {"of_commune": commune, "since": since.revision}
    noted = connection.execute(_NOTED.limit(MOST_MOVES + 2), given).all()
    if not noted or (noted[0].revision, noted[0].mark) != (since.revision, since.mark):
        return None  # another ledger's, or put back from a backup, or too long ago
    if len(noted) > MOST_MOVES + 1:
        return None
    people = frozenset(row.person_id for row in noted[1:])
    parts = [
        rows
        for some in in_parts(sorted(people), AT_ONCE)
        for rows in _fetched(connection, _THEIRS, {"of_commune": commune, "they": list(some)})
    ]
    return Moves(AsOf(noted[-1].revision, noted[-1].mark), people, _columns(parts))


async def hold_homes(connection: AsyncConnection, commune: str) -> None:
    """Let no home of the commune change until the caller's transaction ends.

    Hold them before the logbook: who changes a home has them before it writes its line. SQLite has
    one writer anyway.
    """
    if connection.dialect.name == "sqlite":
        return
    none = {"commune": commune, "mark": secrets.randbits(60)}  # somebody may be its first
    await connection.execute(insert_for(connection, populations).values(none)
                             .on_conflict_do_nothing())  # fmt: skip
    held = select(populations.c.mark).where(populations.c.commune == commune)
    await connection.execute(held.with_for_update(read=True))


def _fetched(
    connection: Connection, wanted: Sequence[Select[Any]], given: dict[str, Any]
) -> list[Sequence[Any]]:
    """Give rows in parts: memory stays flat, but for the columns that are made of them."""
    if connection.dialect.name == "sqlite":
        # Bare tuples of the driver: a million Rows would cost as much again.
        return [connection.execute(one, given).cursor.fetchall() for one in wanted]
    by_parts = {"yield_per": ROWS_AT_ONCE}
    return [
        rows
        for one in wanted
        for rows in connection.execute(one, given, execution_options=by_parts).partitions()
    ]


async def mark_homes(connection: AsyncConnection, commune: str) -> None:
    """Draw the commune's marks anew, in the caller's transaction: its addresses changed.

    Whoever keeps homes reads them whole again.
    """
    mark = secrets.randbits(60)
    drawn = insert_for(connection, address_marks).values(commune=commune, mark=mark)
    await connection.execute(
        drawn.on_conflict_do_update(index_elements=["commune"], set_={"mark": mark})
    )
    moved = insert_for(connection, populations).values(commune=commune, mark=mark, revision=1)
    counted = moved.on_conflict_do_update(
        index_elements=["commune"], set_={"mark": mark, "revision": populations.c.revision + 1}
    ).returning(populations.c.revision)
    revision = (await connection.execute(counted)).scalar_one()
    await connection.execute(delete(home_changes).where(home_changes.c.commune == commune))
    await connection.execute(
        home_changes.insert().values(
            commune=commune, revision=revision, mark=mark, person_id=EVERYBODY
        )
    )


def _columns(parts: Sequence[Sequence[Any]]) -> HomePlaces:
    return HomePlaces(
        [row[0] for rows in parts for row in rows],
        np.array([row[1] for rows in parts for row in rows], dtype=np.float64),  # None becomes NaN
        np.array([row[2] for rows in parts for row in rows], dtype=np.float64),
    )
