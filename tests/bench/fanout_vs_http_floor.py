"""Benchmark: CPU of a worker per SMS, its ledger's work included, against a raw HTTP client.

From the launch to the last settled delivery: deliveries made, claimed, intended, paced, worded,
sent, settled. The floor posts a request made beforehand over the same connections to the same sink.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.parts import crowd, fleet
from tests.real_parts import ROOT

PEOPLE = 20_000
ROUNDS = 3
GOAL = 4.5


def run() -> dict[str, object]:
    """Measure both in turn, several times, and compare the medians."""
    ours, floor, rates = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            mine, bare, rate = asyncio.run(_round(Path(folder)))
        ours.append(mine)
        floor.append(bare)
        rates.append(rate)
    ratio = statistics.median(ours) / statistics.median(floor)
    return {
        "name": "fanout_vs_http_floor",
        "value": round(ratio, 2),
        "unit": "x",
        "goal": GOAL,
        "met": ratio <= GOAL,
        "detail": {
            "people": PEOPLE,
            "ours_us": [round(one, 1) for one in ours],
            "floor_us": [round(one, 1) for one in floor],
            "ours_per_s": round(statistics.median(rates)),
        },
    }


async def _round(folder: Path) -> tuple[float, float, float]:
    url = await crowd.settle(folder / "ledger.db", PEOPLE)
    async with fleet.sink(folder) as sink:
        order = fleet.sms_order(url, sink)
        async with fleet.worker(order, folder) as worker:
            before = fleet.cpu_s([worker])
            await crowd.launched(url)
            await fleet.until(fleet.settled(url, PEOPLE), "all is settled")
            ours = (fleet.cpu_s([worker]) - before) / PEOPLE * 1e6
        came = fleet.count(sink)
        if came["count"] != PEOPLE:
            raise fleet.NotMeasured(f"{came['count']} messages came of {PEOPLE}.")
        bare = await asyncio.to_thread(_floor, sink)
    return ours, bare, PEOPLE / (came["last"] - came["first"])


def _floor(sink: str) -> float:
    words = [sys.executable, "-m", "tests.bench.parts.floor", sink, str(PEOPLE)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["cpu_us"])
