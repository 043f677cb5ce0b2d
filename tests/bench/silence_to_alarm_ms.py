"""Benchmark: all workers frozen in the middle of a fan-out: until those on call have the SMS."""

import asyncio
import shutil
import signal
import tempfile
import time
from pathlib import Path

from dispatcher.alarms.sentinel import Patience, Post, Sentinel
from dispatcher.store.migrate import migrate
from tests.bench.parts.launching import result
from tests.driven_worker import QUICK, Worker
from tests.keyring import opened
from tests.ledgers import fresh_database
from tests.outgoing import LOGBOOK_KEY, Plan, crowd, launched
from tests.real_parts import free_port, postgres
from tests.sentinels import ON_DUTY, on_watch, reached_by
from tests.sms_operator import order_for, sms_operator

GOAL_MS = 15000
PEOPLE, RATE = 3000, 50.0


def run() -> dict[str, object]:
    """Freeze two workers, on both databases at once, three times."""
    return result("silence_to_alarm_ms", asyncio.run(_took()), people=PEOPLE, goal=GOAL_MS)


async def _took() -> list[float]:
    folder = Path(tempfile.mkdtemp())
    try:
        with postgres(folder / "pg") as server:
            took: list[float] = []
            for turn in range(3):
                async with fresh_database(server) as url:
                    sqlite = f"sqlite+aiosqlite:///{folder / f'{turn}.sqlite'}"
                    for one in (url, sqlite):  # not both at once: Alembic keeps one context
                        await migrate(one)
                    took += await asyncio.gather(
                        _one(url, folder / f"{turn}-pg"), _one(sqlite, folder / f"{turn}-sqlite")
                    )
        return took
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _one(url: str, folder: Path) -> float:
    """Return the ms from the freeze until the provider has the alarm, told by one of two."""
    folder.mkdir(parents=True)
    async with opened(url) as ledger, sms_operator(folder) as operator:
        await launched(ledger, Plan(crowd(PEOPLE)))
        nowhere = f"redis://127.0.0.1:{free_port()}"
        order = order_for(
            operator.url, ledger_url=url, redis_url=nowhere, rate=RATE, timing=QUICK
        )  # fmt: skip
        workers = [Worker(order, _made(folder / name)) for name in ("one", "two")]
        posts = [
            Post(ledger, reached_by(operator.url), folder, LOGBOOK_KEY, Patience())
            for _ in range(2)
        ]
        try:
            for worker in workers:
                await worker.start()
            while await operator.accepted() < 2 * RATE:
                await asyncio.sleep(0.1)
            async with on_watch([Sentinel(post) for post in posts]):
                await asyncio.sleep(2)
                for worker in workers:
                    worker.send(signal.SIGSTOP)
                frozen = time.monotonic()
                while not operator.copies()[ON_DUTY]:
                    await asyncio.sleep(0.02)
                return (time.monotonic() - frozen) * 1000
        finally:
            for worker in workers:
                await worker.end(signal.SIGKILL)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
