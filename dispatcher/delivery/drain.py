"""The one way out: claim, commit the intent of a window, wait for the pace, send, settle.

First sends, retries and recoveries all pass here; no byte leaves without a committed intent. What
is more urgent goes first at the next window, whatever was claimed already.
"""

import asyncio
from collections.abc import Sequence

import structlog

from dispatcher.delivery.sending import Door, send_window
from dispatcher.store import claims, lines, unsent
from dispatcher.store.claims import ALONE_AFTER, Claimed
from dispatcher.store.parts import due
from dispatcher.store.unsent import PutOff

WINDOW_MOST = 50
WINDOW_S = 0.25  # of the pace: what is more urgent waits no longer than this for each worker
# Of a fast pace, windows that leave within a moment are begun by one intent: a commit for each took
# a fifth of a worker's CPU.
MOMENT_S = 0.025
WINDOWS_TOGETHER = 5
WINDOWS_AT_ONCE = 12  # answers of 10 s do not hold up a pace of four windows a second
# Of webhooks, whose answers end within 10 s: out of reach, since slow hosts hold up no other.
WINDOWS_AT_ONCE_TO_HOSTS = 1000
NEAR_S = 2.0  # until its place: further away, a window is not begun
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
            batch = await _claim(door)
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


async def _claim(door: Door) -> list[Claimed]:
    """Claim what this account may take now, beside the others of its medium, and has lines for."""
    turn = door.trunk.turn(door.provider)
    limit = await _with_lines(door, turn.limit)
    if limit == 0:
        return []
    queue = {"route": door.route, "medium": door.medium}
    long = turn.part is None or await due(door.ledger, **queue, most=turn.most) >= turn.most
    part = turn.whole if long else turn.part
    batch = await claims.claim(door.ledger, **queue, owner=door.owner, limit=limit, part=part)
    door.trunk.took(door.provider, turn, claimed=len(batch))
    return batch


async def _with_lines(door: Door, limit: int) -> int:
    """Return the limit, or fewer where the account has no more free lines than that."""
    most = door.channel.pace.in_progress
    if most is None or limit == 0:
        return limit
    return min(limit, await lines.free(door.ledger, provider=door.provider, in_progress=most))


async def _send_batch(door: Door, batch: list[Claimed]) -> None:
    waiting = [row.held for row in batch]
    keeper = asyncio.create_task(_keep(door, waiting))
    try:
        unit = door.channel.pace.unit
        costs = [await door.desk.cost(row, unit=unit) for row in batch]
        while batch and not await _overtaken(door, batch[0]):
            if not await _near(door):
                continue
            alone = batch[0].deaths >= ALONE_AFTER
            size = _apart(batch[: intent_size(costs, door.pace.rate_per_s)])
            while len(door.inflight) >= (1 if alone else _intents_at_once(door, size)):
                await asyncio.wait(door.inflight, return_when=asyncio.FIRST_COMPLETED)
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
        door.ledger,
        route=door.route,
        medium=door.medium,
        lane=first.lane,
        account=door.provider,
    )


async def _near(door: Door) -> bool:
    """Tell whether the next place is near; wait a little where it is not.

    Nothing is begun for a place that is far (a slow pace, many workers): waiting costs no attempt.
    """
    if door.pace.rate_per_s * NEAR_S > WINDOW_MOST:  # its queue is never so long
        return True
    wait = await door.pace.reserve(0)
    if wait <= NEAR_S:
        return True
    await asyncio.sleep(min(wait - NEAR_S, LOOK_EVERY_S))
    return False


def _intents_at_once(door: Door, size: int) -> int:
    windows = WINDOWS_AT_ONCE if door.hosts is None else WINDOWS_AT_ONCE_TO_HOSTS
    return windows // max(1, size // WINDOW_MOST)


async def _with_a_place(door: Door, window: Sequence[Claimed]) -> Sequence[Claimed]:
    """Give back those whose host is busy, due at their turn; return the others."""
    if door.hosts is None:
        return window
    busy = [PutOff(row, delay_s) for row, delay_s in await door.hosts.sift(window)]
    await unsent.put_off(door.ledger, busy, owner=door.owner)
    waiting = {row.claimed.held for row in busy}
    return [row for row in window if row.held not in waiting]


async def _leave(door: Door, window: Sequence[Claimed], *, costs: Sequence[float]) -> None:
    """Begin a window; return once its first message leaves, so that the next gets ready."""
    leaving = asyncio.Event()
    cost_of = {row.delivery_id: cost for row, cost in zip(window, costs, strict=True)}
    window = await _with_a_place(door, window)
    if not window:
        return
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


def intent_size(costs: Sequence[float], rate_per_s: float) -> int:
    """Return how many of these one intent begins: a window, or those that leave in a moment."""
    taken, size = 0.0, 0
    for cost in costs[: WINDOW_MOST * WINDOWS_TOGETHER]:
        taken += cost
        if taken > rate_per_s * MOMENT_S:
            break
        size += 1
    return max(size - size % WINDOW_MOST, window_size(costs, rate_per_s))


def _landed(door: Door, task: asyncio.Task[None]) -> None:
    """Let go of a window; one that failed says so, and its rows come back by their leases."""
    door.inflight.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("delivery.window_failed", medium=door.medium, error=type(error).__name__)


async def _keep(door: Door, waiting: list[tuple[int, int]]) -> None:
    while waiting:
        await asyncio.sleep(door.ledger.timing.renew_every_s)
        await claims.renew(door.ledger, list(waiting), owner=door.owner)
