"""The bell: arq tells workers that the ledger has something; it carries no truth.

A ring may be lost, late or doubled: the worker's own poll of the ledger finds the work anyway.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func
from redis.exceptions import RedisError

RING_PATIENCE_S = 0.3  # nobody waits longer for a ring: the poll is there
POLL_DELAY_S = 0.03
JOB_TIMEOUT_S = 5
REST_S = 1.0
MATERIALISE = "materialise"
QUEUES = (MATERIALISE, "sms", "voice", "email", "webhook")

log = structlog.get_logger(__name__)


class Bell:
    """A line to the bell of every worker; silent when Redis is away."""

    def __init__(self, url: str) -> None:
        """Ring by the Redis at `url`; nothing is connected before the first ring."""
        self._url = url
        self._pool: ArqRedis | None = None

    async def ring(self, queues: Iterable[str]) -> bool:
        """Wake the workers for these queues; False when nobody could be told."""
        try:
            async with asyncio.timeout(RING_PATIENCE_S):
                pool = await self._connected()
                for queue in queues:
                    await pool.enqueue_job("wake", queue, _job_id=f"wake:{queue}")
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("bell.silent", error=type(error).__name__)
            return False
        return True

    async def answers(self) -> bool:
        """Tell whether Redis is there, within the patience of a ring."""
        try:
            async with asyncio.timeout(RING_PATIENCE_S):
                await (await self._connected()).ping()
        except (RedisError, OSError, TimeoutError):
            return False
        return True

    async def _connected(self) -> ArqRedis:
        if self._pool is None:
            self._pool = await create_pool(redis_settings(self._url))
        return self._pool

    async def close(self) -> None:
        """Hang up."""
        if self._pool is not None:
            await self._pool.aclose()


def redis_settings(url: str) -> RedisSettings:
    """Return arq's settings for an address, failing fast: the ledger's poll goes on alone."""
    settings = RedisSettings.from_dsn(url)
    settings.conn_timeout = 1
    settings.conn_retries = 0
    settings.retry_on_error = [OSError]
    return settings


async def listen(url: str, wake: Callable[[str], None]) -> None:
    """Call `wake` at each ring, for ever; a Redis that goes away is tried again every second.

    Runbook: `bell.deaf` once a second means that Redis is down. Alerts still leave, found by the
    ledger's poll at most a second later, each worker keeping its share of the pace. Restart Redis.
    """

    async def wake_job(ctx: dict[Any, Any], queue: str) -> None:
        wake(queue)

    while True:
        try:
            pool = await create_pool(redis_settings(url))
            worker = Worker(
                functions=[func(wake_job, name="wake", keep_result=0, timeout=JOB_TIMEOUT_S)],
                redis_pool=pool,
                handle_signals=False,
                poll_delay=POLL_DELAY_S,
                keep_result=0,
                max_tries=1,
            )
            try:
                await worker.async_run()
            finally:
                # A Redis that is gone or hangs by now must not hold up or hide our cancellation.
                with contextlib.suppress(RedisError, OSError, TimeoutError):
                    async with asyncio.timeout(REST_S):
                        await worker.close()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("bell.deaf", error=type(error).__name__)
        await asyncio.sleep(REST_S)
