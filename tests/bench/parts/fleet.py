"""Processes of a benchmark: sink and workers, their CPU, and the wait until all is settled."""

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from urllib.request import urlopen

import psutil

from dispatcher.tether import tethered
from tests.bench.parts.worker import Order
from tests.real_parts import ROOT, free_port

NO_REDIS = "redis://127.0.0.1:1"
PATIENCE_S = 280


class NotMeasured(RuntimeError):
    """The benchmark could not be run to its end."""


@asynccontextmanager
async def process(
    *words: str, log: Path, settings: Mapping[str, str] | None = None
) -> AsyncIterator[psutil.Process]:
    """Run `python -m …` until the block ends, with these settings in its environment."""
    told = [f"{name}={value}" for name, value in (settings or {}).items()]
    argv = tethered(("env", *told, sys.executable, "-m", *words))  # it ends with a killed bench
    with log.open("ab") as said:
        child = await asyncio.create_subprocess_exec(*argv, cwd=ROOT, stdout=said, stderr=said)
    try:
        yield psutil.Process(child.pid)
    finally:
        if child.returncode is None:
            child.terminate()
            try:
                await asyncio.wait_for(child.wait(), 20)
            except TimeoutError:
                child.kill()
                await child.wait()


@asynccontextmanager
async def sink(folder: Path, *, rate: int = 0) -> AsyncIterator[str]:
    """Run a provider that takes everything, or no more than `rate` + 1 a second; its address."""
    port = free_port()
    words = (str(port), str(rate))
    async with process("tests.bench.parts.sink", *words, log=folder / "sink.log"):
        url = f"http://127.0.0.1:{port}"
        await until(lambda: _answers(url), "the sink answers")
        yield url


def _answers(url: str) -> bool:
    try:
        count(url)
    except OSError:
        return False
    return True


def count(url: str) -> dict[str, float]:
    """Ask the sink what came: `count`, `first`, `last` (monotonic seconds).

    Asked again and again beside what is measured: by a client that costs next to nothing to make.
    """
    with urlopen(f"{url}/count") as answer:  # noqa: S310 - our own sink
        told: dict[str, float] = json.load(answer)
    return told


def watch(url: str, number: str) -> None:
    """Have the sink count, from now on, the messages to numbers that begin like this one."""
    with urlopen(f"{url}/watch/{number[1:]}"):  # noqa: S310 - our own sink
        pass


def sms_order(ledger_url: str, sink_url: str, *, redis_url: str = NO_REDIS, rate: float = 1e6,
              workers: int = 1) -> Order:  # fmt: skip
    """Order a worker that sends SMS to the sink."""
    values = {
        "account_sid": "AC" + "0" * 32,
        "api_key": "SK" + "0" * 32,
        "sender": "Valombre",
        "base_url": sink_url,
    }
    secrets = {"api_secret": "x" * 32, "auth_token": "y" * 32}
    return Order(ledger_url, redis_url, "twilio-sms", values, secrets, rate, workers)


@asynccontextmanager
async def worker(
    order: Order, folder: Path, *, name: str = "worker"
) -> AsyncIterator[psutil.Process]:
    """Run a worker; it is ready when the block begins."""
    written = folder / f"{name}.json"
    written.write_text(json.dumps(asdict(order)))
    log = folder / f"{name}.log"
    log.write_bytes(b"")
    async with process("tests.bench.parts.worker", str(written), log=log) as child:
        await until(lambda: "worker.ready" in log.read_text(), "the worker is ready")
        yield child


def cpu_s(processes: Sequence[psutil.Process]) -> float:
    """Return the CPU that processes have used, all threads, user and system."""
    return sum(sum(one.cpu_times()[:2]) for one in processes)


async def until(done: Callable[[], bool], what: str, *, within_s: float = PATIENCE_S) -> None:
    """Wait until it is so. Raises NotMeasured."""
    deadline = time.monotonic() + within_s
    while not await asyncio.to_thread(done):
        if time.monotonic() > deadline:
            raise NotMeasured(f"Waited {within_s} s in vain until {what}.")
        await asyncio.sleep(0.05)


def settled(ledger_url: str, people: int) -> Callable[[], bool]:
    """Tell whether as many deliveries of a SQLite ledger are accepted or delivered."""
    path = ledger_url.split("///", 1)[1]

    def all_there() -> bool:
        with sqlite3.connect(path) as database:
            row = database.execute(
                "SELECT COUNT(*) FROM deliveries WHERE state IN ('accepted', 'delivered')"
            ).fetchone()
        return int(row[0]) >= people

    return all_there
