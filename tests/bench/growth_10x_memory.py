"""Benchmark: a fan-out to ten times as many people, in the worker's memory."""

import asyncio

from tests.bench.parts.growing import grown

GOAL = 1.2


def run() -> dict[str, object]:
    """Send to 100,000 people, then to 1,000,000; the peak of each worker is the kernel's own."""
    small, large = asyncio.run(grown())
    ratio = large.peak_mb / small.peak_mb
    return {
        "name": "growth_10x_memory",
        "value": round(ratio, 3),
        "unit": "x",
        "goal": GOAL,
        "met": ratio <= GOAL,
        "detail": {"peak_mb": [round(one.peak_mb, 1) for one in (small, large)]},
    }
