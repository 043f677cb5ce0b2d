"""Benchmark: CPU to render and hand over an e-mail, against raw pipelined SMTP; both in clear."""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.parts import fleet
from tests.real_parts import ROOT, free_port

MAILS = 10_000
ROUNDS = 3
GOAL = 6.0


def run() -> dict[str, object]:
    """Measure both in turn, several times, and compare the medians."""
    ours, floor = asyncio.run(_rounds())
    ratio = statistics.median(ours) / statistics.median(floor)
    return {
        "name": "email_vs_smtp_floor",
        "value": round(ratio, 2),
        "unit": "x",
        "goal": GOAL,
        "met": ratio <= GOAL,
        "detail": {"mails": MAILS, "ours_us": [round(one, 1) for one in ours],
                   "floor_us": [round(one, 1) for one in floor]},
    }  # fmt: skip


async def _rounds() -> tuple[list[float], list[float]]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "sink.log"
        async with fleet.process("tests.bench.parts.smtp_sink", str(port), log=log):
            await asyncio.sleep(1.0)
            ours, floor = [], []
            for _ in range(ROUNDS):
                ours.append(await asyncio.to_thread(_measured, "ours", port))
                floor.append(await asyncio.to_thread(_measured, "floor", port))
            return ours, floor


def _measured(which: str, port: int) -> float:
    words = [sys.executable, "-m", "tests.bench.parts.mails", which, str(port), str(MAILS)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["cpu_us"])
