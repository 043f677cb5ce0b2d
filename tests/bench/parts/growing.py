"""The same fan-out to 100,000 and to 1,000,000 people: how long, and how much memory."""

import functools
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.parts import crowd, fleet

SMALL, LARGE = 100_000, 1_000_000


@dataclass(frozen=True)
class Grown:
    """One fan-out: from its launch to its last message, and the worker's peak."""

    people: int
    seconds: float
    peak_mb: float


_KNOWN: list[Grown] = []


async def grown() -> tuple[Grown, Grown]:
    """Measure both sizes; asked twice in one process, they are measured once."""
    if not _KNOWN:
        _KNOWN.extend([await _fan_out(SMALL), await _fan_out(LARGE)])
    return _KNOWN[0], _KNOWN[1]


async def _fan_out(people: int) -> Grown:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = await crowd.settle(folder / "ledger.db", people)
        async with (
            fleet.sink(folder) as sink,
            fleet.worker(fleet.sms_order(url, sink), folder) as worker,
        ):
            began = time.monotonic()
            await crowd.launched(url)
            came = functools.partial(fleet.count, sink)
            await fleet.until(lambda: came()["count"] >= people, "all messages came")
            await fleet.until(fleet.settled(url, people), "all is settled")
            seconds = came()["last"] - began
            peak_mb = _peak_mb(worker)
    return Grown(people, seconds, peak_mb)


def _peak_mb(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1000
