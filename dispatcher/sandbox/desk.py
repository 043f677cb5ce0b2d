"""What the pretend operators share: ledger, failures, behaviour, the way back to the caller."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dispatcher.sandbox.callbacks import Caller, Tally
from dispatcher.sandbox.callees import Behaviour, chance
from dispatcher.sandbox.credentials import Credentials
from dispatcher.sandbox.faults import Faults
from dispatcher.sandbox.ledger import Ledger

COPIES = 10  # of each callback, under receipts_x10


@dataclass
class Desk:
    """One sandbox at work; `behaviour` may be changed while it runs."""

    credentials: Credentials
    ledger: Ledger
    faults: Faults
    caller: Caller
    at_start: Behaviour
    behaviour: Behaviour = field(init=False)
    webhook_secrets: dict[str, str] = field(default_factory=dict)
    typists: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by number: what they type
    refused_signatures: int = 0
    lives: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Behave as started."""
        self.behaviour = self.at_start

    def start(self, life: Coroutine[None, None, None]) -> None:
        """Let a message or a call go its way, after the answer to its sender."""
        task = asyncio.create_task(life)
        self.lives.add(task)
        task.add_done_callback(self.lives.discard)

    async def stop(self) -> None:
        """Interrupt every message and call on its way; the ledger keeps where they were."""
        lives = tuple(self.lives)
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)

    async def reset(self) -> None:
        """Go back to the first minute: nothing accepted, nothing failing, behaving as started."""
        await self.stop()
        self.faults.clear()
        self.webhook_secrets.clear()
        self.typists.clear()
        self.behaviour = self.at_start
        self.refused_signatures = 0
        self.caller.tally = Tally()
        await self.ledger.clear()

    async def step(self, sid: str, name: str) -> None:
        """Wait one step of this message: half to one and a half times the latency."""
        latency_s = self.behaviour.latency_s
        await asyncio.sleep(latency_s * (0.5 + chance(self.behaviour.seed, sid, name)))

    def receipts(self, medium: str) -> str:
        """Draw how the callbacks of a new message go: `once`, `none` or `x10`."""
        fault = self.faults.draw(medium, among=frozenset({"no_receipts", "receipts_x10"}))
        if fault is None:
            return "once"
        return "none" if fault.kind == "no_receipts" else "x10"


class Teller(Protocol):
    """What posts one status to the application."""

    async def tell(self, url: str, fields: Mapping[str, str]) -> bool:
        """Post it; say whether it was taken."""


@dataclass
class Receipts:
    """The status callbacks of one message or call; `url` empty when none were asked for."""

    caller: Teller
    url: str
    manner: str
    told: list[Mapping[str, str]] = field(default_factory=list)
    happened: int = 0

    async def tell(self, fields: Mapping[str, str], *, last: bool = False) -> None:
        """Post one status, as many times and in the order this message's luck says."""
        if not self.url or self.manner == "none":
            return
        if self.manner == "once":
            await self.caller.tell(self.url, fields)
            return
        posts = [fields] * COPIES + (self.told if last else [])
        self.told.append(fields)
        await asyncio.gather(*(self.caller.tell(self.url, post) for post in posts))
