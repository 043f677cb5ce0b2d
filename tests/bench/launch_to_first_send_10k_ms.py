"""Benchmark: from a launch to 10,000 people to the first request at the provider."""

import asyncio

from tests.bench.parts.launching import first_sends_ms, result

PEOPLE = 10_000
ROUNDS = 10
GOAL_MS = 1000


def run() -> dict[str, object]:
    """Launch several times, each with a worker that waits."""
    took = asyncio.run(first_sends_ms(PEOPLE, rounds=ROUNDS))
    return result("launch_to_first_send_10k_ms", took, people=PEOPLE, goal=GOAL_MS)
