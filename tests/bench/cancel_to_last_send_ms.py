"""Benchmark: from a cancel to the last request at the provider, two workers at full pace."""

import asyncio
import tempfile
import time
from pathlib import Path

from dispatcher.alerts import life
from dispatcher.alerts.office import Office
from dispatcher.embedded import embedded_redis
from tests.bench.parts import crowd, fleet
from tests.bench.parts.launching import result
from tests.keyring import opened

PEOPLE = 100_000
RATES = (10.0, 100.0, 1000.0)
GOAL_MS = 2000


def run() -> dict[str, object]:
    """Cancel in the middle of a fan-out, at three paces."""
    took = asyncio.run(_cancelling())
    return result("cancel_to_last_send_ms", took, people=PEOPLE, goal=GOAL_MS)


async def _cancelling() -> list[float]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = await crowd.settle(folder / "ledger.db", PEOPLE)
        async with embedded_redis(folder) as redis, opened(url) as ledger:
            office = crowd.office_of(ledger)
            return [await _cancelled(office, folder, url=url, redis=redis, rate=r) for r in RATES]


async def _cancelled(office: Office, folder: Path, *, url: str, redis: str, rate: float) -> float:
    async with fleet.sink(folder) as sink:
        order = fleet.sms_order(url, sink, redis_url=redis, rate=rate, workers=2)
        async with (
            fleet.worker(order, folder, name="one"),
            fleet.worker(order, folder, name="two"),
        ):
            alert = await crowd.approved(office)
            await life.launch(office, alert, actor=crowd.APPROVER, launch_key=alert)
            await fleet.until(lambda: fleet.count(sink)["count"] > 2 * rate, "the fan-out runs")
            began = time.monotonic()
            await life.cancel(office, alert, actor=crowd.APPROVER)
            await asyncio.sleep(5.0)
            return max(0.0, fleet.count(sink)["last"] - began) * 1000
