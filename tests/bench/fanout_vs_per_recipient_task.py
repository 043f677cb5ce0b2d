"""Benchmark: deliveries per second against one Celery task and one ORM update per recipient.

The same machine, the same sink, two processes each; the queue of the peer is filled beforehand.
"""

import asyncio
import functools
import tempfile
from pathlib import Path

from dispatcher.embedded import embedded_redis
from tests.bench.parts import crowd, fleet
from tests.bench.parts.peer_queue import fill

OURS, THEIRS = 40_000, 3_000
GOAL = 30.0


def run() -> dict[str, object]:
    """Measure both, one after the other."""
    ours, theirs = asyncio.run(_ours()), asyncio.run(_theirs())
    return {
        "name": "fanout_vs_per_recipient_task",
        "value": round(ours / theirs, 1),
        "unit": "x",
        "goal": GOAL,
        "met": ours / theirs >= GOAL,
        "detail": {"ours_per_s": round(ours), "theirs_per_s": round(theirs)},
    }


async def _ours() -> float:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = await crowd.settle(folder / "ledger.db", OURS)
        async with embedded_redis(folder) as redis, fleet.sink(folder) as sink:
            order = fleet.sms_order(url, sink, redis_url=redis, workers=1)
            async with fleet.worker(order, folder):
                await crowd.launched(url)
                await fleet.until(fleet.settled(url, OURS), "all is settled")
            return _rate(sink, OURS)


async def _theirs() -> float:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        async with embedded_redis(folder) as redis, fleet.sink(folder) as sink:
            places = {
                "PER_RECIPIENT_DATABASE": f"sqlite:///{folder / 'peer.db'}",
                "PER_RECIPIENT_REDIS": redis.replace("unix://", "redis+socket://"),
                "PER_RECIPIENT_SINK": sink,
            }
            await asyncio.to_thread(fill, places, THEIRS)
            words = ("celery", "-A", "tests.bench.parts.per_recipient", "worker", "-c", "2")
            log = folder / "celery.log"
            async with fleet.process(*words, "-l", "warning", log=log, settings=places):
                came = functools.partial(fleet.count, sink)
                await fleet.until(lambda: came()["count"] >= THEIRS, "the peer sent all")
            return _rate(sink, THEIRS)


def _rate(sink: str, messages: int) -> float:
    came = fleet.count(sink)
    return messages / (came["last"] - came["first"])
