"""The frozen audience, block by block, and the deliveries made from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import and_, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import blocks, deliveries, recipients, unreachable, versions
from dispatcher.store.statements import insert_missing

BLOCK_SIZE = 500  # people; also the most deliveries one transaction makes, times the media


@dataclass(frozen=True)
class Block:
    """A part of a frozen audience that has no deliveries yet."""

    commune: str
    version_id: str
    number: int
    chains: tuple[tuple[str, ...], ...]
    people: tuple[str, ...]
    lane: int
    route: str


@dataclass(frozen=True)
class Planned:
    """One delivery to make; `people` are those behind the contact."""

    delivery_id: str
    medium: str
    contact: str
    language: str
    position: int
    answer_hash: str | None
    people: tuple[str, ...]


async def next_block(ledger: Ledger) -> Block | None:
    """Return the most urgent block that waits, of a version that is launched; None when none."""
    statement = (
        select(blocks, versions.c.lane, versions.c.content)
        .join(
            versions,
            and_(
                versions.c.commune == blocks.c.commune,
                versions.c.version_id == blocks.c.version_id,
            ),
        )
        .where(blocks.c.materialised_at.is_(None), versions.c.state == "launched")
        .order_by(versions.c.lane, versions.c.launched_at, blocks.c.number)
        .limit(1)
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(statement)).first()
    if row is None:
        return None
    return Block(
        commune=row.commune,
        version_id=row.version_id,
        number=row.number,
        chains=tuple(tuple(chain) for chain in row.chains),
        people=tuple(row.people),
        lane=row.lane,
        route=str(cast("Mapping[str, object]", row.content)["route"]),
    )


async def materialise(
    ledger: Ledger, block: Block, planned: Sequence[Planned], *, lost: Mapping[str, str]
) -> None:
    """Write a block's deliveries, and who cannot be reached and why; idempotent."""
    key = {"commune": block.commune}
    rows = [
        {
            **key,
            "delivery_id": one.delivery_id,
            "version_id": block.version_id,
            "medium": one.medium,
            "contact": one.contact,
            "language": one.language,
            "route": block.route,
            "lane": block.lane,
            "position": one.position,
            "state": "ready",
            "next_at": 0.0,
            "answer_hash": one.answer_hash,
        }
        for one in planned
    ]
    readers = [
        {**key, "delivery_id": one.delivery_id, "person_id": person}
        for one in planned
        for person in one.people
    ]
    missing = [
        {**key, "version_id": block.version_id, "person_id": person, "reason": reason}
        for person, reason in lost.items()
    ]
    async with ledger.writing() as connection:
        await insert_missing(connection, deliveries, rows)
        await insert_missing(connection, recipients, readers)
        await insert_missing(connection, unreachable, missing)
        await connection.execute(
            update(blocks)
            .where(
                blocks.c.commune == block.commune,
                blocks.c.version_id == block.version_id,
                blocks.c.number == block.number,
            )
            .values(materialised_at=db_now())
        )
