"""Benchmark: what people do at the console, while 1,000,000 messages leave at 1,000 a second."""

import asyncio

from tests.bench.parts.screens import acts, desk, took_ms, worded

ROUNDS = 25
GOAL_MS = 500


def run() -> dict[str, object]:
    """Do each act several times."""
    return asyncio.run(_done())


async def _done() -> dict[str, object]:
    async with desk() as one:
        return worded(
            "console_acts_p95_ms", await took_ms(await acts(one), rounds=ROUNDS), goal=GOAL_MS
        )
