"""The ring of keys: which partner signed a request, and whether it may ask again so soon."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dispatcher.partners.signatures import Signed, Unsigned, proves, read_headers, secret_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.partners import Partner, let_in

FRESH_S = 1.0  # how long a key that was ended may still open
SHORT_BYTES = 64 * 1024
BURST_S = 2.0  # a partner may save up so many seconds of its rate


class TooOften(Exception):
    """A partner asks more often than was agreed; `wait_s` until it may again."""

    def __init__(self, wait_s: float, rate_per_s: float) -> None:
        """Say when."""
        self.wait_s = wait_s
        super().__init__(
            f"Vous dépassez {rate_per_s:g} messages par seconde : attendez, puis renvoyez avec le"
            " même webhook-id."
        )


@dataclass(frozen=True)
class Caller:
    """A partner whose request was proved, and the message's own id and sending time."""

    partner: Partner
    signed: Signed


@dataclass
class _Bucket:
    """What a partner has left of its rate: a token a report, and one of its own a request.

    A batch takes a token each report, and may leave fewer than none: the next batch waits for
    them. A message by itself does not: distress is not held up by a queue that was emptied.
    """

    tokens: float
    reports: float
    at: float


@dataclass
class KeyRing:
    """The keys of every partner of a ledger, read again as they change.

    A request names no partner: each key is tried, which costs 3 µs, and a partner of several
    communes is known by the key of each.
    """

    ledger: Ledger
    master: bytes = field(repr=False)
    monotonic: Callable[[], float] = time.monotonic
    _read_at: float = -math.inf
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    _held: list[tuple[Partner, tuple[bytes, ...]]] = field(default_factory=list, repr=False)
    _buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict, repr=False)

    async def caller(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime, target: bytes = b""
    ) -> Caller:
        """Return who signed this body; raises Unsigned, Stale or TooOften.

        `target` is the path and query of a request that only asks, signed in the place of a body:
        what was signed for one question opens no other. Over an empty body, as libraries of the
        standard sign it, it is taken all the same.
        """
        signed = read_headers(headers, now=now)
        if self._is_stale:
            async with self._reading:  # one of those who ask reads it for all
                if self._is_stale:
                    await self._read()
        # Nobody has proved anything yet: a long body is not weighed where every page is served.
        weighed = self._whose(signed, (target, body) if target else (body,))
        partner = await asyncio.to_thread(weighed) if len(body) > SHORT_BYTES else weighed()
        if partner is not None:
            self._take(partner)
            return Caller(partner, signed)
        raise Unsigned(
            "Aucun de nos partenaires n'a signé cette demande : vérifiez le secret, et que le corps"
            " envoyé est, octet pour octet, celui qui a été signé."
        )

    def _whose(
        self, signed: Signed, bodies: tuple[bytes, ...]
    ) -> Callable[[], Partner | None]:  # fmt: skip
        held = self._held

        def look() -> Partner | None:
            for partner, keys in held:
                if any(proves(signed, keys, body=body) for body in bodies):
                    return partner
            return None

        return look

    @property
    def _is_stale(self) -> bool:
        return self.monotonic() - self._read_at >= FRESH_S

    async def _read(self) -> None:
        found = await let_in(self.ledger)
        self._held = [(one, self._secrets(one)) for one in found]
        self._read_at = self.monotonic()

    def _secrets(self, partner: Partner) -> tuple[bytes, ...]:
        return tuple(
            secret_of(self.master, commune=partner.commune, partner=partner.partner, serial=serial)
            for serial in partner.serials
        )

    def count(self, caller: Caller, *, reports: int) -> None:
        """Take the reports of a batch off its partner's rate; raises TooOften while it owes any."""
        bucket, rate = self._bucket(caller.partner), caller.partner.rate_per_s
        if bucket.reports < 0.0:  # the request itself took one already
            raise TooOften(-bucket.reports / rate, rate)
        bucket.reports -= reports - 1

    def _take(self, partner: Partner) -> None:
        bucket, rate = self._bucket(partner), partner.rate_per_s
        if bucket.tokens < 1.0:
            raise TooOften((1.0 - bucket.tokens) / rate, rate)
        bucket.tokens -= 1.0
        bucket.reports -= 1.0

    def _bucket(self, partner: Partner) -> _Bucket:
        now, rate = self.monotonic(), partner.rate_per_s
        most = max(1.0, rate * BURST_S)
        key = (partner.commune, partner.partner)
        bucket = self._buckets.setdefault(key, _Bucket(most, most, now))
        saved = (now - bucket.at) * rate
        bucket.tokens = min(most, bucket.tokens + saved)
        bucket.reports = min(most, bucket.reports + saved)
        bucket.at = now
        return bucket
