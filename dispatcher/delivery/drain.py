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
from dispatcher.delivery.retries import MOST_DOUBTS, Dice, unsent_wait_s
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, attempt_token
from dispatcher.store import claims, windows
from dispatcher.store.claims import Claimed
from dispatcher.store.ledger import Ledger
from dispatcher.store.windows import Intended, Outcome

CLAIM_MOST = 500
WINDOW_MOST = 50
RENEW_EVERY_S = 2.0
SEND_NEEDS_S = 10.5  # of lease: connect 3 s, total 10 s, and a margin
SETTLE_EVERY_S = 1.0
WINDOWS_AT_ONCE = 12  # answers of 10 s do not hold up a pace of one window a second

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
        while batch := await claims.claim(
            door.ledger, route=door.route, medium=door.medium, owner=door.owner, limit=limit
        ):
            total += len(batch)
            await _send_batch(door, batch)
    finally:
        if door.inflight:
            await asyncio.shield(asyncio.wait(set(door.inflight)))
    return total


async def _send_batch(door: Door, batch: list[Claimed]) -> None:
    waiting = [row.held for row in batch]
    keeper = asyncio.create_task(_keep(door, waiting))
    size = max(1, min(WINDOW_MOST, int(door.pace.rate_per_s)))
    try:
        while batch:
            window, batch = batch[:size], batch[size:]
            while len(door.inflight) >= WINDOWS_AT_ONCE:
                await asyncio.wait(door.inflight, return_when=asyncio.FIRST_COMPLETED)
            costs = [await door.desk.cost(row, unit=door.channel.pace.unit) for row in window]
            await asyncio.sleep(await door.pace.reserve(sum(costs)))
            del waiting[: len(window)]
            task = asyncio.create_task(_send_window(door, window, costs))
            door.inflight.add(task)
            task.add_done_callback(door.inflight.discard)
    finally:
        keeper.cancel()
        if waiting:
            await asyncio.shield(claims.release(door.ledger, waiting, owner=door.owner))


async def _keep(door: Door, waiting: list[tuple[str, str, int]]) -> None:
    while waiting:
        await asyncio.sleep(RENEW_EVERY_S)
        await claims.renew(door.ledger, list(waiting), owner=door.owner)


async def _send_window(door: Door, window: Sequence[Claimed], costs: Sequence[float]) -> None:
    begun = time.monotonic()
    latest = begun + claims.SEND_LEASE_S - SEND_NEEDS_S
    intended = await windows.intend(
        door.ledger, window, owner=door.owner, provider=door.channel.provider
    )
    cost_of = {row.delivery_id: cost for row, cost in zip(window, costs, strict=True)}
    places = slots([cost_of[one.claimed.delivery_id] for one in intended], door.pace.rate_per_s)
    pending = {
        asyncio.create_task(_send_one(door, one, at=begun + place, latest=latest))
        for one, place in zip(intended, places, strict=True)
    }
    while pending:
        done, pending = await asyncio.wait(pending, timeout=SETTLE_EVERY_S)
        await windows.settle(door.ledger, [task.result() for task in done], owner=door.owner)


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
        return Outcome(one, "failed", "refused", reason=refusal.code)
    if isinstance(refusal, Unavailable):
        wait = unsent_wait_s(door.medium, one.number, door.dice)
        asked = refusal.retry_after_s or 0.0
        return Outcome(one, "ready", "unsent", delay_s=max(wait, asked), reason=refusal.code)
    assert isinstance(refusal, Unknown), refusal  # noqa: S101 - the contract has three kinds
    if one.claimed.doubts + 1 > MOST_DOUBTS[door.medium]:
        return Outcome(one, "exhausted", "unknown", reason="uncertain", doubt=True)
    return Outcome(
        one, "unknown", "unknown", delay_s=claims.FIRST_LOOK_S, reason=refusal.code, doubt=True
    )
