"""The Redis server that Tocsin starts by itself, the real one."""

import asyncio
import re
import signal
import sys
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

from dispatcher.embedded import RedisNotStarted, answers, embedded_redis, redis_server


async def test_a_started_server_keeps_what_it_was_told_for_the_next_start(tmp_path: Path) -> None:
    async with embedded_redis(tmp_path) as url, Redis.from_url(url) as redis:
        await redis.set("bell", "rung")
    async with embedded_redis(tmp_path) as url, Redis.from_url(url) as redis:
        assert await redis.get("bell") == b"rung"
        assert (await redis.config_get("appendonly"))["appendonly"] == "yes"


async def test_the_server_is_gone_after_its_block(tmp_path: Path) -> None:
    async with embedded_redis(tmp_path):
        socket = redis_server(tmp_path).socket
        assert await answers(socket)
    assert not await answers(socket)


async def test_a_server_that_answers_already_is_used_and_left_running(tmp_path: Path) -> None:
    others = set(psutil.Process().children())  # servers of the whole run: PostgreSQL, Prism
    async with embedded_redis(tmp_path) as first, Redis.from_url(first) as redis:
        mine = (await redis.info("server"))["process_id"]
        async with embedded_redis(tmp_path) as second, Redis.from_url(second) as other:
            assert (await other.info("server"))["process_id"] == mine
            assert {child.pid for child in set(psutil.Process().children()) - others} == {mine}
        assert await redis.ping()


async def test_two_starts_at_once_share_one_server(tmp_path: Path) -> None:
    async def pid_of() -> int:
        async with embedded_redis(tmp_path) as url, Redis.from_url(url) as redis:
            found = int((await redis.info("server"))["process_id"])
            met.append(found)
            await asyncio.wait_for(both.wait(), 10)
            return found

    met: list[int] = []
    both = asyncio.Event()
    tasks = [asyncio.create_task(pid_of()) for _ in range(2)]
    async with asyncio.timeout(10):
        while len(met) < 2:
            await asyncio.sleep(0.02)
    both.set()
    first, second = await asyncio.gather(*tasks)
    assert first == second


@pytest.mark.parametrize("name", ["x" * 120, "mairie de Valombre", "100 % sûr"])
async def test_a_deep_or_oddly_named_folder_gets_a_short_plain_socket(
    tmp_path: Path, name: str
) -> None:
    async with embedded_redis(tmp_path / name) as url, Redis.from_url(url) as redis:
        assert await redis.ping()
        socket = redis_server(tmp_path / name).socket
        assert len(bytes(socket)) <= 107
        assert re.fullmatch(r"[\w./-]+", str(socket), re.ASCII)
        assert socket.parent.stat().st_mode & 0o077 == 0
        assert (tmp_path / name / "redis" / "appendonlydir").is_dir()


async def test_only_we_can_open_the_socket_and_no_port_is_open(tmp_path: Path) -> None:
    async with embedded_redis(tmp_path) as url, Redis.from_url(url) as redis:
        assert redis_server(tmp_path).socket.stat().st_mode & 0o077 == 0
        assert (await redis.info("server"))["tcp_port"] == 0


async def test_a_server_that_ends_at_once_is_told_in_a_sentence_with_its_own_words(
    tmp_path: Path,
) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho Bad file format reading the append only file\nexit 1\n")
    program.chmod(0o700)
    with pytest.raises(RedisNotStarted, match=r"Bad file format .*redis\.log.*TOCSIN_REDIS_URL"):
        async with embedded_redis(tmp_path / "data", program=str(program)):
            raise AssertionError


async def test_a_folder_that_cannot_be_made_names_the_setting_to_change(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RedisNotStarted, match="TOCSIN_DATA_DIR"):
        redis_server(tmp_path / "file")


async def test_no_server_stays_behind_when_its_owner_is_killed(tmp_path: Path) -> None:
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _OWNER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    server = int(await owner.stdout.readline())
    owner.send_signal(signal.SIGKILL)
    await owner.wait()
    async with asyncio.timeout(5):
        while Path(f"/proc/{server}").exists() and not _is_zombie(server):
            await asyncio.sleep(0.02)
    assert not await answers(redis_server(tmp_path).socket)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


_OWNER = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from pathlib import Path
from redis.asyncio import Redis
from dispatcher.embedded import embedded_redis

async def main():
    async with embedded_redis(Path(sys.argv[1])) as url:
        async with Redis.from_url(url) as redis:
            print((await redis.info("server"))["process_id"], flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""
