"""The one way out: claim, commit the intent of a window, wait for the pace, send, settle.

First sends, retries and recoveries all pass here; no byte leaves without a committed intent. What
is more urgent goes first at the next window, whatever was claimed already.
"""

import asyncio
from collections.abc import Sequence

import structlog

from dispatcher.delivery.sending import Door, send_window
from dispatcher.store import claims
from dispatcher.store.claims import ALONE_AFTER, Claimed

CLAIM_MOST = 500
WINDOW_MOST = 50
WINDOW_S = 0.25  # of the pace: what is more urgent waits no longer than this for each worker
WINDOWS_AT_ONCE = 12  # answers of 10 s do not hold up a pace of four windows a second
LOOK_EVERY_S = 0.25  # for new work, while slow answers are awaited

log = structlog.get_logger(__name__)


async def drain(door: Door) -> int:
    """Send everything that is due on this door; return how many were claimed.

    Ends when nothing is due and every window is settled. Cancelling it gives unsent claims back
    and waits for the windows in flight.
    """
    total = 0
    try:
        while True:
            limit = max(1, min(CLAIM_MOST, int(door.pace.rate_per_s * 2)))
            batch = await claims.claim(
                door.ledger, route=door.route, medium=door.medium, owner=door.owner, limit=limit
            )
            total += len(batch)
            await _send_batch(door, batch)
            if not batch:
                if not door.inflight:
                    break
                await asyncio.wait(door.inflight, timeout=LOOK_EVERY_S)
    finally:
        if door.inflight:
            await asyncio.shield(asyncio.wait(set(door.inflight)))
    return total


async def _send_batch(door: Door, batch: list[Claimed]) -> None:
    waiting = [row.held for row in batch]
    keeper = asyncio.create_task(_keep(door, waiting))
    try:
        unit = door.channel.pace.unit
        costs = [await door.desk.cost(row, unit=unit) for row in batch]
        while batch and not await _overtaken(door, batch[0]):
            alone = batch[0].deaths >= ALONE_AFTER
            while len(door.inflight) >= (1 if alone else WINDOWS_AT_ONCE):
                await asyncio.wait(door.inflight, return_when=asyncio.FIRST_COMPLETED)
            size = _apart(batch[: window_size(costs, door.pace.rate_per_s)])
            del waiting[:size]
            await _leave(door, batch[:size], costs=costs[:size])
            batch, costs = batch[size:], costs[size:]
            if alone and door.inflight:
                await asyncio.wait(door.inflight)
    finally:
        keeper.cancel()
        if waiting:
            await asyncio.shield(claims.release(door.ledger, waiting, owner=door.owner))


def _apart(window: Sequence[Claimed]) -> int:
    """Return how many leave together: one that workers died over leaves with nobody."""
    suspects = [at for at, row in enumerate(window) if row.deaths >= ALONE_AFTER]
    return max(1, suspects[0]) if suspects else len(window)


async def _overtaken(door: Door, first: Claimed) -> bool:
    """Tell whether something of a more urgent lane is due: what is claimed goes back, unsent."""
    if first.lane == 0:
        return False
    return await claims.more_urgent(
        door.ledger, route=door.route, medium=door.medium, lane=first.lane
    )


async def _leave(door: Door, window: Sequence[Claimed], *, costs: Sequence[float]) -> None:
    """Begin a window; return once its first message leaves, so that the next gets ready."""
    leaving = asyncio.Event()
    cost_of = {row.delivery_id: cost for row, cost in zip(window, costs, strict=True)}
    task = asyncio.create_task(send_window(door, window, costs=cost_of, leaving=leaving))
    door.inflight.add(task)
    task.add_done_callback(lambda done: _landed(door, done))
    await leaving.wait()


def window_size(costs: Sequence[float], rate_per_s: float) -> int:
    """Return how many of these messages leave within WINDOW_S: at least 1, at most WINDOW_MOST."""
    taken = 0.0
    for size, cost in enumerate(costs[:WINDOW_MOST]):
        taken += cost
        if size and taken > rate_per_s * WINDOW_S:
            return size
    return min(len(costs), WINDOW_MOST)


def _landed(door: Door, task: asyncio.Task[None]) -> None:
    """Let go of a window; one that failed says so, and its rows come back by their leases."""
    door.inflight.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("delivery.window_failed", medium=door.medium, error=type(error).__name__)


async def _keep(door: Door, waiting: list[tuple[str, str, int]]) -> None:
    while waiting:
        await asyncio.sleep(door.ledger.timing.renew_every_s)
        await claims.renew(door.ledger, list(waiting), owner=door.owner)
