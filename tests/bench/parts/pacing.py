"""Three processes on one account: how much of the granted rate they use, and its worst second.

Through HTTP at 10, 100 and 1,000 a second (the sink refuses above rate + 1 in any second), and on
the limiter alone at 10,000 a second.
"""

import asyncio
import functools
import json
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from dispatcher.embedded import embedded_redis
from tests.bench.parts import crowd, fleet
from tests.real_parts import ROOT

RATES = (10, 100, 1000)
LIMITER_RATE = 10_000
SECONDS = 12
PROCESSES = 3


@dataclass(frozen=True)
class Paced:
    """One rate: the share of it that was used, the worst second against it, what was refused."""

    rate: int
    used: float
    burst: float
    refused: int


_KNOWN: list[Paced] = []


async def paced() -> list[Paced]:
    """Measure every rate; asked twice in one process, they are measured once."""
    if not _KNOWN:
        _KNOWN.extend([await _by_http(rate) for rate in RATES])
        _KNOWN.append(await asyncio.to_thread(_limiter_alone))
    return _KNOWN


async def _by_http(rate: int) -> Paced:
    people = rate * SECONDS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = await crowd.settle(folder / "ledger.db", people)
        async with embedded_redis(folder) as redis, fleet.sink(folder, rate=rate) as sink:
            order = fleet.sms_order(url, sink, redis_url=redis, rate=rate, workers=PROCESSES)
            async with AsyncExitStack() as stack:
                for number in range(PROCESSES):
                    await stack.enter_async_context(fleet.worker(order, folder, name=f"w{number}"))
                await crowd.launched(url)
                came = functools.partial(fleet.count, sink)
                await fleet.until(lambda: came()["count"] >= people, "all messages came")
            told = fleet.count(sink)
    return Paced(rate, *_judged(told, rate))


def _judged(told: dict[str, float], rate: int) -> tuple[float, float, int]:
    used = (told["count"] - 1) / (told["last"] - told["first"]) / rate
    return used, (told["busiest"] - 1) / rate, int(told["refused"])


def _limiter_alone() -> Paced:
    words = [sys.executable, "-m", "tests.bench.parts.limiter", str(LIMITER_RATE), str(PROCESSES)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    return Paced(LIMITER_RATE, told["used"], told["burst"], 0)
