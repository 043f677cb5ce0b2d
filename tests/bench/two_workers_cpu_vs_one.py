"""Benchmark: CPU of the workers per delivery, two processes against one."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from dispatcher.embedded import embedded_redis
from tests.bench.parts import crowd, fleet

PEOPLE = 40_000
GOAL = 1.25


def run() -> dict[str, object]:
    """Send the same alert by one worker, then by two that share the pace on Redis."""
    (one, one_rate), (two, two_rate) = (asyncio.run(_sent(number)) for number in (1, 2))
    return {
        "name": "two_workers_cpu_vs_one",
        "value": round(two / one, 2),
        "unit": "x",
        "goal": GOAL,
        "met": two / one <= GOAL,
        "detail": {"cpu_us": [round(one, 1), round(two, 1)],
                   "per_s": [round(one_rate), round(two_rate)], "people": PEOPLE},
    }  # fmt: skip


async def _sent(workers: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = await crowd.settle(folder / "ledger.db", PEOPLE)
        async with embedded_redis(folder) as redis, fleet.sink(folder) as sink:
            order = fleet.sms_order(url, sink, redis_url=redis, workers=workers)
            async with AsyncExitStack() as stack:
                fleets = [
                    await stack.enter_async_context(fleet.worker(order, folder, name=f"w{number}"))
                    for number in range(workers)
                ]
                before = fleet.cpu_s(fleets)
                await crowd.launched(url)
                await fleet.until(fleet.settled(url, PEOPLE), "all is settled")
                cpu_us = (fleet.cpu_s(fleets) - before) / PEOPLE * 1e6
            came = fleet.count(sink)
    return cpu_us, PEOPLE / (came["last"] - came["first"])
