"""The machines of the fault bench: database, Redis, operator, proxy and workers, each breakable."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from dispatcher.embedded import RedisServer, answers, redis_server
from dispatcher.store.ledger import Timing
from tests.chaos.processes import Ordered, ended, ordered, quietly
from tests.driven_worker import Order
from tests.ledgers import fresh_database, shown
from tests.real_parts import postgres, valkey_program
from tests.sms_operator import SmsOperator, order_for, sms_operator

WORKERS = 2


class Database:
    """A ledger's database, and how it is made to fail."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.kind = make_url(url).get_backend_name()

    async def lock(self, hold_s: float) -> None:
        """Keep everyone from writing (SQLite)."""
        path = str(make_url(self.url).database)
        with closing(sqlite3.connect(path, timeout=30, check_same_thread=False)) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            await asyncio.sleep(hold_s)

    def hang_up(self) -> None:
        """End every connection (PostgreSQL)."""
        with self._administration() as one:
            one.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def crash(self) -> None:
        """Kill a backend -9: PostgreSQL ends all others at once and recovers from its log."""
        with self._administration() as one:
            found = one.execute("SELECT pg_backend_pid()").fetchone()
            assert found is not None
            os.kill(found[0], signal.SIGKILL)

    def _administration(self) -> "psycopg.Connection[tuple[int, ...]]":
        plain = shown(make_url(self.url).set(drivername="postgresql"))
        return psycopg.connect(plain, autocommit=True, connect_timeout=10)


class Redis:
    """A Valkey that is killed, hung and started again."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self._process: Process | None = None

    async def start(self) -> None:
        """Start it, and wait for its answer."""
        log = self.server.folder / "said.log"
        self._process = await quietly(self.server.argv, said=log, cwd=self.server.folder)
        async with asyncio.timeout(30):
            while not await answers(self.server.socket):
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """Kill it -9."""
        assert self._process is not None
        await ended(self._process)

    def signal(self, number: signal.Signals) -> None:
        """Stop it still, or let it go on."""
        assert self._process is not None
        self._process.send_signal(number)


class Worker:
    """A real worker process that is killed, frozen and started again."""

    def __init__(self, order: Order, folder: Path) -> None:
        self.said = folder / "worker.log"
        self._order = folder / "order.json"
        self._order.write_text(json.dumps(asdict(order)))
        self._process: Process | None = None

    async def start(self) -> None:
        """Start it."""
        words = (sys.executable, "-m", "tests.driven_worker", str(self._order))
        self._process = await quietly(words, said=self.said)

    async def kill(self) -> None:
        """Kill it -9."""
        assert self._process is not None
        await ended(self._process)

    def signal(self, number: signal.Signals) -> None:
        """Freeze it, or let it go on."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)

    async def stop(self) -> int:
        """Let it end in good order; return its exit status."""
        assert self._process is not None
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), 30)


@dataclass
class Machines:
    """All of them, running."""

    database: Database
    redis: Redis
    operator: SmsOperator
    proxy: Ordered
    timing: Timing
    workers: list[Worker] = field(default_factory=list)
    rehearsals: Process | None = None


@asynccontextmanager
async def database(kind: str, folder: Path) -> AsyncIterator[Database]:
    """Give an empty database of this kind, whose commits outlive its crash."""
    if kind == "sqlite":
        yield Database(f"sqlite+aiosqlite:///{folder / 'ledger.sqlite'}")
        return
    (folder / "postgres").mkdir()
    with postgres(folder / "postgres") as server:
        async with fresh_database(server) as url:
            name = make_url(url).database
            with psycopg.connect(server, autocommit=True) as one:
                one.execute(f"ALTER DATABASE {name} SET synchronous_commit = on".encode())
            yield Database(url)


async def rehearsing(one: Database, folder: Path) -> Process:
    """Start the process that takes rehearsals to their end; the database breaks under it too."""
    told = (f"TOCSIN_DATABASE_URL={one.url}", f"TOCSIN_DATA_DIR={folder}")
    words = ("env", *told, sys.executable, "-m", "dispatcher.cli", "rehearsals")
    return await quietly(words, said=folder / "rehearsals.log")


@asynccontextmanager
async def machines(
    one: Database, folder: Path, *, rate: float, timing: Timing, records: bool
) -> AsyncIterator[Machines]:
    """Run everything but the workers' own start; all of it is gone after the block."""
    async with AsyncExitStack() as stack:
        operator = await stack.enter_async_context(sms_operator(folder, records=records))
        port = str(operator.process.ready["port"])
        proxy = await stack.enter_async_context(ordered("tests.chaos.proxy", "127.0.0.1", port))
        redis = Redis(redis_server(folder, program=str(valkey_program())))
        await redis.start()
        stack.push_async_callback(redis.kill)
        all_of_it = Machines(one, redis, operator, proxy, timing)
        all_of_it.rehearsals = await rehearsing(one, folder)
        stack.push_async_callback(ended, all_of_it.rehearsals)
        for number in range(WORKERS):
            place = folder / f"worker-{number}"
            place.mkdir()
            order = order_for(
                f"http://127.0.0.1:{proxy.ready['port']}",
                ledger_url=one.url,
                redis_url=redis.server.url,
                rate=rate,
                timing=timing,
            )
            all_of_it.workers.append(Worker(replace(order, data_dir=str(folder)), place))
        for worker in all_of_it.workers:
            await worker.start()
            stack.push_async_callback(worker.kill)
        yield all_of_it
