"""Benchmark: the web process's share of a core while 200 screens follow a fan-out."""

import asyncio

from tests.bench.parts import live_screens as screens

GOAL = 0.05


def run() -> dict[str, object]:
    """Follow a fan-out from 200 screens, and count what it costs the web process."""
    found = asyncio.run(screens.measured())
    return {
        "name": "live_200_screens_core_share",
        "value": round(found.core_share, 4),
        "unit": "cores",
        "goal": GOAL,
        "met": found.core_share <= GOAL,
        "detail": found.told(),
    }
