"""Benchmark: the only worker killed -9 and started again: until work moves again."""

import asyncio

from tests.bench.parts.launching import result
from tests.bench.parts.recovering import PEOPLE, worker_killed_ms

GOAL_MS = 10000


def run() -> dict[str, object]:
    """Kill it several times."""
    return result(
        "recovery_worker_killed_ms", asyncio.run(worker_killed_ms()), people=PEOPLE, goal=GOAL_MS
    )
