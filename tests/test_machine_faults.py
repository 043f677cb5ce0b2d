"""What a machine does: Redis full, shut or killed, a disk that fails, no memory left."""

import asyncio
import resource
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select

from dispatcher.store import logbook
from dispatcher.store.broken_disk import EXIT
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from tests.driven_worker import QUICK, Order, working
from tests.fake_channel import once_each
from tests.fan_outs import ended, taken
from tests.keyring import opened
from tests.offices import BRUZ, bruz_office
from tests.outgoing import Plan, crowd, launched, phone
from tests.real_parts import ROOT, valkey_program
from tests.sms_operator import SmsOperator, order_for, sms_operator
from tests.test_api import bearers

PEOPLE = 100
EVERYONE = once_each(map(phone, range(PEOPLE)))


def _order(operator: SmsOperator, *, ledger_url: str, redis_url: str) -> Order:
    return order_for(
        operator.url, ledger_url=ledger_url, redis_url=redis_url, rate=60.0, timing=QUICK
    )


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("harm", "value"), [("maxmemory", "1"), ("requirepass", "secret")])
async def test_redis_full_or_with_another_password_and_everything_leaves(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path, harm: str, value: str
) -> None:
    """In the middle of a fan-out; the worker's log says that Redis is of no use."""
    version = await launched(ledger, Plan(crowd(PEOPLE)))
    async with sms_operator(tmp_path) as operator:
        order = _order(operator, ledger_url=ledger_url, redis_url=valkey_url)
        async with working(order, tmp_path) as worker:
            await taken(operator, 20)
            async with Redis.from_url(valkey_url) as redis:
                await redis.config_set(harm, value)
                await redis.client_kill_filter(_type="normal", skipme=True)
            await ended(ledger, version)
            async with asyncio.timeout(10):
                while not {"bell.deaf", "pace.alone"} & set(worker.said.split()):
                    await asyncio.sleep(0.1)
        assert operator.copies() == EVERYONE


@asynccontextmanager
async def _valkey(folder: Path, *keeping: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        str(valkey_program()), "--port", "0", "--unixsocket", str(folder / "v.sock"), "--dir",
        str(folder), "--save", "", *keeping, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "keeping",
    [
        ("--appendonly", "no"),
        ("--appendonly", "yes", "--appendfsync", "everysec"),
        ("--appendonly", "yes", "--appendfsync", "always"),
    ],
    ids=["off", "everysec", "always"],
)
async def test_redis_killed_and_back_however_it_keeps_its_file_and_everyone_gets_one(
    ledger: Ledger, ledger_url: str, tmp_path: Path, keeping: tuple[str, ...]
) -> None:
    version = await launched(ledger, Plan(crowd(PEOPLE)))
    async with sms_operator(tmp_path) as operator:
        url = f"unix://{tmp_path / 'v.sock'}"
        async with _valkey(tmp_path, *keeping) as first:
            order = _order(operator, ledger_url=ledger_url, redis_url=url)
            async with working(order, tmp_path):
                await taken(operator, 20)
                first.kill()
                await first.wait()
                await taken(operator, 40)
                async with _valkey(tmp_path, *keeping):
                    await ended(ledger, version)
        assert operator.copies() == EVERYONE


async def test_a_disk_that_fails_to_sync_stops_the_process_and_nothing_is_taken_as_done(
    sqlite_template: Path, unused_tcp_port: int, tmp_path: Path
) -> None:
    """Every sync of the worker ends in EIO; another, on a sound disk, looks up what had left."""
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite+aiosqlite:///{path}"
    async with opened(url) as ledger, sms_operator(tmp_path) as operator:
        version = await launched(ledger, Plan(crowd(PEOPLE)))
        nowhere = f"redis://127.0.0.1:{unused_tcp_port}"
        order = _order(operator, ledger_url=url, redis_url=nowhere)
        async with working(order, tmp_path) as worker:
            await taken(operator, 20)
            worker.send(signal.SIGUSR1)
            assert await worker.died() == EXIT
            assert "ledger.disk_failed" in worker.said
            # What the process had sent but could not keep is not told as accepted by anybody.
            assert await _accepted(ledger) <= await operator.accepted() < PEOPLE
            await worker.start()
            await ended(ledger, version)
        assert operator.copies() == EVERYONE


