"""What may have left of an alert's earlier versions, and to whom: whoever got it is corrected.

A correction's last block has no people: it is gone through delivery by delivery, in the order that
they were made in, a part at a time, and remembers the last one (`blocks.followed`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
    union,
    update,
)

from dispatcher.store import personal
from dispatcher.store.blocks import BLOCK_SIZE, Block, Planned, put
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import BEHIND, blocks, deliveries, recipients, unreachable, versions

MAY_HAVE_LEFT = ("sending", "unknown", "accepted", "delivered", "undelivered")


@dataclass(frozen=True)
class Earlier:
    """A contact that may have got an earlier version, and those behind it; `position` was its."""

    serial: int
    medium: str
    contact: str
    language: str
    position: int
    people: tuple[str, ...]


def may_have_left() -> ColumnElement[bool]:
    """Return the condition that something of a delivery may have reached its contact.

    Also where it waits for another attempt: one was doubted and never found, or an operator took
    one and did not hand it over.
    """
    return or_(
        deliveries.c.state.in_(MAY_HAVE_LEFT), deliveries.c.doubts > 0, deliveries.c.failed_by != ""
    )


async def next_earlier(ledger: Ledger, block: Block) -> Sequence[Earlier]:
    """Return the next part of what may have left of the versions before a correction.

    Read after the correction was launched: its launch ended those versions, and an intent of
    theirs that had begun before was committed first (`windows.py` holds the version meanwhile).
    """
    key = {
        "of_commune": block.commune,
        "of_version": block.version_id,
        "after": int(block.followed or 0),
    }
    rows = await ledger.read(lambda connection: connection.execute(_NEXT, key).all())
    made = [row.serial for row in rows]
    behind = await ledger.read(lambda connection: _readers(connection, made))
    return [
        Earlier(
            row.serial,
            row.medium,
            personal.contact_of(ledger.ring, row),
            row.language,
            row.position,
            tuple(behind.get(row.serial, ())),
        )
        for row in rows
    ]


async def follow(ledger: Ledger, block: Block, planned: Sequence[Planned], *, through: int) -> None:
    """Write the deliveries that correct a part, and the last of those it was made from."""

    def act(connection: Connection) -> None:
        put(connection, block, planned, ring=ledger.ring)
        connection.execute(update(blocks).where(_THIS).values(followed=str(through)), _key(block))

    await ledger.write(act)


async def followed(ledger: Ledger, block: Block) -> None:
    """Note that all is gone through, and how many people the version goes to in the end.

    The launch had to count them before what left in that very moment was committed.
    """
    mine = and_(deliveries.c.commune == block.commune, deliveries.c.version_id == block.version_id)
    behind = select(recipients.c.person_id).join(deliveries, BEHIND).where(mine)
    lost = select(unreachable.c.person_id).where(
        unreachable.c.commune == block.commune, unreachable.c.version_id == block.version_id
    )
    wanted = select(func.count()).select_from(union(behind, lost).subquery())
    people = await ledger.read(lambda connection: int(connection.execute(wanted).scalar_one()))
    grown = (
        update(versions)
        .where(
            versions.c.commune == block.commune,
            versions.c.version_id == block.version_id,
            versions.c.people < people,
        )
        .values(people=people)
    )

    def act(connection: Connection) -> None:
        connection.execute(grown)
        done = update(blocks).where(_THIS).values(materialised_at=db_now())
        connection.execute(done, _key(block))

    await ledger.write(act)


def _key(block: Block) -> dict[str, object]:
    return {
        "of_commune": block.commune,
        "of_version": block.version_id,
        "of_number": block.number,
    }


async def told(ledger: Ledger, commune: str, alert_id: str) -> frozenset[str]:
    """Return the people to whom something of an alert may have left, whichever the version."""
    wanted = (
        select(recipients.c.person_id)
        .join(deliveries, BEHIND)
        .join(versions, _OF)
        .where(versions.c.commune == commune, versions.c.alert_id == alert_id, may_have_left())
        .distinct()
    )
    async with ledger.reading() as connection:
        return frozenset((await connection.execute(wanted)).scalars())


async def told_ways(ledger: Ledger, commune: str, alert_id: str) -> Sequence[tuple[str, str, str]]:
    """Return each medium, contact's mark and language by which something may have left."""
    wanted = (
        select(deliveries.c.medium, deliveries.c.contact_mark, func.min(deliveries.c.language))
        .join(versions, _OF)
        .where(versions.c.commune == commune, versions.c.alert_id == alert_id, may_have_left())
        .group_by(deliveries.c.medium, deliveries.c.contact_mark)
    )
    async with ledger.reading() as connection:
        return [(row[0], row[1], row[2]) for row in await connection.execute(wanted)]


def _readers(connection: Connection, made: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    wanted = select(recipients.c.serial, recipients.c.person_id).where(
        recipients.c.serial.in_(made)
    )
    for serial, person in connection.execute(wanted):
        found.setdefault(serial, []).append(person)
    return found


_OF = and_(
    versions.c.commune == deliveries.c.commune, versions.c.version_id == deliveries.c.version_id
)
_THIS = and_(
    blocks.c.commune == bindparam("of_commune"),
    blocks.c.version_id == bindparam("of_version"),
    blocks.c.number == bindparam("of_number", type_=Integer),
)
_MINE = versions.alias("mine")
_EARLIER = select(versions.c.version_id).join(
    _MINE,
    and_(
        _MINE.c.commune == versions.c.commune,
        _MINE.c.alert_id == versions.c.alert_id,
        _MINE.c.number > versions.c.number,
        _MINE.c.commune == bindparam("of_commune", type_=String),
        _MINE.c.version_id == bindparam("of_version", type_=String),
    ),
)
# Commune and version are compared as computed values, so that the rows are gone through once, in
# the order of their key: by the version's index each part would read and sort all of them again.
_NEXT = (
    select(
        deliveries.c.serial,
        deliveries.c.commune,
        deliveries.c.delivery_id,
        deliveries.c.medium,
        deliveries.c.contact,
        deliveries.c.language,
        deliveries.c.position,
    )
    .where(
        func.coalesce(deliveries.c.commune, "") == bindparam("of_commune", type_=String),
        deliveries.c.serial > bindparam("after", type_=BigInteger),
        func.coalesce(deliveries.c.version_id, "").in_(_EARLIER),
        may_have_left(),
    )
    .order_by(deliveries.c.serial)
    .limit(BLOCK_SIZE)
)
