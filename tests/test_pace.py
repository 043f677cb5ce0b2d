"""The pace that all workers of an account share on Redis's clock, and what is left without it."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from dispatcher.delivery.pace import KEPT_BACK, SharedPace

pytestmark = pytest.mark.alone("measures rates and waits to hundredths of a second")

RATE = 200.0
WINDOW = 50  # messages, as a worker sends


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    """Connect to a real Valkey, with a worker's patience."""
    one = Redis.from_url(valkey_url, socket_timeout=0.3, socket_connect_timeout=0.3)
    yield one
    await one.aclose()


async def places(pace: SharedPace, *, until: float, units: float = 1.0) -> list[float]:
    """Reserve window after window, and note the instant at which each message may leave."""
    found: list[float] = []
    while time.monotonic() < until:
        wait = await pace.reserve(WINDOW * units)
        first = time.monotonic() + wait
        found += [first + place * units / pace.rate_per_s for place in range(WINDOW)]
        await asyncio.sleep(wait)
    return found


def busiest_second(times: list[float]) -> int:
    """Count the most messages in any second."""
    return max(sum(start <= one < start + 1 for one in times) for start in times)


async def test_two_workers_together_keep_the_rate_and_use_all_of_it(redis: Redis) -> None:
    paces = [SharedPace(redis, account="a", rate_per_s=RATE, workers=2) for _ in range(2)]
    until = time.monotonic() + 2.5
    times = sorted(
        itertools.chain(*await asyncio.gather(*(places(one, until=until) for one in paces)))
    )
    assert busiest_second(times) <= RATE * 1.02 + 1  # 1: a second's two ends both count
    assert len(times) / (times[-1] - times[0]) >= RATE * 0.9  # a busy machine misses places


async def test_units_are_what_is_counted(redis: Redis) -> None:
    pace = SharedPace(redis, account="a", rate_per_s=RATE, workers=1)
    times = await places(pace, until=time.monotonic() + 2.0, units=4.0)
    assert len(times) / (times[-1] - times[0]) == pytest.approx(RATE / 4, rel=0.05)


async def test_two_accounts_do_not_wait_for_each_other(redis: Redis) -> None:
    one, other = (
        SharedPace(redis, account=name, rate_per_s=RATE, workers=1) for name in ("a", "b")
    )
    assert await one.reserve(RATE * 5) < 0.05
    assert await other.reserve(1) < 0.05
    assert await one.reserve(1) == pytest.approx(5, abs=0.3)


async def test_a_clock_set_back_does_not_stop_the_alert(redis: Redis) -> None:
    pace = SharedPace(redis, account="a", rate_per_s=RATE, workers=1)
    await redis.set("tocsin:pace:a", time.time() + 3600)  # reserved before the jump
    assert await pace.reserve(1) < 0.05


async def test_without_redis_a_worker_keeps_its_share_and_waits_for_nobody(
    unused_tcp_port: int,
) -> None:
    away = Redis.from_url(
        f"redis://127.0.0.1:{unused_tcp_port}", socket_timeout=0.3, socket_connect_timeout=0.3
    )
    pace = SharedPace(away, account="a", rate_per_s=RATE, workers=4)
    begun = time.monotonic()
    waits = [await pace.reserve(1) for _ in range(11)]
    assert time.monotonic() - begun < 0.4
    assert waits[-1] - waits[0] == pytest.approx(10 / (RATE / 4), abs=0.1)
    await away.aclose()


async def test_a_redis_that_hangs_costs_a_third_of_a_second_once() -> None:
    gone = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):  # listens, and never answers
            pass
        writer.close()
        await writer.wait_closed()
        gone.set()

    async with await asyncio.start_server(hang, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        hung = Redis.from_url(f"redis://127.0.0.1:{port}", socket_timeout=5)
        pace = SharedPace(hung, account="a", rate_per_s=RATE, workers=1)
        begun = time.monotonic()
        await pace.reserve(1)
        first = time.monotonic() - begun
        await pace.reserve(1)
        assert first < 0.45
        assert time.monotonic() - begun - first < 0.05
        await hung.aclose()
        await gone.wait()


async def test_a_redis_that_may_not_be_written_is_done_without(redis: Redis) -> None:
    await redis.config_set("min-replicas-to-write", "1")  # it answers, and refuses writes
    pace = SharedPace(redis, account="a", rate_per_s=RATE, workers=2)
    waits = [await pace.reserve(RATE / 2) for _ in range(2)]
    assert waits == pytest.approx([0.0, 1.0], abs=0.05)


async def test_a_worker_s_own_pace_saves_nothing_up() -> None:
    now = [0.0]
    pace = SharedPace(None, account="a", rate_per_s=10, workers=1, clock=lambda: now[0])
    assert await pace.reserve(5) == 0.0
    now[0] = 100.0
    waits = [await pace.reserve(1) for _ in range(2)]
    assert waits == pytest.approx([0.0, 0.1 / KEPT_BACK])


async def test_a_redis_that_lost_its_memory_does_not_give_the_same_places_twice(
    redis: Redis,
) -> None:
    pace = SharedPace(redis, account="a", rate_per_s=RATE, workers=1)
    await pace.reserve(RATE * 2)
    await redis.flushall()
    assert await pace.reserve(1) == pytest.approx(2 / KEPT_BACK, abs=0.1)


async def test_a_rate_changed_meanwhile_is_kept_from_the_next_place_on(redis: Redis) -> None:
    pace = SharedPace(redis, account="a", rate_per_s=RATE, workers=1)
    await pace.reserve(1)
    pace.granted_per_s = RATE / 100
    await pace.reserve(1)
    assert await pace.reserve(1) == pytest.approx(100 / RATE / KEPT_BACK, abs=0.05)
