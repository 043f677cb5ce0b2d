"""Benchmark: the worst second of three processes against the granted rate; worst of four rates."""

import asyncio

from tests.bench.parts.pacing import paced

GOAL = 1.02


def run() -> dict[str, object]:
    """Measure at 10, 100 and 1,000 a second through HTTP, at 10,000 on the limiter alone."""
    found = asyncio.run(paced())
    value = max(one.burst for one in found)
    refused = sum(one.refused for one in found)
    return {
        "name": "pace_max_burst",
        "value": round(value, 4),
        "unit": "of the rate",
        "goal": GOAL,
        "met": value <= GOAL and refused == 0,
        "detail": {str(one.rate): vars(one) for one in found},
    }
