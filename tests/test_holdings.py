"""Who holds a delivery, for how long, and what a worker that lost it can still do: nothing."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from channels.contract import Pace, Unit
from dispatcher.delivery.drain import drain
from dispatcher.store import claims, windows
from dispatcher.store.ledger import Ledger, Timing
from tests.fake_channel import FakeChannel, door, once_each
from tests.keyring import opened
from tests.outgoing import Plan, crowd, only_row, phone, planned, rows


@pytest.fixture
async def quick(ledger_url: str) -> AsyncIterator[Ledger]:
    """Open a ledger whose leases are over soon."""
    timing = Timing(claim_lease_s=0.2, renew_every_s=0.05, send_lease_s=0.4, send_needs_s=0.2)
    async with opened(ledger_url, timing=timing) as one:
        yield one


async def claim_all(ledger: Ledger, owner: str = "w1") -> list[claims.Claimed]:
    return await claims.claim(ledger, route="live", medium="sms", owner=owner, limit=500)


async def test_a_claim_whose_lease_is_over_goes_to_another(quick: Ledger) -> None:
    await planned(quick, Plan(crowd(3)))
    frozen = await claim_all(quick)
    assert await claim_all(quick, "w2") == []
    await asyncio.sleep(0.3)
    assert await claims.reap(quick) == 3
    taken = await claim_all(quick, "w2")
    assert [one.fence for one in taken] == [2, 2, 2]
    assert await windows.intend(quick, frozen, owner="w1", provider="fake") == []
    assert len(await windows.intend(quick, taken, owner="w2", provider="fake")) == 3


async def test_a_worker_that_lost_a_claim_and_got_it_again_holds_the_new_one_alone(
    quick: Ledger,
) -> None:
    await planned(quick, Plan(crowd(3)))
    frozen = await claim_all(quick)
    await asyncio.sleep(0.3)
    await claims.reap(quick)
    again = await claim_all(quick)  # the same owner: only the fence tells them apart
    assert await windows.intend(quick, frozen, owner="w1", provider="fake") == []
    assert len(await windows.intend(quick, again, owner="w1", provider="fake")) == 3


async def test_a_worker_that_answers_after_its_lease_writes_nothing(quick: Ledger) -> None:
    await planned(quick, Plan(crowd(1)))
    (late,) = await windows.intend(quick, await claim_all(quick), owner="w1", provider="fake")
    await asyncio.sleep(0.5)
    assert await claims.reap(quick) == 1
    before = await only_row(quick)
    assert (before["state"], before["doubts"]) == ("unknown", 1)
    await windows.settle(quick, [windows.Outcome(late, "accepted", "accepted")], owner="w1")
    assert await only_row(quick) == before


@pytest.mark.alone("a lease of 0.7 s must be renewed in time")
async def test_a_living_worker_keeps_what_waits_for_the_pace(ledger_url: str) -> None:
    async with opened(ledger_url, timing=Timing(claim_lease_s=0.7, renew_every_s=0.1)) as ledger:
        await planned(ledger, Plan(crowd(2)))
        fake = FakeChannel(pace=Pace(Unit.MESSAGES, 1.0))
        draining = asyncio.create_task(drain(door(ledger, fake)))
        reaped = 0
        while not draining.done():
            reaped += await claims.reap(ledger)
            await asyncio.sleep(0.05)
    assert (reaped, fake.copies) == (0, once_each(map(phone, range(2))))


@pytest.mark.alone("leases of less than a second")
async def test_a_worker_frozen_past_its_lease_refuses_to_send(quick: Ledger) -> None:
    await planned(quick, Plan(crowd(10)))
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, 10.0))
    draining = asyncio.create_task(drain(door(quick, fake)))
    while not fake.ledger:
        await asyncio.sleep(0.01)
    begun = {str(row["contact"]) for row in await rows(quick) if row["state"] == "sending"}
    frozen = begun - {one.contact for one in fake.ledger}
    _stand_still(0.7)  # the whole process, as under SIGSTOP
    await draining
    assert frozen
    assert max(fake.copies.values()) == 1
    # What was about to leave did so under a new holding alone.
    fences = {str(row["contact"]): row["fence"] for row in await rows(quick)}
    assert all(int(str(fences[contact])) >= 2 for contact in frozen)


def _stand_still(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
