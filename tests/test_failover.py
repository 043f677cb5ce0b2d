"""A provider dies, or both: everything leaves by who is there, nobody is lost (F21, F22).

The oracle is what the pretend providers kept on their disks, never our tables.
"""

import asyncio
import os
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import attempts
from dispatcher.store.results import results
from tests.channel_accounts import http_sms
from tests.driven_worker import Order, working
from tests.outgoing import COMMUNE, Plan, crowd, launched, phone
from tests.sandbox_process import SandboxHandle, running_sandbox

PEOPLE = 160
EVERYONE = {phone(number) for number in range(PEOPLE)}


def taken(folder: Path) -> Counter[str]:
    """Count what a provider accepted for each phone, dead or alive."""
    with closing(sqlite3.connect(f"file:{folder / 'ledger.sqlite3'}?mode=ro", uri=True)) as kept:
        return Counter(row[0] for row in kept.execute("SELECT recipient FROM entries"))


async def some_taken(folder: Path, number: int) -> None:
    """Wait until a provider has accepted so many."""
    while taken(folder).total() < number:
        await asyncio.sleep(0.02)


def kill(sandbox: SandboxHandle) -> None:
    """End a provider as a power cut does."""
    os.kill(sandbox.pid, signal.SIGKILL)


async def all_accepted(ledger: Ledger, version_id: str) -> None:
    """Wait until our ledger says that everything was accepted."""
    states: dict[str, int] = {}
    while states.get("accepted", 0) + states.get("delivered", 0) < PEOPLE:
        await asyncio.sleep(0.1)
        states = (await results(ledger, COMMUNE, version_id)).states


async def ambiguous(ledger: Ledger) -> int:
    """Count the attempts whose answer nobody saw: each may be one copy."""
    statement = select(attempts.c.number).where(attempts.c.outcome.in_(("unknown", "lost")))
    async with ledger.reading() as connection:
        return len((await connection.execute(statement)).all())


def ordered(sandboxes: tuple[SandboxHandle, SandboxHandle], urls: tuple[str, str]) -> Order:
    """Order a worker with an account at each of two providers."""
    order = Order.of(sandboxes[0], ledger_url=urls[0], redis_url=urls[1])
    return order.beside(http_sms(sandboxes[1]))


async def test_one_provider_dead_and_everything_leaves_by_the_other(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    version = await launched(ledger, Plan(crowd(PEOPLE), block=100))
    async with running_sandbox(first) as dying, running_sandbox(second) as other:
        order = ordered((dying, other), (ledger_url, valkey_url))
        async with working(order, tmp_path) as worker, asyncio.timeout(90):
            await some_taken(first, 30)
            kill(dying)
            await all_accepted(ledger, version.version_id)
    got = taken(first) + taken(second)
    assert set(got) == EVERYONE
    assert got.total() - PEOPLE <= await ambiguous(ledger)
    assert max(got.values()) <= 2
    assert taken(second).total() > PEOPLE / 2
    assert "provider.open" in worker.said


async def test_both_dead_and_everything_leaves_by_the_one_that_returns(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    version = await launched(ledger, Plan(crowd(PEOPLE), block=100))
    async with running_sandbox(first) as dying, running_sandbox(second) as other:
        order = ordered((dying, other), (ledger_url, valkey_url))
        port = urlsplit(other.http).port or 0
        async with working(order, tmp_path) as worker, asyncio.timeout(90):
            await some_taken(second, 30)
            kill(dying)
            kill(other)
            while worker.said.count("provider.open") < 2:
                await asyncio.sleep(0.05)
            at_return = taken(second).total()
            async with running_sandbox(second, ports=(port, 0)):
                await all_accepted(ledger, version.version_id)
    got = taken(first) + taken(second)
    assert set(got) == EVERYONE
    assert max(taken(second).values()) == 1  # its own records are read before any second copy
    assert got.total() - PEOPLE <= await ambiguous(ledger)
    assert max(got.values()) <= 2
    assert taken(second).total() > at_return
