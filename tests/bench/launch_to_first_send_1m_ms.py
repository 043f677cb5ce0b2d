"""Benchmark: from a launch to 1,000,000 people to the first request at the provider."""

import asyncio

from tests.bench.parts.launching import first_sends_ms, result

PEOPLE = 1_000_000
ROUNDS = 4
GOAL_MS = 1000


def run() -> dict[str, object]:
    """Launch several times, each with a worker that waits."""
    took = asyncio.run(first_sends_ms(PEOPLE, rounds=ROUNDS))
    return result("launch_to_first_send_1m_ms", took, people=PEOPLE, goal=GOAL_MS)
