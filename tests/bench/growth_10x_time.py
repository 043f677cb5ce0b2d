"""Benchmark: a fan-out to ten times as many people, in time."""

import asyncio

from tests.bench.parts.growing import grown

GOAL = 11.0


def run() -> dict[str, object]:
    """Send to 100,000 people, then to 1,000,000."""
    small, large = asyncio.run(grown())
    ratio = large.seconds / small.seconds
    return {
        "name": "growth_10x_time",
        "value": round(ratio, 2),
        "unit": "x",
        "goal": GOAL,
        "met": ratio <= GOAL,
        "detail": {"seconds": [round(one.seconds, 1) for one in (small, large)],
                   "per_s": [round(one.people / one.seconds) for one in (small, large)]},
    }  # fmt: skip
