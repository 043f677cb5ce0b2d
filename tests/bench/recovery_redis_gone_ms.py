"""Benchmark: Redis killed -9 under a fan-out: until work surely moves without it."""

import asyncio

from tests.bench.parts.launching import result
from tests.bench.parts.recovering import PEOPLE, redis_gone_ms

GOAL_MS = 2000


def run() -> dict[str, object]:
    """Kill it several times."""
    return result(
        "recovery_redis_gone_ms", asyncio.run(redis_gone_ms()), people=PEOPLE, goal=GOAL_MS
    )
