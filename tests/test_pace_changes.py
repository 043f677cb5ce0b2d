"""A rate changed while an alert runs is kept by the workers within two seconds, and told."""

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.contract import Pace, Unit
from dispatcher.alerts.office import Actor
from dispatcher.alerts.pacing import PaceWanted, change_pace
from dispatcher.delivery.drain import drain
from dispatcher.logbook.chain import verify_ledger
from dispatcher.store.ledger import Ledger
from dispatcher.store.paces import changed_paces
from dispatcher.store.tables import logbook
from tests.driven_worker import RATE, Order, working
from tests.fake_channel import FakeChannel, door, once_each
from tests.offices import office_of
from tests.outgoing import Plan, crowd, launched, phone, planned, rows
from tests.sandbox_process import SandboxHandle, running_sandbox

RAC = Actor("rac", "rac")
ACCOUNT = "sandbox-sms"
SLOW = 10.0


async def change(ledger: Ledger, rate: float | None) -> dict[str, object]:
    return await change_pace(office_of(ledger), PaceWanted(ACCOUNT, rate, RATE), actor=RAC)


async def test_a_change_is_kept_and_told_in_the_logbook_of_who_asked(ledger: Ledger) -> None:
    told = await change(ledger, SLOW)
    assert told == {"account": ACCOUNT, "rate_per_s": SLOW, "configured_per_s": RATE}
    assert await changed_paces(ledger) == {ACCOUNT: SLOW}
    office = office_of(ledger)
    async with ledger.reading() as connection:
        line = (await connection.execute(select(logbook))).one()
    assert (line.commune, line.author, line.kind) == (office.commune, "rac", "provider.pace")
    assert line.data["rate_per_s"] == SLOW
    assert (await verify_ledger(ledger, office.commune, key=office.logbook_key)).valid


async def test_without_a_rate_the_configured_one_holds_again(ledger: Ledger) -> None:
    await change(ledger, SLOW)
    assert (await change(ledger, None))["rate_per_s"] == RATE
    assert await changed_paces(ledger) == {}


async def received(sandbox: SandboxHandle) -> int:
    return len(await sandbox.ledger("sms"))


async def sent_in(sandbox: SandboxHandle, seconds: float) -> float:
    """Count the messages of a while, a second."""
    before, begun = await received(sandbox), time.monotonic()
    await asyncio.sleep(seconds)
    return (await received(sandbox) - before) / (time.monotonic() - begun)


@pytest.mark.alone("measures a rate over a second")
async def test_a_worker_slows_down_and_speeds_up_again_while_it_sends(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path
) -> None:
    await launched(ledger, Plan(crowd(900), block=450))
    async with running_sandbox(tmp_path / "sandbox") as sandbox:
        await sandbox.faults("sms", "no_receipts")
        order = Order.of(sandbox, ledger_url=ledger_url, redis_url=valkey_url)
        async with working(order, tmp_path), asyncio.timeout(60):
            while await received(sandbox) < 50:
                await asyncio.sleep(0.05)
            await change(ledger, SLOW)
            await asyncio.sleep(2.0)
            assert await sent_in(sandbox, 1.2) <= SLOW * 1.5
            await change(ledger, None)
            await asyncio.sleep(2.0)
            assert await sent_in(sandbox, 1.0) >= 3 * SLOW  # a loaded machine may not reach RATE


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
async def test_waiting_for_a_slow_pace_costs_no_attempt(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(4)))
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, 0.8))
    begun = door(ledger, fake)
    doors = [door(ledger, fake, owner=f"w{at}") for at in range(3)]
    for one in doors:
        one.pace = begun.pace
    async with asyncio.timeout(40):
        while len(fake.ledger) < 4:
            await asyncio.gather(*map(drain, doors))
            await asyncio.sleep(0.05)
    assert fake.copies == once_each(map(phone, range(4)))
    assert {row["attempts"] for row in await rows(ledger)} == {1}


async def test_a_place_too_far_for_the_lease_is_given_back_uncounted(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(10)))
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, 100.0))
    one = door(ledger, fake)
    await one.pace.reserve(600)  # others' places: six seconds of them, more than a lease allows
    await drain(one)
    found = await rows(ledger)
    assert fake.calls == 0
    assert {(row["state"], row["attempts"], row["owner"]) for row in found} == {("ready", 0, None)}
    soonest = min(float(str(row["next_at"])) for row in found)
    assert soonest > time.time() + 4
