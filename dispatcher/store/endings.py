"""How a version ends: what still waits is closed, what is done is marked and counted."""

from collections.abc import Mapping

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.blocks import BLOCK_SIZE
from dispatcher.store.clock import db_now
from dispatcher.store.earlier import MAY_HAVE_LEFT
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.outgoing import blocks, deliveries, versions

OPEN = ("ready", "claimed", "sending", "unknown")
STOPPED = ("cancelled", "superseded")


_DISPATCHED = ("alert.dispatched", "Tous les messages sont partis")
_STOPPED = ("alert.stopped", "Plus rien ne part de cette version : voici ce qui était parti")


async def sweep(ledger: Ledger, *, limit: int = 2000) -> int:
    """Close what still waits of cancelled and expired versions, a bounded part at a time."""
    ended = (
        select(deliveries.c.commune, deliveries.c.delivery_id, versions.c.state)
        .join(
            versions,
            and_(
                versions.c.commune == deliveries.c.commune,
                versions.c.version_id == deliveries.c.version_id,
            ),
        )
        .where(
            deliveries.c.state == "ready",
            versions.c.state.in_(STOPPED) | (versions.c.expires_at <= db_now()),
        )
        .limit(limit)
    )
    async with ledger.reading() as connection:
        rows = (await connection.execute(ended)).all()
    if not rows:
        return 0
    async with ledger.writing() as connection:
        for state in ("cancelled", "expired"):
            ids = [row[1] for row in rows if (row[2] in STOPPED) == (state == "cancelled")]
            for start in range(0, len(ids), BLOCK_SIZE):
                await connection.execute(
                    update(deliveries)
                    .where(
                        deliveries.c.commune.in_({row[0] for row in rows}),
                        deliveries.c.delivery_id.in_(ids[start : start + BLOCK_SIZE]),
                        deliveries.c.state == "ready",
                    )
                    .values(state=state, settled_at=db_now())
                )
    return len(rows)


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
    still_open = (
        select(deliveries.c.delivery_id)
        .where(
            deliveries.c.commune == versions.c.commune,
            deliveries.c.version_id == versions.c.version_id,
            deliveries.c.state.in_(OPEN),
        )
        .exists()
    )
    stopped = versions.c.state.in_(STOPPED)
    ready = select(versions.c.commune, versions.c.version_id, stopped).where(
        versions.c.state.in_(("launched", *STOPPED)),
        versions.c.launched_at.is_not(None),
        versions.c.finished_at.is_(None),
        stopped | ~waiting,
        ~still_open,
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
        )
        if done.rowcount == 0:
            return None
        counts = await states(connection, commune, version)
        told = {"version": version, "deliveries": counts, "may_have_left": may_have_left(counts)}
        kind, text = _STOPPED if stopped else _DISPATCHED
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
