"""The pace of each partner's host under the webhook account: one busy host delays no other.

A webhook whose host has no place soon goes back to the ledger, due at its turn, with no attempt
counted; so the account's own pace is never spent on waiting for one host.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from dispatcher.store.claims import Claimed

SOON_S = 1.0  # a place nearer than this is waited for, beside the other sends
KEPT = 4096  # hosts; more than any installation has partners


class Places(Protocol):
    """The shared pace of one host."""

    @property
    def rate_per_s(self) -> float:
        """Return its requests per second."""

    async def reserve(self, units: float, *, at_most_s: float = ...) -> float:
        """Return the wait until its next place; a wait above `at_most_s` reserves nothing."""


@dataclass
class _Host:
    """A host's places, and until when its turns are promised to what was put off."""

    places: Places
    promised_until: float = 0.0

    def turn(self, now: float, wait_s: float) -> float:
        """Promise the next turn; return how far away it is, in seconds."""
        self.promised_until = max(self.promised_until, now + wait_s) + 1 / self.places.rate_per_s
        return self.promised_until - now


@dataclass
class HostPaces:
    """The hosts that webhooks of this process go to; `pace_of` opens the shared pace of one."""

    pace_of: Callable[[str], Places]
    _hosts: dict[str, _Host] = field(default_factory=dict)
    _places: dict[tuple[str, str], float] = field(default_factory=dict)  # by commune and delivery

    async def sift(self, window: Sequence[Claimed]) -> Sequence[tuple[Claimed, float]]:
        """Take a place for each; return those whose host is busy, and when to try again, in s."""
        busy: list[tuple[Claimed, float]] = []
        full: dict[str, float] = {}
        for row in window:
            name = urlsplit(row.contact).hostname or ""
            host = self._host(name)
            now = time.monotonic()
            if name not in full:
                wait = await host.places.reserve(1.0, at_most_s=SOON_S)
                if wait <= SOON_S:
                    self._places[row.commune, row.delivery_id] = now + wait
                    continue
                full[name] = wait
            busy.append((row, host.turn(now, full[name])))
        return busy

    async def wait(self, claimed: Claimed) -> None:
        """Wait until the place that `sift` took."""
        at = self._places.pop((claimed.commune, claimed.delivery_id), 0.0)
        await asyncio.sleep(at - time.monotonic())

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            if len(self._hosts) >= KEPT:
                self._hosts.clear()
            self._hosts[name] = _Host(self.pace_of(name))
        return self._hosts[name]
