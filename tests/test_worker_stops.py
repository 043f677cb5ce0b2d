"""A worker told to stop does so at once, with its bell at hand or without."""

import asyncio
import signal
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

from dispatcher.embedded import embedded_redis
from dispatcher.store.ledger import Ledger
from tests.driven_worker import Order, working
from tests.sandbox_process import running_sandbox


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("redis_is_there", [True, False])
async def test_a_worker_stops_when_told_though_its_redis_died_under_it(
    ledger: Ledger, ledger_url: str, tmp_path: Path, *, redis_is_there: bool
) -> None:
    assert ledger.dialect == "sqlite"
    async with running_sandbox(tmp_path / "sandbox") as sandbox, embedded_redis(tmp_path) as url:
        order = Order.of(sandbox, ledger_url=ledger_url, redis_url=url)
        async with working(order, tmp_path) as worker, asyncio.timeout(60):
            while "worker.ready" not in worker.said:
                await asyncio.sleep(0.05)
            await asyncio.sleep(1.0)  # it listens to the bell
            async with Redis.from_url(url) as redis:
                server = psutil.Process((await redis.info("server"))["process_id"])
            if not redis_is_there:
                server.send_signal(signal.SIGSTOP)  # it answers nothing, and closes nothing
            try:
                async with asyncio.timeout(15):
                    assert await worker.end(signal.SIGTERM) == 0
            finally:
                server.send_signal(signal.SIGCONT)
