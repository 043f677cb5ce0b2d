"""The pace of one provider account, shared by every worker: exact, even, on Redis's clock.

A reservation is a place in one queue of time (GCRA with no burst): `reserve(units)` moves the
queue's end by units / rate and says how long to wait for one's own place. When Redis is away each
worker keeps its share of the rate by itself, so the sum never exceeds what was granted.
"""

import asyncio
import time
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

REDIS_PATIENCE_S = 0.3
ANY_WAIT_S = 1e9
REDIS_REST_S = 2.0  # after a failure, this long without asking Redis again
# Clocks and the wire are not exact: this much less than granted is asked for, so that no second
# ever holds more.
KEPT_BACK = 0.988

# A queue as long as many workers' windows; an end further away is no queue but a clock that was
# set back (fault F27).
QUEUE_MOST_S, QUEUE_WINDOWS = 10.0, 32

_RESERVE = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if free > now + tonumber(ARGV[3]) then free = now end
local start = math.max(now + tonumber(ARGV[4]), free)
if start - now > tonumber(ARGV[5]) then return string.format('%.6f', start - now) end
local ending = start + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.6f', ending), 'PX', ARGV[2])
return string.format('%.6f', start - now)
"""


log = structlog.get_logger(__name__)


class Clock(Protocol):
    """Monotonic seconds."""

    def __call__(self) -> float:
        """Return now."""


class SharedPace:
    """The pace of an account over all workers, in its own units.

    `rate_per_s` is what is granted; it may be changed at any time, for the next reservation.
    """

    def __init__(
        self,
        redis: "Redis | None",
        *,
        account: str,
        rate_per_s: float,
        workers: int,
        clock: Clock = time.monotonic,
    ) -> None:
        """Share `rate_per_s` by Redis; alone, keep 1 / `workers` of it."""
        self._redis = redis
        self._key = f"tocsin:pace:{account}"
        self._workers = workers
        self._clock = clock
        self._own_end = 0.0  # of this worker's last reservation, whoever gave it
        self._asleep_until = 0.0
        self._alone = False
        self.granted_per_s = rate_per_s

    @property
    def rate_per_s(self) -> float:
        """Return the rate at which messages of one reservation follow each other."""
        return self.granted_per_s * KEPT_BACK

    async def reserve(self, units: float, *, at_most_s: float = ANY_WAIT_S) -> float:
        """Take the next `units` places of the account; return the wait until the first, in s.

        A wait above `at_most_s` is told, and nothing is taken.
        """
        shared = await self._ask(units, at_most_s=at_most_s)
        now = self._clock()
        wait = max(0.0, self._own_end - now) if shared is None else shared
        if wait <= at_most_s:
            share = self._workers if shared is None else 1
            self._own_end = now + wait + units * share / self.rate_per_s
        return wait

    async def _ask(self, units: float, *, at_most_s: float) -> float | None:
        if self._redis is None or self._clock() < self._asleep_until:
            return None
        span_s = units / self.rate_per_s
        longest_s = QUEUE_MOST_S + QUEUE_WINDOWS * span_s
        # Its own places still to come: a Redis that lost its memory does not give them twice.
        own_s = max(0.0, self._own_end - self._clock())
        try:
            async with asyncio.timeout(REDIS_PATIENCE_S):
                wait = await self._redis.eval(  # type: ignore[misc]  # redis types it as both
                    _RESERVE,
                    1,
                    self._key,
                    f"{span_s:.6f}",
                    str(int((span_s + longest_s) * 1000)),
                    str(longest_s),
                    f"{own_s:.6f}",
                    str(at_most_s),
                )
        except (RedisError, OSError, TimeoutError) as error:
            self._asleep_until = self._clock() + REDIS_REST_S
            self._tell_alone(error)
            return None
        self._alone = False
        return float(wait)

    def _tell_alone(self, error: Exception) -> None:
        """Say once that Redis is of no use.

        Runbook: after `pace.alone` each worker keeps its share of the rate and everything leaves.
        Redis is down, full, read-only, or has another password: see its own log.
        """
        if not self._alone:
            log.warning("pace.alone", key=self._key, error=type(error).__name__)
        self._alone = True
