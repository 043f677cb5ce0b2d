"""The limiter alone: `python -m tests.bench.parts.limiter RATE PROCESSES` reserves and notes.

Each process reserves windows as a worker does, and notes when each of its places comes.
"""

import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

from redis.asyncio import Redis

from dispatcher.delivery.drain import WINDOW_MOST
from dispatcher.delivery.pace import SharedPace
from dispatcher.embedded import embedded_redis

SECONDS = 6.0


async def _reserve(url: str, rate: float, processes: int, until: float) -> list[float]:
    places: list[float] = []
    async with Redis.from_url(url) as redis:
        pace = SharedPace(redis, account="bench", rate_per_s=rate, workers=processes)
        while time.monotonic() < until:
            wait = await pace.reserve(WINDOW_MOST)
            first = time.monotonic() + wait
            places += [first + n / pace.rate_per_s for n in range(WINDOW_MOST)]
            await asyncio.sleep(wait)
    return places


def _process(url: str, rate: float, processes: int, until: float) -> list[float]:
    return asyncio.run(_reserve(url, rate, processes, until))


async def _all(rate: float, processes: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        async with embedded_redis(Path(folder)) as url:
            until = time.monotonic() + SECONDS + 1
            words = [(url, rate, processes, until)] * processes
            with multiprocessing.get_context("spawn").Pool(processes) as pool:
                found = await asyncio.to_thread(pool.starmap, _process, words)
    times = sorted(place for some in found for place in some)
    return {
        "used": (len(times) - 1) / (times[-1] - times[0]) / rate,
        "burst": (busiest(times) - 1) / rate,
    }


def busiest(times: list[float]) -> int:
    """Count the most of these instants in any one second."""
    window: deque[float] = deque()
    most = 0
    for one in times:
        window.append(one)
        while one - window[0] >= 1.0:
            window.popleft()
        most = max(most, len(window))
    return most


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_all(float(sys.argv[1]), int(sys.argv[2])))))  # noqa: T201
