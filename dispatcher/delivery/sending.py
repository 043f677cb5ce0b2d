"""One window of sends: each message at its place of the pace, then its end written down.

No transaction is open during a provider call; no byte leaves with less than 10.5 s of lease left.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
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
from dispatcher.delivery.pace import Clock
from dispatcher.delivery.places import Places, Reserve
from dispatcher.delivery.retries import Dice, unsent_wait_s
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, attempt_token
from dispatcher.delivery.trunk import Line, Trunk, end_of
from dispatcher.store import unsent, windows
from dispatcher.store.claims import Claimed
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.ledger import Ledger
from dispatcher.store.marks import marked
from dispatcher.store.receipts import REASON_CHARS
from dispatcher.store.windows import Intended, Outcome

SETTLE_EVERY_S = 1.0
TOGETHER_S = 0.002  # places closer than this leave in one go

log = structlog.get_logger(__name__)


class Desk(Protocol):
    """What words a delivery, and what one message costs in the account's unit."""

    async def message(self, claimed: Claimed) -> Message:
        """Return the message of this delivery."""

    async def cost(self, claimed: Claimed, *, unit: Unit) -> float:
        """Return the units of the account's pace that it takes."""


class Hosts(Protocol):
    """The places of each partner's host: only a webhook's account has them."""

    async def sift(self, window: Sequence[Claimed]) -> Sequence[tuple[Claimed, float]]:
        """Take a place for each; return those whose host is busy, and when to try again, in s."""

    async def wait(self, claimed: Claimed) -> None:
        """Wait until the place that `sift` took."""


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
    trunk: Trunk = field(default_factory=Trunk)  # with the other accounts of the medium
    weight: int = 100
    hosts: Hosts | None = None
    clock: Clock = time.monotonic  # of lease and pace: it goes on while the process is frozen
    inflight: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Take a place beside the other accounts."""
        self.trunk.join(Line(self.provider, lambda: self.pace.rate_per_s, self.weight))

    @property
    def provider(self) -> str:
        """Return the name of the account."""
        return self.channel.provider

    @property
    def medium(self) -> str:
        """Return the medium that this account serves."""
        return self.channel.medium


async def send_window(
    door: Door, window: Sequence[Claimed], *, costs: Mapping[str, float], leaving: asyncio.Event
) -> None:
    """Commit the intent of a window, send it at the pace, settle what came back.

    `leaving` is set when the first of them may leave, or none will: the next window may begin.
    """
    timing = door.ledger.timing
    latest = door.clock() + timing.send_lease_s - timing.send_needs_s
    try:
        intended = await windows.intend(
            door.ledger,
            window,
            owner=door.owner,
            provider=door.channel.provider,
            in_progress=door.channel.pace.in_progress,
        )
        pending = await _emit(door, intended, costs=costs, latest=latest, leaving=leaving)
    finally:
        leaving.set()
    while pending:
        done, pending = await asyncio.wait(pending, timeout=SETTLE_EVERY_S)
        if pending:
            door.ledger.passing(CrashPoint.CP5)
        # One that broke (a poison row) harms no neighbour: its lease ends, then it is looked up.
        broken = [error for task in done if (error := task.exception())]
        for error in broken:
            log.error("delivery.send_broke", medium=door.medium, error=type(error).__name__)
        outcomes = [task.result() for task in done if task.exception() is None]
        await windows.settle(door.ledger, outcomes, owner=door.owner)
        if any(one.tried for one in outcomes):
            door.trunk.rouse()


async def _emit(
    door: Door,
    intended: Sequence[Intended],
    *,
    costs: Mapping[str, float],
    latest: float,
    leaving: asyncio.Event,
) -> set[asyncio.Task[Outcome]]:
    """Begin each send at its place: the places are even, and one that was missed is lost."""
    tasks: set[asyncio.Task[Outcome]] = set()
    loop = asyncio.get_running_loop()
    left = sum(costs[one.claimed.delivery_id] for one in intended)
    places = Places(door.pace)
    for one in intended:
        cost = costs[one.claimed.delivery_id]
        now = door.clock()
        if not places.hold(cost, now=now):
            wait = await places.take(left, now=now, latest=latest)
            if wait is not None:  # its lease would not last: the wait costs no attempt
                rest = [one.claimed for one in intended[len(tasks) :]]
                await unsent.take_back(door.ledger, rest, owner=door.owner, delay_s=wait)
                break
            await asyncio.sleep(places.at - door.clock())
            leaving.set()
        elif places.at - now > TOGETHER_S:
            await asyncio.sleep(places.at - now)
        tasks.add(loop.create_task(_send_one(door, one, latest=latest)))
        places.use(cost)
        left -= cost
    return tasks


async def _send_one(door: Door, one: Intended, *, latest: float) -> Outcome:
    claimed = one.claimed
    message = await door.desk.message(claimed)
    if door.hosts is not None:
        await door.hosts.wait(claimed)
    if door.clock() > latest:  # a frozen process that woke: its lease may be another's
        return Outcome(one, "ready", "unsent", reason="late", tried=claimed.tried)
    named = NamedAttempt(claimed.commune, claimed.delivery_id, one.number)
    token = attempt_token(door.keys, named)
    began_s = door.trunk.clock()
    try:
        receipt = await door.channel.send(
            message, Address(claimed.medium, claimed.contact), attempt=token
        )
    except NotAccepted as refusal:
        door.trunk.note(door.provider, end_of(door.medium, refusal), began_s=began_s)
        return _not_accepted(door, one, refusal)
    door.trunk.note(door.provider, end_of(door.medium, None), began_s=began_s)
    door.trunk.sample(door.provider, claimed.commune, claimed.delivery_id)
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
        return _unsent(door, one, refusal)
    assert isinstance(refusal, Unknown), refusal  # noqa: S101 - the contract has three kinds
    return Outcome(
        one,
        "unknown",
        "unknown",
        delay_s=door.ledger.timing.first_look_s,
        reason=refusal.code[:REASON_CHARS],
        doubt=True,
    )


def _unsent(door: Door, one: Intended, refusal: Unavailable) -> Outcome:
    """Leave it at once to another account; wait only when all have failed in this round."""
    claimed, reason = one.claimed, refusal.code[:REASON_CHARS]
    tried = marked(claimed.tried, door.provider)
    if door.trunk.another(door.provider, tried, claimed.failed_by):
        return Outcome(one, "ready", "unsent", reason=reason, tried=tried)
    rounds = -(-one.number // len(door.trunk.lines))
    wait = unsent_wait_s(door.medium, rounds, door.dice)
    asked = refusal.retry_after_s or 0.0
    return Outcome(one, "ready", "unsent", delay_s=max(wait, asked), reason=reason)
