"""A channel that keeps the contract, and its own ledger of what it accepted: the tests' oracle."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from channels.contract import (
    AccountSettings,
    Address,
    Attempt,
    AttemptToken,
    Channel,
    Message,
    Pace,
    Receipt,
    Refused,
    Status,
    Unavailable,
    Unit,
    Unknown,
    Usability,
)
from dispatcher.delivery.desk import VersionDesk
from dispatcher.delivery.pace import SharedPace
from dispatcher.delivery.retries import Dice
from dispatcher.delivery.sending import Door
from dispatcher.delivery.trunk import Trunk
from dispatcher.store.ledger import Ledger
from tests.outgoing import KEYS, PUBLIC_URL

ACCEPT, REFUSE, UNAVAILABLE = "accept", "refuse", "unavailable"
UNREACHED = "unreached"
ACCEPTED_AND_LOST, LOST = "accepted-and-lost", "lost"  # both look the same to the sender


FAST = Pace(Unit.MESSAGES, 1000.0)


@dataclass(frozen=True)
class Accepted:
    """A message that the fake took."""

    contact: str
    text: str
    token: str
    at: float
    status: Status


@dataclass
class FakeChannel:
    """Takes messages as scripted: one outcome per call, then `ACCEPT` for ever."""

    medium: str = "sms"
    provider: str = "fake"
    pace: Pace = FAST
    script: list[str] = field(default_factory=list)
    latency_s: float = 0.0
    retry_after_s: float | None = None
    readable: bool = True  # its records can be asked
    status: Status = Status.ACCEPTED
    ledger: list[Accepted] = field(default_factory=list)
    calls: int = 0
    asked: int = 0
    became: Status | None = None  # what it tells of each message that is asked for
    detail: str | None = None
    on_accept: Callable[[AttemptToken], Awaitable[None]] | None = None

    @property
    def looks_up(self) -> bool:
        """Keep records like a telephone provider: a mail server does not."""
        return self.medium in ("sms", "voice")

    @classmethod
    @asynccontextmanager
    async def open(cls, account: AccountSettings, *, public_url: str) -> AsyncIterator[Self]:
        """Connect to nothing."""
        yield cls(provider=account.name, pace=Pace(Unit.MESSAGES, account.rate_per_s))

    async def send(self, message: Message, to: Address, *, attempt: AttemptToken) -> Receipt:
        """Do what the script says of this call."""
        self.calls += 1
        outcome = self.script.pop(0) if self.script else ACCEPT
        await asyncio.sleep(self.latency_s)
        if outcome == REFUSE:
            raise Refused("21211", "no such number")
        if outcome == UNAVAILABLE:
            raise Unavailable("429", "too fast", retry_after_s=self.retry_after_s)
        if outcome == UNREACHED:
            raise Unavailable("no-connection", "no connection")
        if outcome == LOST:
            raise Unknown("timeout", "no answer")
        if outcome not in (ACCEPT, ACCEPTED_AND_LOST):
            raise RuntimeError(outcome)  # a row that breaks its sender
        self.ledger.append(
            Accepted(to.value, message.text, attempt.value, time.monotonic(), self.status)
        )
        if self.on_accept is not None:
            await self.on_accept(attempt)
        if outcome == ACCEPTED_AND_LOST:
            raise Unknown("timeout", "no answer")
        return Receipt(f"R{len(self.ledger)}", self.status)

    async def find(self, attempt: Attempt) -> Receipt | None:
        """Look in its own ledger, by contact and words, as Twilio's look-up can."""
        if not self.readable:
            raise Unavailable("503", "records cannot be read")
        for number, one in enumerate(self.ledger, 1):
            reference, alike = f"R{number}", (attempt.to.value, attempt.text)
            if (one.contact, one.text) == alike and reference not in attempt.known:
                return Receipt(reference, one.status)
        return None

    async def ask(self, reference: str, *, to: Address, attempt: AttemptToken) -> Receipt | None:
        """Tell what became of a message, by its place in the ledger."""
        del to, attempt
        self.asked += 1
        if not self.readable:
            raise Unavailable("503", "records cannot be read", retry_after_s=self.retry_after_s)
        place = int(reference.removeprefix("R")) - 1
        if place >= len(self.ledger):
            return None
        return Receipt(reference, self.became or self.ledger[place].status, self.detail)

    async def check(self) -> Usability:
        """Be usable."""
        return Usability(ok=True)

    @property
    def copies(self) -> Counter[str]:
        """Count what each contact got."""
        return Counter(one.contact for one in self.ledger)


def once_each(contacts: Iterable[str]) -> Counter[str]:
    """Give what an oracle holds when everyone got exactly one."""
    return Counter(dict.fromkeys(contacts, 1))


def door(
    ledger: Ledger,
    channel: Channel,
    *,
    owner: str = "w1",
    trunk: Trunk | None = None,
    weight: int = 100,
) -> Door:
    """Open a way out through the fake, paced by itself alone; with a trunk, beside others."""
    return Door(
        ledger,
        channel,
        "live",
        SharedPace(None, account=channel.provider, rate_per_s=channel.pace.per_second, workers=1),
        VersionDesk(ledger, KEYS, public_url=PUBLIC_URL),
        owner,
        KEYS,
        Dice(random.Random(1)),  # noqa: S311 - spreads retries, guards nothing
        trunk or Trunk(),
        weight,
    )
