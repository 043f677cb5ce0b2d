"""How a version ends: what still waits is closed, what is done is marked and counted."""

from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import Connection, Update, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.blocks import BLOCK_SIZE
from dispatcher.store.clock import db_now
from dispatcher.store.earlier import MAY_HAVE_LEFT
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.outgoing import blocks, deliveries, versions
from dispatcher.store.versions import APART, SUMMONS

_OF_VERSION = and_(
    versions.c.commune == blocks.c.commune, versions.c.version_id == blocks.c.version_id
)
OPEN = ("ready", "claimed", "sending", "unknown")
STOPPED = ("cancelled", "superseded")


_DISPATCHED = ("alert.dispatched", "Tous les messages sont partis")
_STOPPED = ("alert.stopped", "Plus rien ne part de cette version : voici ce qui était parti")
_CALLED = ("summons.dispatched", "Tous les appels sont partis")
_CALLED_OFF = ("summons.stopped", "Plus aucun appel ne part : voici ce qui était parti")


async def sweep(
    ledger: Ledger, *, limit: int = 2000, closed: set[tuple[str, str]] | None = None
) -> int:
    """Close what still waits of cancelled and expired versions, a bounded part at a time.

    `closed` remembers, for who asks again and again, the versions of which nothing is open any
    more: nothing of them opens again, and each look reads all their deliveries. What runs is never
    read: a million messages that wait cost nothing here.
    """
    known = set() if closed is None else closed
    swept = 0
    for commune, version, state in await ledger.read(_ended):
        if (commune, version) in known or swept >= limit:
            continue
        look = partial(_open, commune=commune, version=version, limit=limit - swept)
        ids, still_open = await ledger.read(look)
        if not still_open:
            known.add((commune, version))
        for start in range(0, len(ids), BLOCK_SIZE):
            some = deliveries.c.delivery_id.in_(ids[start : start + BLOCK_SIZE])
            closing = (
                update(deliveries)
                .where(deliveries.c.commune == commune, some, deliveries.c.state == "ready")
                .values(state=state, settled_at=db_now())
            )
            await ledger.write(partial(_run, statement=closing))
        swept += len(ids)
    return swept


def _ended(connection: Connection) -> Sequence[tuple[str, str, str]]:
    state = case((versions.c.state.in_(STOPPED), "cancelled"), else_="expired")
    over = or_(versions.c.state.in_(STOPPED), versions.c.expires_at <= db_now())
    ended = select(versions.c.commune, versions.c.version_id, state).where(
        over, versions.c.launched_at.is_not(None), versions.c.state != APART
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(ended)]


def _open(
    connection: Connection, *, commune: str, version: str, limit: int
) -> tuple[list[str], bool]:
    """Return what is ready of a version, and whether anything of it is open or may yet be made."""
    this = and_(deliveries.c.commune == commune, deliveries.c.version_id == version)
    ready = select(deliveries.c.delivery_id).where(this, deliveries.c.state == "ready")
    ids = list(connection.execute(ready.limit(limit)).scalars())
    looks = (
        select(deliveries.c.state).where(this, deliveries.c.state.in_(OPEN)),
        select(blocks.c.number)
        .join(versions, _OF_VERSION)
        .where(
            blocks.c.commune == commune,
            blocks.c.version_id == version,
            blocks.c.materialised_at.is_(None),
            versions.c.state == "launched",  # of a cancelled one no more are made
        ),
        select(versions.c.pursuit).where(
            versions.c.commune == commune,
            versions.c.version_id == version,
            versions.c.pursuit == "open",
        ),
    )
    return ids, any(connection.execute(one.limit(1)).first() for one in looks)


def _run(connection: Connection, *, statement: Update) -> None:
    connection.execute(statement)


async def finished(ledger: Ledger, *, key: bytes) -> list[tuple[str, str, dict[str, int]]]:
    """Mark the launched versions whose every delivery has left or ended; return their counts.

    Of a version that was stopped or corrected, these are what had left before nothing more did.
    The counts go into the logbook in the same transaction (invariant I5); `key` is the chain's.
    """
    waiting = (
        select(blocks.c.number)
        .where(
            blocks.c.commune == versions.c.commune,
            blocks.c.version_id == versions.c.version_id,
            blocks.c.materialised_at.is_(None),
        )
        .exists()
    )
    still_open = select(deliveries.c.serial).where(
        deliveries.c.commune == versions.c.commune,
        deliveries.c.version_id == versions.c.version_id,
        deliveries.c.state.in_(OPEN),
    )
    over = ~still_open.exists()
    if ledger.dialect == "sqlite":
        # Asked every second: what was made last leaves last, so the first look finds it. Only
        # SQLite's index of versions ends with the number of the row.
        last = still_open.order_by(deliveries.c.serial.desc()).limit(1)
        over = last.scalar_subquery().is_(None)
    stopped = versions.c.state.in_(STOPPED)
    ready = select(versions.c.commune, versions.c.version_id, stopped).where(
        versions.c.state.in_(("launched", *STOPPED)),
        versions.c.launched_at.is_not(None),
        versions.c.finished_at.is_(None),
        stopped | ~waiting,
        over,
    )
    async with ledger.reading() as connection:
        rows = (await connection.execute(ready)).all()
    return [
        (commune, version, counts)
        for commune, version, ended in rows
        if (counts := await _finish(ledger, commune, version, key=key, stopped=ended)) is not None
    ]


async def _finish(
    ledger: Ledger, commune: str, version: str, *, key: bytes, stopped: bool
) -> dict[str, int] | None:
    this = and_(versions.c.commune == commune, versions.c.version_id == version)
    async with ledger.writing() as connection:
        done = await connection.execute(
            update(versions)
            .where(this, versions.c.finished_at.is_(None))
            .values(finished_at=db_now())
            .returning(versions.c.kind)
        )
        is_a = done.scalar()
        if is_a is None:
            return None
        counts = await states(connection, commune, version)
        told = {"version": version, "deliveries": counts, "may_have_left": may_have_left(counts)}
        ends = (_CALLED_OFF, _CALLED) if is_a == SUMMONS else (_STOPPED, _DISPATCHED)
        kind, text = ends[0] if stopped else ends[1]
        entry = Entry("worker", kind, text, told)
        await append(connection, commune=commune, entry=entry, key=key)
        return counts


def may_have_left(states: Mapping[str, int]) -> int:
    """Count the deliveries of which something may have reached its contact."""
    return sum(states.get(state, 0) for state in MAY_HAVE_LEFT)


async def states(connection: AsyncConnection, commune: str, version: str) -> dict[str, int]:
    """Count a version's deliveries by state."""
    rows = await connection.execute(
        select(deliveries.c.state, func.count())
        .where(deliveries.c.commune == commune, deliveries.c.version_id == version)
        .group_by(deliveries.c.state)
    )
    return {row[0]: row[1] for row in rows}
