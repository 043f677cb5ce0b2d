"""Something dies in the middle of a fan-out: how long until the next message arrives."""

import asyncio
import functools
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis.asyncio import Redis

from dispatcher.embedded import embedded_redis
from tests.bench.parts import crowd, fleet
from tests.real_parts import make_cluster, postgres_server

PEOPLE = 20_000
RATE = 200.0
ROUNDS = 4


@dataclass(frozen=True)
class Running:
    """A fan-out under way: what may be killed, and where its messages come."""

    folder: Path
    ledger_url: str
    redis_url: str
    sink: str
    workers: list[psutil.Process]

    async def silence_ms(self, killed_at: float) -> float:
        """Wait for the next message after this instant; return how long it took, in ms."""
        while True:
            last = (await asyncio.to_thread(fleet.count, self.sink))["last"]
            if last > killed_at:
                return (last - killed_at) * 1000
            if time.monotonic() - killed_at > 60:
                raise fleet.NotMeasured("Nothing moved within 60 s.")
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(workers: int, *, ledger_url: str = "") -> AsyncIterator[Running]:
    """Run a fan-out by this many workers until the block ends; the ledger is SQLite's own or this.

    A ledger that is given holds the crowd already.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = ledger_url or await crowd.settle(folder / "ledger.db", PEOPLE)
        async with embedded_redis(folder) as redis, fleet.sink(folder) as sink:
            order = fleet.sms_order(url, sink, redis_url=redis, rate=RATE, workers=workers)
            async with AsyncExitStack() as stack:
                fleets = [
                    await stack.enter_async_context(fleet.worker(order, folder, name=f"w{number}"))
                    for number in range(workers)
                ]
                await crowd.launched(url)
                await fleet.until(lambda: fleet.count(sink)["count"] > RATE, "the fan-out runs")
                yield Running(folder, url, redis, sink, fleets)


async def worker_killed_ms() -> list[float]:
    """Kill the only worker -9, and start another at once, as the supervisor does."""
    took = []
    for _ in range(ROUNDS):
        async with running(1) as run:
            run.workers[0].kill()
            killed_at = time.monotonic()
            order = fleet.sms_order(run.ledger_url, run.sink, redis_url=run.redis_url, rate=RATE)
            async with fleet.worker(order, run.folder, name="next"):
                took.append(await run.silence_ms(killed_at + 0.05))
    return took


async def redis_gone_ms() -> list[float]:
    """Kill Redis -9 under two workers; what was reserved by then does not count."""
    took = []
    for _ in range(ROUNDS):
        async with running(2) as run:
            async with Redis.from_url(run.redis_url) as redis:
                server = (await redis.info("server"))["process_id"]
            psutil.Process(server).send_signal(signal.SIGKILL)
            killed_at = time.monotonic()
            # The places reserved beforehand: two windows of a quarter of a second for each worker.
            took.append(await run.silence_ms(killed_at + 1.0) + 1000)
    return took


async def postgresql_restarted_ms() -> list[float]:
    """Stop PostgreSQL at once under a worker, as `pg_ctl -m immediate` does, and start it again."""
    return [await _postgresql_restarted_ms() for _ in range(ROUNDS)]


async def _postgresql_restarted_ms() -> float:
    with (
        tempfile.TemporaryDirectory() as place,
        tempfile.TemporaryDirectory(prefix="pg") as sockets,
    ):
        folder = Path(place)
        await asyncio.to_thread(make_cluster, folder)
        serve = functools.partial(postgres_server, folder, sockets, durable=True, stop=3)
        async with AsyncExitStack() as rest:
            with serve() as server:
                url = server.replace("postgresql://", "postgresql+psycopg://")
                await crowd.settle_in_postgresql(url, PEOPLE)
                run = await rest.enter_async_context(running(1, ledger_url=url))
                stopped_at = time.monotonic()
            with serve():
                # What was begun by then leaves without the ledger: two windows of a quarter of a
                # second.
                took = await run.silence_ms(stopped_at + 1.0) + 1000
                await rest.aclose()  # the worker ends while its ledger is there
                return took
