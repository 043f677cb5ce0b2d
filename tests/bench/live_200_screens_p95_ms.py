"""Benchmark: 200 screens while a fan-out runs: from the commit of an answer to each screen."""

import asyncio

from tests.bench.parts import live_screens as screens
from tests.bench.parts.launching import result

GOAL_MS = 1000


def run() -> dict[str, object]:
    """Look at what happens from 200 screens."""
    found = asyncio.run(screens.measured())
    told = result(
        "live_200_screens_p95_ms", found.latencies_ms, people=screens.PEOPLE, goal=GOAL_MS
    )
    return told | {"detail": found.told()}
