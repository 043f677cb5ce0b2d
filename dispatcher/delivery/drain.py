"""The one way out: claim a window, wait for the pace, commit the intent, send, settle.

First sends, retries and recoveries all pass here. No transaction is open during a provider call;
no byte leaves without a committed intent, nor with less than 10.5 s of lease left.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from channels.contract import (
    Address,
    Channel,
    Message,
    NotAccepted,
    Refused,
    Status,
    Unavailable,
    Unit,
    Unknown,
)
from dispatcher.delivery.pace import slots
from dispatcher.delivery.retries import Dice, unsent_wait_s
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, attempt_token
from dispatcher.store import claims, windows
from dispatcher.store.claims import Claimed
from dispatcher.store.ledger import Ledger
from dispatcher.store.receipts import REASON_CHARS
from dispatcher.store.windows import Intended, Outcome

CLAIM_MOST = 500
WINDOW_MOST = 50
SETTLE_EVERY_S = 1.0
WINDOWS_AT_ONCE = 12  # answers of 10 s do not hold up a pace of one window a second
LOOK_EVERY_S = 0.25  # for new work, while slow answers are awaited
LEAD_S = 0.1  # every place is this much later than reserved: time to commit the intent first

log = structlog.get_logger(__name__)


class Desk(Protocol):
    """What words a delivery, and what one message costs in the account's unit."""

    async def message(self, claimed: Claimed) -> Message:
        """Return the message of this delivery."""

    async def cost(self, claimed: Claimed, *, unit: Unit) -> float:
        """Return the units of the account's pace that it takes."""


class Reserve(Protocol):
    """The pace of the account."""

    rate_per_s: float

    async def reserve(self, units: float) -> float:
        """Return the wait until the first of these units may leave, in seconds."""


@dataclass
class Door:
    """One account's way out, in one process."""

    ledger: Ledger
    channel: Channel
    route: str
    pace: Reserve
    desk: Desk
    owner: str
    keys: TokenKeys
    dice: Dice
    inflight: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def medium(self) -> str:
        """Return the medium that this account serves."""
        return self.channel.medium


async def drain(door: Door) -> int:
    """Send everything that is due on this door; return how many were claimed.

    Ends when nothing is due and every window is settled. Cancelling it gives unsent claims back
    and waits for the windows in flight.
    """
    total = 0
    limit = max(1, min(CLAIM_MOST, int(door.pace.rate_per_s * 2)))
    try:
        while True:
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
        while batch:
            while len(door.inflight) >= WINDOWS_AT_ONCE:
                await asyncio.wait(door.inflight, return_when=asyncio.FIRST_COMPLETED)
            size = window_size(costs, door.pace.rate_per_s)
            free_at = time.monotonic() + await door.pace.reserve(sum(costs[:size]))
            await asyncio.sleep(free_at - time.monotonic())
            del waiting[:size]
            window = _send_window(door, batch[:size], costs=costs[:size], first_at=free_at + LEAD_S)
            batch, costs = batch[size:], costs[size:]
            task = asyncio.create_task(window)
            door.inflight.add(task)
            task.add_done_callback(lambda done: _landed(door, done))
    finally:
        keeper.cancel()
        if waiting:
            await asyncio.shield(claims.release(door.ledger, waiting, owner=door.owner))


def window_size(costs: Sequence[float], rate_per_s: float) -> int:
    """Return how many of these messages leave within a second: at least 1, at most WINDOW_MOST."""
    taken = 0.0
    for size, cost in enumerate(costs[:WINDOW_MOST]):
        taken += cost
        if size and taken > rate_per_s:
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


async def _send_window(
    door: Door, window: Sequence[Claimed], *, costs: Sequence[float], first_at: float
) -> None:
    timing = door.ledger.timing
    latest = time.monotonic() + timing.send_lease_s - timing.send_needs_s
    intended = await windows.intend(
        door.ledger, window, owner=door.owner, provider=door.channel.provider
    )
    cost_of = {row.delivery_id: cost for row, cost in zip(window, costs, strict=True)}
    places = slots([cost_of[one.claimed.delivery_id] for one in intended], door.pace.rate_per_s)
    pending = {
        asyncio.create_task(_send_one(door, one, at=first_at + place, latest=latest))
        for one, place in zip(intended, places, strict=True)
    }
    while pending:
        done, pending = await asyncio.wait(pending, timeout=SETTLE_EVERY_S)
        # One that broke (a poison row) harms no neighbour: its lease ends, then it is looked up.
        broken = [error for task in done if (error := task.exception())]
        for error in broken:
            log.error("delivery.send_broke", medium=door.medium, error=type(error).__name__)
        outcomes = [task.result() for task in done if task.exception() is None]
        await windows.settle(door.ledger, outcomes, owner=door.owner)


async def _send_one(door: Door, one: Intended, *, at: float, latest: float) -> Outcome:
    await asyncio.sleep(max(0.0, at - time.monotonic()))
    claimed = one.claimed
    message = await door.desk.message(claimed)
    if time.monotonic() > latest:  # a frozen process that woke: its lease may be another's
        return Outcome(one, "ready", "unsent", reason="late")
    named = NamedAttempt(claimed.commune, claimed.delivery_id, one.number)
    token = attempt_token(door.keys, named)
    try:
        receipt = await door.channel.send(
            message, Address(claimed.medium, claimed.contact), attempt=token
        )
    except NotAccepted as refusal:
        return _not_accepted(door, one, refusal)
    delivered = receipt.status is Status.DELIVERED
    return Outcome(
        one,
        "delivered" if delivered else "accepted",
        "accepted",
        reference=receipt.reference,
        status=receipt.status.value,
        rank=receipt.status.rank,
    )


def _not_accepted(door: Door, one: Intended, refusal: NotAccepted) -> Outcome:
    log.info(
        "delivery.not_accepted",
        delivery=one.claimed.delivery_id,
        attempt=one.number,
        kind=type(refusal).__name__,
        code=refusal.code,
    )
    if isinstance(refusal, Refused):
        return Outcome(one, "failed", "refused", reason=refusal.code[:REASON_CHARS])
    if isinstance(refusal, Unavailable):
        wait = unsent_wait_s(door.medium, one.number, door.dice)
        asked = refusal.retry_after_s or 0.0
        reason = refusal.code[:REASON_CHARS]
        return Outcome(one, "ready", "unsent", delay_s=max(wait, asked), reason=reason)
    assert isinstance(refusal, Unknown), refusal  # noqa: S101 - the contract has three kinds
    return Outcome(
        one,
        "unknown",
        "unknown",
        delay_s=door.ledger.timing.first_look_s,
        reason=refusal.code[:REASON_CHARS],
        doubt=True,
    )
