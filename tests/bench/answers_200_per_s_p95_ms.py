"""Benchmark: 200 answers a second, each in the ledger when it is answered, while the alert leaves.

People whose message has left answer it by its page, by SMS, by a key of the call and by calling
back, as many by each way, to a real web process; real workers go on sending to the others, and do
not end before. Each answer counts from the moment at which it was due.
"""

import asyncio
import itertools
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import psutil

from dispatcher.embedded import embedded_redis
from dispatcher.keys import key
from tests.bench.parts import crowd, fleet
from tests.bench.parts.answers import Order, helps
from tests.consoles import served
from tests.inbound_requests import SECRET
from tests.outgoing import KEYS
from tests.real_parts import ROOT, free_port

GOAL_MS = 500
RATE, SECONDS, WARM = 200, 20, 400
PEOPLE, LEAVE = 50_000, 500.0  # they leave for a hundred seconds
MOST_LAG_MS = 100.0  # beyond, they did not ask two hundred times a second
POLICY = {"alerte/reglement.yaml": b'emetteur_sms: "+33199000000"\nemetteur_bidirectionnel: true\n'}
ASKED = WARM + RATE * SECONDS


def run() -> dict[str, object]:
    """Answer for some seconds, and look at the slowest twentieth."""
    told = asyncio.run(_measured())
    by_way: dict[str, list[float]] = told["latencies_ms"]  # type: ignore[assignment]  # JSON
    latencies = sorted(itertools.chain.from_iterable(by_way.values()))
    value = _p95(latencies)
    return {
        "name": "answers_200_per_s_p95_ms",
        "value": round(value, 1),
        "unit": "ms",
        "goal": GOAL_MS,
        "met": value <= GOAL_MS,
        "detail": {
            "answers": len(latencies),
            "median_ms": round(latencies[len(latencies) // 2], 1),
            "slowest_ms": round(latencies[-1], 1),
            "p95_ms": {way: round(_p95(sorted(spent)), 1) for way, spent in by_way.items()},
            "left_per_s": told["left_per_s"],
            "web_cpu_share": told["web_cpu_share"],
        },
    }


def _p95(ordered: list[float]) -> float:
    return ordered[int(0.95 * len(ordered))]


async def _measured() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as place:
        folder, port = Path(place), free_port()
        _keep_keys(folder)
        url = await crowd.settle(folder / "ledger.db", PEOPLE)
        version = await crowd.launched(url, more=POLICY)
        settings = {
            "TOCSIN_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "TOCSIN_TWILIO_ACCOUNT": "AC" + "0" * 32,
            "TOCSIN_TWILIO_AUTH_TOKEN": SECRET,
        }
        async with (
            embedded_redis(folder) as redis,
            fleet.sink(folder) as sink,
            fleet.worker(fleet.sms_order(url, sink, redis_url=redis, rate=LEAVE), folder),
            served(folder, url, settings, port=port) as address,
        ):
            await fleet.until(lambda: _left(folder) == ASKED, "those who answer have it")
            await _told(folder, Order(address, version, 0, WARM, RATE))
            web = psutil.Process(int((folder / "console.pid").read_text("utf-8")))
            began, at, spent = time.monotonic(), fleet.count(sink)["count"], fleet.cpu_s([web])
            told = await _told(folder, Order(address, version, WARM, RATE * SECONDS, RATE))
            after = fleet.count(sink)["count"]
            took = time.monotonic() - began
            left, share = (after - at) / took, (fleet.cpu_s([web]) - spent) / took
        _check(folder, told, left=left, ended=after >= PEOPLE)
        return told | {"left_per_s": round(left), "web_cpu_share": round(share, 2)}


def _keep_keys(folder: Path) -> None:
    (folder / "keys").mkdir(mode=0o700)
    for name in ("answers", "attempts"):
        (folder / "keys" / name).write_bytes(getattr(KEYS, name))
        if key(folder, name) != getattr(KEYS, name):
            raise fleet.NotMeasured(f"the key of {name} is another one")


_LEFT = (
    "SELECT COUNT(*) FROM deliveries WHERE state IN ('accepted', 'delivered')"
    " AND contact_mark IN (SELECT mark FROM contacts WHERE person_id < ?)"
)


def _left(folder: Path) -> int:
    return _one(folder, _LEFT, f"p{ASKED:07d}")


def _one(folder: Path, question: str, *given: str) -> int:
    with closing(sqlite3.connect(folder / "ledger.db")) as database:
        return int(database.execute(question, given).fetchone()[0])


async def _told(folder: Path, order: Order) -> dict[str, object]:
    """Answer from another process, and return what it tells."""
    written = folder / "order.json"
    written.write_text(json.dumps(asdict(order)))
    words = [sys.executable, "-m", "tests.bench.parts.answers", str(written)]
    done = await asyncio.to_thread(
        subprocess.run, words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    told: dict[str, object] = json.loads(done.stdout)
    if told["bad"] or told["good"] != order.count:
        raise fleet.NotMeasured(f"{told['good']} were taken, {told['bad']} refused")
    return told


def _check(folder: Path, told: dict[str, object], *, left: float, ended: bool) -> None:
    """Refuse a figure without its load. Raises NotMeasured."""
    kept = _one(folder, "SELECT COUNT(*) FROM answers")
    calls = _one(folder, "SELECT COUNT(*) FROM help_calls")
    if kept != ASKED or calls != sum(map(helps, range(ASKED))):
        raise fleet.NotMeasured(f"{kept} answers and {calls} calls for help are in the ledger")
    if float(str(told["lag_p95_ms"])) > MOST_LAG_MS:
        raise fleet.NotMeasured(f"those who answer were {told['lag_p95_ms']} ms late themselves")
    if ended or left < 0.9 * LEAVE:
        raise fleet.NotMeasured(f"{left:.0f} a second left meanwhile, and the alert must not end")
