"""Benchmark: an urgent alert launched behind 1,000,000 routine messages already queued."""

import asyncio
import tempfile
import time
from pathlib import Path

from dispatcher.alerts import life
from dispatcher.delivery.bell import QUEUES, Bell
from dispatcher.embedded import embedded_redis
from tests.bench.parts import crowd, fleet
from tests.bench.parts.launching import result
from tests.keyring import opened

ROUTINE, URGENT = 1_000_000, 1_000
RATE = 200.0
OTHER = "99118"  # another commune, on the same account
ROUNDS = 4
GOAL_MS = 1000


def run() -> dict[str, object]:
    """Launch the urgent one several times, while the routine one leaves."""
    return result("urgent_overtakes_ms", asyncio.run(_overtaking()), people=ROUTINE, goal=GOAL_MS)


async def _overtaking() -> list[float]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = await crowd.settle(folder / "ledger.db", ROUTINE)
        await crowd.settle(folder / "ledger.db", URGENT, commune=OTHER, first=90_000_000)
        async with embedded_redis(folder) as redis, opened(url) as ledger:
            bell = Bell(redis)
            version = await crowd.launched(url, template="simple")
            await asyncio.to_thread(crowd.queued, url, version)
            async with fleet.sink(folder) as sink:
                order = fleet.sms_order(url, sink, redis_url=redis, rate=RATE)
                async with fleet.worker(order, folder):
                    await fleet.until(lambda: fleet.count(sink)["count"] > RATE, "they leave")
                    office = crowd.office_of(ledger, OTHER)
                    took = []
                    for _ in range(ROUNDS):
                        alert = await crowd.approved(office)
                        fleet.watch(sink, "+99990")
                        began = time.monotonic()
                        await life.launch(office, alert, actor=crowd.APPROVER, launch_key=alert)
                        await bell.ring(QUEUES)
                        await fleet.until(
                            lambda: fleet.count(sink)["watched"] > 0, "an urgent one came"
                        )
                        took.append((fleet.count(sink)["first_watched"] - began) * 1000)
                        await life.cancel(office, alert, actor=crowd.APPROVER)
                        await asyncio.sleep(1.0)
            await bell.close()
            return took
