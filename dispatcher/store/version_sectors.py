"""In which sector the people of a frozen audience live: written down block by block, beside sends.

Nothing waits for it: an alert leaves first, and its counters by sector follow within seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from dispatcher.store.clock import db_now
from dispatcher.store.following_tables import sector_turns, version_sectors
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import blocks, versions
from dispatcher.store.statements import insert_in
from dispatcher.store.tables import homes
from dispatcher.store.versions import SUMMONS


@dataclass(frozen=True)
class Unplaced:
    """A block of an audience whose sectors are not known yet, and the first place of each home."""

    commune: str
    version_id: str
    number: int
    people: tuple[str, ...]
    places: Mapping[str, tuple[float, float]]  # lon, lat by person


async def next_unplaced(ledger: Ledger) -> Unplaced | None:
    """Return the next block of an alert in force to be placed; None when none waits."""
    return await ledger.read(_next)


def _next(connection: Connection) -> Unplaced | None:
    turn = connection.execute(_TURN).first()
    if turn is None:
        return None
    this = select(blocks.c.people).where(
        blocks.c.commune == turn.commune,
        blocks.c.version_id == turn.version_id,
        blocks.c.number == turn.done,
    )
    people = tuple(connection.execute(this).scalar() or ())
    found: dict[str, tuple[float, float]] = {}
    if people:
        where = (
            select(homes.c.person_id, homes.c.lon, homes.c.lat)
            .where(
                homes.c.commune == turn.commune,
                homes.c.person_id.in_(people),
                homes.c.lon.is_not(None),
            )
            .order_by(homes.c.person_id, homes.c.number)
        )
        for ident, lon, lat in connection.execute(where):
            found.setdefault(ident, (lon, lat))
    return Unplaced(turn.commune, turn.version_id, turn.done, people, found)


async def place(ledger: Ledger, block: Unplaced, sectors: Mapping[str, str]) -> None:
    """Write the sectors of a block; again, or by two workers at once, it is written once."""
    rows = [
        {
            "commune": block.commune,
            "version_id": block.version_id,
            "person_id": person,
            "sector": sectors.get(person, "")[:64],
        }
        for person in dict.fromkeys(block.people)
    ]
    turn = {
        "commune": block.commune,
        "version_id": block.version_id,
        "blocks": block.number + 1,
    }

    def act(connection: Connection) -> None:
        dialect = connection.dialect.name
        if rows:
            connection.execute(insert_in(dialect, version_sectors).on_conflict_do_nothing(), rows)
        moved = insert_in(dialect, sector_turns).values(turn)
        connection.execute(
            moved.on_conflict_do_update(
                index_elements=["commune", "version_id"],
                set_={"blocks": turn["blocks"]},
                where=sector_turns.c.blocks < block.number + 1,
            )
        )

    await ledger.write(act)


def _turn() -> Select[Any]:
    last = (
        select(func.max(blocks.c.number))
        .where(blocks.c.commune == versions.c.commune, blocks.c.version_id == versions.c.version_id)
        .scalar_subquery()
    )
    done = func.coalesce(sector_turns.c.blocks, 0)
    same = and_(
        sector_turns.c.commune == versions.c.commune,
        sector_turns.c.version_id == versions.c.version_id,
    )
    return (
        select(versions.c.commune, versions.c.version_id, done.label("done"))
        .select_from(versions.outerjoin(sector_turns, same))
        .where(
            versions.c.state == "launched",
            versions.c.kind != SUMMONS,
            versions.c.expires_at > db_now(),
            done <= last,
        )
        .order_by(versions.c.lane, versions.c.launched_at)
        .limit(1)
    )


_TURN = _turn()