async def _accepted(ledger: Ledger) -> int:
    statement = select(func.count()).where(deliveries.c.state.in_(("accepted", "delivered")))
    return int(await ledger.read(lambda one: one.execute(statement).scalar_one()))


async def test_a_worker_without_memory_dies_and_another_goes_on(
    ledger: Ledger, ledger_url: str, unused_tcp_port: int, tmp_path: Path
) -> None:
    async with sms_operator(tmp_path) as operator:
        nowhere = f"redis://127.0.0.1:{unused_tcp_port}"
        order = _order(operator, ledger_url=ledger_url, redis_url=nowhere)
        folders = [tmp_path / name for name in ("poor", "rich")]
        for folder in folders:
            folder.mkdir()
        async with working(order, folders[0]) as poor:
            version = await launched(ledger, Plan(crowd(PEOPLE)))
            await taken(operator, 20)
            used = psutil.Process(poor.pid).memory_info().vms
            resource.prlimit(poor.pid, resource.RLIMIT_AS, (used, used))
            resource.prlimit(poor.pid, resource.RLIMIT_DATA, (0, 0))
            async with working(order, folders[1]):
                await ended(ledger, version)
                assert await poor.died() != 0
        assert operator.copies() == EVERYONE


@asynccontextmanager
async def _web(url: str, folder: Path, *crash: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Serve the API on a socket of `folder`, until the end of the block."""
    socket = folder / "web.sock"
    socket.unlink(missing_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.driven_web", url, str(socket), *crash, cwd=ROOT
    )
    try:
        async with asyncio.timeout(30):
            while not await _listens(socket):
                await asyncio.sleep(0.05)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _listens(socket: Path) -> bool:
    """Return whether somebody takes connections there: a file that is there may not listen yet."""
    try:
        _, writer = await asyncio.open_unix_connection(socket)
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_a_web_process_killed_before_its_answer_launched_once_and_says_so_when_asked_again(
    ledger: Ledger, ledger_url: str, tmp_path: Path
) -> None:
    office = await bruz_office(ledger, tmp_path, "circle_150m")
    who, key = await bearers(office), {"Idempotency-Key": "click-0001"}
    through = httpx.AsyncHTTPTransport(uds=str(tmp_path / "web.sock"))
    async with httpx.AsyncClient(transport=through, base_url="http://web", timeout=20) as client:
        async with _web(ledger_url, tmp_path, "CP1:1") as web:
            made = await client.post(
                "/api/v1/alerts", json={"scenario": "crue"}, headers=who["rac"] | key
            )
            alert = f"/api/v1/alerts/{made.json()['alert']}"
            await client.post(f"{alert}/submit", headers=who["rac"])
            digest = (await client.get(alert, headers=who["maire"])).json()["digest"]
            await client.post(f"{alert}/approve", json={"digest": digest}, headers=who["maire"])
            with pytest.raises(httpx.RemoteProtocolError):
                await client.post(f"{alert}/launch", headers=who["rac"] | key)
            assert await asyncio.wait_for(web.wait(), 10) == -signal.SIGKILL
        async with _web(ledger_url, tmp_path):
            for _ in range(2):
                answer = await client.post(f"{alert}/launch", headers=who["rac"] | key)
                told = answer.json()
                assert (answer.status_code, told["state"], told["people"]) == (
                    200, "dispatching", 79,
                )  # fmt: skip
    lines = [one.kind for one in await logbook.read(ledger, BRUZ)]
    assert lines.count("alert.launched") == 1
