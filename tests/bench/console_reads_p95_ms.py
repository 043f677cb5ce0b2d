"""Benchmark: the console's pages, while an alert to 1,000,000 people leaves at 1,000 a second."""

import asyncio

from tests.bench.parts.screens import desk, reads, took_ms, worded

ROUNDS = 20
GOAL_MS = 200


def run() -> dict[str, object]:
    """Look at each page several times."""
    return asyncio.run(_looked())


async def _looked() -> dict[str, object]:
    async with desk() as one:
        return worded(
            "console_reads_p95_ms", await took_ms(reads(one), rounds=ROUNDS), goal=GOAL_MS
        )
