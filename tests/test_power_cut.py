"""The power cut during a fan-out (fault F14): the disk as it was then is all there is."""

import asyncio
import os
import random
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from dispatcher.logbook.chain import verify_ledger
from dispatcher.store.migrate import migrate
from dispatcher.store.progress import progress_of
from dispatcher.store.results import results
from tests import real_parts
from tests.driven_worker import QUICK, Order, Worker, working
from tests.fake_channel import once_each
from tests.fan_outs import ended
from tests.keyring import opened
from tests.ledgers import DATABASES, shown
from tests.outgoing import COMMUNE, LOGBOOK_KEY, Plan, crowd, launched, phone
from tests.sms_operator import SmsOperator, order_for, sms_operator

PEOPLE, CUTS = 120, 1
EVERYONE = once_each(map(phone, range(PEOPLE)))


@dataclass
class SqliteDisk:
    """A disk with a SQLite ledger."""

    folder: Path
    cuts: int = 0
    dice: random.Random = field(default_factory=random.Random)

    @property
    def _place(self) -> Path:
        return self.folder / f"disk-{self.cuts}"

    def format(self) -> None:
        """Put an empty ledger on it."""
        self._place.mkdir()
        with self.powered() as url:
            asyncio.run(migrate(url))

    @contextmanager
    def powered(self) -> Iterator[str]:
        """Give the ledger's address; at the end the power goes, for good."""
        yield f"sqlite+aiosqlite:///{self._place / 'ledger.sqlite'}"
        before = self._place
        self.cuts += 1
        self._place.mkdir()
        for name in ("ledger.sqlite", "ledger.sqlite-wal"):  # the index of the log is in memory
            if (before / name).exists():
                shutil.copy(before / name, self._place / name)
        with (self._place / "ledger.sqlite-wal").open("ab") as log:  # a page was half written
            log.write(self.dice.randbytes(self.dice.randint(1, 4000)))


@dataclass
class PostgresDisk:
    """A disk with the data folder of a PostgreSQL."""

    folder: Path
    cuts: int = 0

    @property
    def _place(self) -> Path:
        return self.folder / f"disk-{self.cuts}"

    def format(self) -> None:
        """Put an empty ledger on it."""
        self._place.mkdir()
        with real_parts.postgres(self._place) as server:
            with psycopg.connect(server, autocommit=True) as one:
                one.execute("CREATE DATABASE tocsin TEMPLATE template0")
            asyncio.run(migrate(self._ledger(server)))

    @contextmanager
    def powered(self) -> Iterator[str]:
        """Give the ledger's address; at the end the server is stopped at once, for good."""
        with (
            tempfile.TemporaryDirectory(prefix="pg") as sockets,  # short: its path is limited
            real_parts.postgres_server(
                self._place, sockets, durable=True, stop=signal.SIGQUIT
            ) as server,
        ):
            yield self._ledger(server)
        before = self._place
        self.cuts += 1
        shutil.copytree(before, self._place)
        (self._place / "data" / "postmaster.pid").unlink(missing_ok=True)

    def _ledger(self, server: str) -> str:
        return shown(make_url(server).set(drivername="postgresql+psycopg", database="tocsin"))


DISKS = {"sqlite": SqliteDisk, "postgresql": PostgresDisk}


@pytest.fixture(params=DATABASES)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> SqliteDisk | PostgresDisk:
    """Give a disk with an empty ledger, of each database."""
    one: SqliteDisk | PostgresDisk = DISKS[request.param](tmp_path)
    one.format()
    return one


async def _until_the_cut(order: Order, operator: SmsOperator, folder: Path) -> None:
    """Send for a while, then stop in the middle of whatever is being done."""
    worker = Worker(order, folder)
    goal = await operator.accepted() + random.randint(10, PEOPLE // 4)  # noqa: S311 - any moment
    await worker.start()
    async with asyncio.timeout(40):
        while await operator.accepted() < goal:
            await asyncio.sleep(0.01)
    await asyncio.sleep(random.uniform(0, 0.1))  # noqa: S311 - any moment
    os.kill(worker.pid, signal.SIGSTOP)
    await worker.end(signal.SIGKILL)


async def test_a_power_cut_loses_nobody_and_what_had_left_is_found(
    disk: SqliteDisk | PostgresDisk, unused_tcp_port: int, tmp_path: Path
) -> None:
    nowhere = f"redis://127.0.0.1:{unused_tcp_port}"
    async with sms_operator(tmp_path) as operator:
        order = order_for(operator.url, ledger_url="", redis_url=nowhere, rate=60.0, timing=QUICK)
        order = replace(order, data_dir=str(tmp_path))
        with disk.powered() as url:
            async with opened(url) as ledger:
                version = await launched(ledger, Plan(crowd(PEOPLE), block=40))
        for _ in range(CUTS):
            with disk.powered() as url:
                await _until_the_cut(replace(order, ledger_url=url), operator, tmp_path)
        with disk.powered() as url:
            async with working(replace(order, ledger_url=url), tmp_path), opened(url) as ledger:
                await ended(ledger, version)
                states = (await results(ledger, COMMUNE, version.version_id)).states
                held = (await progress_of(ledger)).held
                chain = await verify_ledger(ledger, COMMUNE, key=LOGBOOK_KEY)
    assert operator.copies() == EVERYONE
    assert (states, held, chain.valid) == ({"accepted": PEOPLE}, False, True)
