"""Benchmark: PostgreSQL stopped at once under a fan-out and started again: until work moves."""

import asyncio

from tests.bench.parts.launching import result
from tests.bench.parts.recovering import PEOPLE, postgresql_restarted_ms

GOAL_MS = 15000


def run() -> dict[str, object]:
    """Stop it several times, each time under a fan-out of its own."""
    return result(
        "recovery_postgresql_ms",
        asyncio.run(postgresql_restarted_ms()),
        people=PEOPLE,
        goal=GOAL_MS,
    )
