"""Workers killed at any moment, and a queue that never was: nobody is lost, nobody warned twice.

The oracle is the sandbox's own ledger, never ours (DELIVERY §6, faults F1 and F6).
"""

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path

from dispatcher.store.ledger import Ledger
from dispatcher.store.results import results
from tests.driven_worker import Order, Worker, working
from tests.outgoing import COMMUNE, Plan, crowd, launched, phone
from tests.sandbox_process import SandboxHandle, running_sandbox

PEOPLE = 300
KILLS = 3


async def received(sandbox: SandboxHandle) -> Counter[str]:
    """Count what each phone got, as the provider knows it."""
    return Counter(str(entry["to"]) for entry in await sandbox.ledger("sms"))


async def kill_at_random(worker: Worker, sandbox: SandboxHandle, dice: random.Random) -> None:
    """Kill the worker -9 when some more messages have left, and start it again."""
    goal = (await received(sandbox)).total() + dice.randint(5, PEOPLE // 6)
    while (await received(sandbox)).total() < goal:
        await asyncio.sleep(0.02)
    await asyncio.sleep(dice.uniform(0, 0.1))
    assert await worker.end(signal.SIGKILL) == -signal.SIGKILL
    await worker.start()


async def all_accepted(ledger: Ledger, version_id: str) -> None:
    """Wait until our ledger says that everything was accepted (or found, delivered already)."""
    states: dict[str, int] = {}
    while states.get("accepted", 0) + states.get("delivered", 0) < PEOPLE:
        await asyncio.sleep(0.1)
        states = (await results(ledger, COMMUNE, version_id)).states


async def test_workers_killed_during_a_fan_out_lose_nobody_and_copy_nothing(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path
) -> None:
    dice = random.Random()  # noqa: S311 - each run kills at other moments
    version = await launched(ledger, Plan(crowd(PEOPLE), block=100))
    async with running_sandbox(tmp_path / "sandbox") as sandbox:
        await sandbox.faults("sms", "no_receipts")
        order = Order.of(sandbox, ledger_url=ledger_url, redis_url=valkey_url)
        async with working(order, tmp_path) as worker, asyncio.timeout(90):
            for _ in range(KILLS):
                await kill_at_random(worker, sandbox, dice)
            await all_accepted(ledger, version.version_id)
        got = await received(sandbox)
    assert got == Counter({phone(number): 1 for number in range(PEOPLE)})


async def test_without_any_redis_everything_still_leaves(
    ledger: Ledger, ledger_url: str, unused_tcp_port: int, tmp_path: Path
) -> None:
    version = await launched(ledger, Plan(crowd(PEOPLE), block=100))
    nowhere = f"redis://127.0.0.1:{unused_tcp_port}"
    async with running_sandbox(tmp_path / "sandbox") as sandbox:
        await sandbox.faults("sms", "no_receipts")
        order = Order.of(sandbox, ledger_url=ledger_url, redis_url=nowhere)
        async with working(order, tmp_path) as worker, asyncio.timeout(60):
            await all_accepted(ledger, version.version_id)
            assert await worker.end(signal.SIGTERM) == 0
        assert "bell.deaf" in worker.said
        got = await received(sandbox)
    assert got == Counter({phone(number): 1 for number in range(PEOPLE)})
