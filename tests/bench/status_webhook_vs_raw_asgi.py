"""Benchmark: statuses a second of the partners' door, its store a memory, against raw ASGI.

Both under uvicorn, one process each, asked in turn by the same generator in another process with
the same signed requests. Compared is what a second of the server's own processor answers, so that
neither the generator nor a neighbour on the machine decides.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from dispatcher.store.logbook import Entry
from dispatcher.store.migrate import migrate
from dispatcher.store.own_teams import OwnTeam, add_team
from dispatcher.store.versions import Chained
from tests.bench.parts import fleet
from tests.bench.parts.statuses import COMMUNE, PARTNER, TEAMS
from tests.keyring import opened
from tests.partner_systems import let_in
from tests.real_parts import ROOT, free_port

GOAL = 0.25
ROUNDS, WARM, COUNT = 9, 300, 4_000  # many: the clock of a shared processor wanders
SERVER = "tests.bench.parts.status_server"


def run() -> dict[str, object]:
    """Measure both in turn, several times, and compare the medians."""
    found = asyncio.run(_measured())
    ours, raw = (statistics.median(found[name]) for name in ("ours", "raw"))
    return {
        "name": "status_webhook_vs_raw_asgi",
        "value": round(ours / raw, 3),
        "unit": "x",
        "goal": GOAL,
        "met": ours / raw >= GOAL,
        "detail": {
            "ours_per_cpu_s": [round(one) for one in found["ours"]],
            "raw_per_cpu_s": [round(one) for one in found["raw"]],
        },
    }


async def _measured() -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"ours": [], "raw": []}
    with tempfile.TemporaryDirectory() as folder:
        url = await settled(Path(folder))
        async with _server("ours", url, "--factory") as ours, _server("raw", url) as raw:
            for _ in range(ROUNDS):
                for name, (address, process) in (("ours", ours), ("raw", raw)):
                    await generated(address, WARM)
                    before = fleet.cpu_s([process])
                    told = await generated(address, COUNT)
                    spent = fleet.cpu_s([process]) - before
                    if told["good"] != COUNT:
                        raise fleet.NotMeasured(f"{name}: {told['bad']} were not answered 200")
                    found[name].append(COUNT / spent)
    return found


async def settled(folder: Path) -> str:
    """Make a ledger with a partner and its teams; return its address."""
    url = f"sqlite+aiosqlite:///{folder}/ledger.sqlite"
    await migrate(url)
    line = Chained(Entry("bench", "team.added", "Équipe ajoutée"), b"l" * 32)
    async with opened(url) as ledger:
        for number in range(TEAMS):
            team = OwnTeam(f"T{number}", f"FPT {number}", "fire_service", PARTNER)
            await add_team(ledger, COMMUNE, team, by="bench", line=line)
        await let_in(ledger, COMMUNE, PARTNER, rate_per_s=1e6)
    return url


@asynccontextmanager
async def _server(name: str, url: str, *more: str) -> AsyncIterator[tuple[str, psutil.Process]]:
    port = free_port()
    words = (
        *(sys.executable, "-m", "uvicorn", f"{SERVER}:{name}", *more, "--port", str(port)),
        *("--log-level", "warning", "--no-access-log"),
    )
    settings = {"TOCSIN_DATABASE_URL": url}
    process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, **settings})  # noqa: ASYNC220,TID251 - the process that is measured
    try:
        await fleet.until(lambda: _listens(port), "the server listens")
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 10)


def _listens(port: int) -> bool:
    return any(
        one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port
        for one in psutil.net_connections("tcp")
    )


async def generated(address: str, count: int, rate: float | None = None) -> dict[str, object]:
    """Post from another process, and return what it tells."""
    words = [sys.executable, "-m", "tests.bench.parts.statuses", address, str(count)]
    words += [str(rate)] if rate else []
    done = await asyncio.to_thread(
        subprocess.run, words, cwd=ROOT, capture_output=True, text=True, check=True
    )
    told: dict[str, object] = json.loads(done.stdout)
    return told
