"""The pace of one provider account, shared by every worker: exact, even, on Redis's clock.

A reservation is a place in one queue of time (GCRA with no burst): `reserve(units)` moves the
queue's end by units / rate and says how long to wait for one's own place. When Redis is away each
worker keeps its share of the rate by itself, so the sum never exceeds what was granted.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

REDIS_PATIENCE_S = 0.3
REDIS_REST_S = 2.0  # after a failure, this long without asking Redis again

QUEUE_MOST_S = 600.0  # an end further away is no queue: the clock was set back (fault F27)

_RESERVE = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if free > now + tonumber(ARGV[3]) then free = now end
local start = math.max(now, free)
local ending = start + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.6f', ending), 'PX', ARGV[2])
return string.format('%.6f', start - now)
"""


class Clock(Protocol):
    """Monotonic seconds."""

    def __call__(self) -> float:
        """Return now."""


class OwnPace:
    """A queue of time of one process: its share of the rate, without Redis."""

    def __init__(self, rate_per_s: float, *, clock: Clock = time.monotonic) -> None:
        """Grant `rate_per_s` units a second."""
        self._rate = rate_per_s
        self._clock = clock
        self._free = 0.0

    def reserve(self, units: float) -> float:
        """Take the next `units` places; return the wait until the first, in seconds."""
        now = self._clock()
        start = max(now, self._free)
        self._free = start + units / self._rate
        return start - now


class SharedPace:
    """The pace of an account over all workers, in its own units."""

    def __init__(
        self, redis: "Redis | None", *, account: str, rate_per_s: float, workers: int
    ) -> None:
        """Share `rate_per_s` by Redis; alone, keep 1 / `workers` of it."""
        self._redis = redis
        self._key = f"tocsin:pace:{account}"
        self._own = OwnPace(rate_per_s / workers)
        self._asleep_until = 0.0
        self.rate_per_s = rate_per_s

    async def reserve(self, units: float) -> float:
        """Take the next `units` places of the account; return the wait until the first, in s."""
        shared = await self._ask(units)
        return self._own.reserve(units) if shared is None else shared

    async def _ask(self, units: float) -> float | None:
        if self._redis is None or time.monotonic() < self._asleep_until:
            return None
        span_s = units / self.rate_per_s
        try:
            async with asyncio.timeout(REDIS_PATIENCE_S):
                wait = await self._redis.eval(  # type: ignore[misc]  # redis types it as both
                    _RESERVE,
                    1,
                    self._key,
                    f"{span_s:.6f}",
                    str(int((span_s + QUEUE_MOST_S) * 1000)),
                    str(QUEUE_MOST_S),
                )
        except (RedisError, OSError, TimeoutError):
            self._asleep_until = time.monotonic() + REDIS_REST_S
            return None
        return float(wait)


def slots(costs: Sequence[float], rate_per_s: float) -> list[float]:
    """Return the second, from the window's start, at which each message may leave, evenly."""
    passed = 0.0
    places = []
    for cost in costs:
        places.append(passed / rate_per_s)
        passed += cost
    return places
