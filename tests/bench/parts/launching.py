"""From a launch to the provider's first request: an alert approved beforehand, a worker that waits.

The web process of a commune keeps its homes in memory once it has read them; so does this one, as
the draft of an alert has read them: no preview, which opens a million contacts, is waited for.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from dispatcher.alerts import life
from dispatcher.alerts.office import Office
from dispatcher.delivery.bell import QUEUES, Bell
from dispatcher.embedded import embedded_redis
from tests.bench.parts import crowd, fleet
from tests.keyring import opened


async def first_sends_ms(people: int, *, rounds: int) -> list[float]:
    """Launch `rounds` alerts one after the other; return how long each first request took."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = await crowd.settle(folder / "ledger.db", people)
        async with embedded_redis(folder) as redis, opened(url) as ledger:
            office = crowd.office_of(ledger)
            return [await _one(office, folder, url=url, redis=redis) for _ in range(rounds)]


async def _one(office: Office, folder: Path, *, url: str, redis: str) -> float:
    bell = Bell(redis)
    async with fleet.sink(folder) as sink:
        # Slow: what follows the first message is not measured here.
        order = fleet.sms_order(url, sink, redis_url=redis, rate=100.0)
        async with fleet.worker(order, folder):
            alert = await crowd.approved(office)
            await bell.ring(QUEUES)  # connected, as a web process is
            await asyncio.sleep(1.0)
            began = time.monotonic()
            await life.launch(office, alert, actor=crowd.APPROVER, launch_key=alert)
            await bell.ring(QUEUES)
            await fleet.until(lambda: fleet.count(sink)["count"] > 0, "the first message came")
            first = fleet.count(sink)["first"]
            await life.cancel(office, alert, actor=crowd.APPROVER)
    await bell.close()
    return (first - began) * 1000


def result(name: str, took: list[float], *, people: int, goal: float) -> dict[str, object]:
    """Word a benchmark in milliseconds: the 95th centile, which of few values is the largest."""
    ordered = sorted(took)
    value = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {
        "name": name,
        "value": round(value),
        "unit": "ms",
        "goal": goal,
        "met": value <= goal,
        "detail": {"people": people, "took_ms": [round(one) for one in took]},
    }
