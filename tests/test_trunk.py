"""Accounts of one medium share its queue, and none of them loses what another can send."""

import asyncio
import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from channels.contract import Pace, Unit
from dispatcher.delivery.drain import drain
from dispatcher.delivery.health import State
from dispatcher.delivery.sending import Door
from dispatcher.delivery.trunk import PATIENCE_S, Trunk, bounds
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.parts import TRIED_S
from dispatcher.store.people import Contact
from tests.fake_channel import UNAVAILABLE, UNREACHED, FakeChannel, door, once_each
from tests.outgoing import (
    Inhabitant,
    Plan,
    crowd,
    only_row,
    phone,
    planned,
    rows,
)


def fakes(rate_a: float = 1000.0, rate_b: float = 1000.0) -> tuple[FakeChannel, FakeChannel]:
    """Give two accounts of SMS."""
    return (
        FakeChannel(provider="a", pace=Pace(Unit.MESSAGES, rate_a)),
        FakeChannel(provider="b", pace=Pace(Unit.MESSAGES, rate_b)),
    )


async def drained(
    ledger: Ledger, *channels: FakeChannel, weights: tuple[int, ...] = (100, 100)
) -> Trunk:
    """Let all accounts send until nothing is due, as a worker does."""
    trunk = Trunk()
    doors = [
        door(ledger, one, trunk=trunk, weight=weight)
        for one, weight in zip(channels, weights, strict=True)
    ]

    async def worked(one: Door) -> None:
        while {row["state"] for row in await rows(ledger)} & {"ready", "claimed", "sending"}:
            await drain(one)
            await asyncio.sleep(0.05)

    async with asyncio.timeout(30):
        await asyncio.gather(*map(worked, doors))
    return trunk


weights = st.dictionaries(st.text("abcdef", min_size=1), st.integers(0, 1000), min_size=1)


@given(weights, st.integers(0, 2**120 - 1))
def test_every_delivery_has_exactly_one_account(shares: Mapping[str, int], number: int) -> None:
    ident = f"{number:030x}"
    owners = [
        name
        for name, (first, before) in bounds(shares).items()
        if first <= ident and (not before or ident < before)
    ]
    assert len(owners) == 1


@given(weights)
def test_parts_are_as_wide_as_the_weights(shares: Mapping[str, int]) -> None:
    whole = sum(shares.values()) or len(shares)
    for name, (first, before) in bounds(shares).items():
        width = int(before or "1" + "0" * 8, 16) - int(first or "0", 16)
        weight = shares[name] if any(shares.values()) else 1
        assert width / 16**8 == pytest.approx(weight / whole, abs=1e-8)


async def test_a_short_queue_is_shared_by_weight(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(300)))
    one, other = fakes()
    await drained(ledger, one, other, weights=(75, 25))
    assert one.copies + other.copies == once_each(map(phone, range(300)))
    assert 0.65 < len(one.ledger) / 300 < 0.85


async def test_a_long_queue_is_shared_by_pace(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(150)))
    one, other = fakes(45.0, 5.0)
    await drained(ledger, one, other)
    assert one.copies + other.copies == once_each(map(phone, range(150)))
    assert len(one.ledger) > 110


async def test_in_a_long_queue_the_most_urgent_leave_first_by_whoever_has_room(
    ledger: Ledger,
) -> None:
    await planned(ledger, Plan(crowd(250)))
    await planned(ledger, Plan(crowd(30, first=250), lane=0))
    one, other = fakes(100.0, 1.0)
    trunk = Trunk()
    free, _ = (door(ledger, channel, trunk=trunk) for channel in (one, other))
    draining = asyncio.create_task(drain(free))
    async with asyncio.timeout(20):
        while len(one.ledger) < 30:
            await asyncio.sleep(0.05)
    draining.cancel()
    await asyncio.wait([draining])
    assert {sent.contact for sent in one.ledger[:30]} == set(map(phone, range(250, 280)))


async def test_what_a_slow_account_leaves_lying_is_taken_by_another(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(40)))
    one, other = fakes(1000.0, 1.0)
    trunk = Trunk()
    doors = [door(ledger, channel, trunk=trunk) for channel in (one, other)]
    slow = asyncio.create_task(drain(doors[1]))
    async with asyncio.timeout(10):
        while len(one.ledger) < 35:  # of its own part it has about 20
            await drain(doors[0])
            await asyncio.sleep(PATIENCE_S)
    await slow
    assert one.copies + other.copies == once_each(map(phone, range(40)))


@pytest.mark.alone("five seconds tell a failover from a wait")
async def test_what_an_account_cannot_send_leaves_at_once_by_another(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(60)))
    one, other = fakes()
    one.script = [UNAVAILABLE] * 1000
    begun = time.monotonic()
    await drained(ledger, one, other)
    assert other.copies == once_each(map(phone, range(60)))
    assert time.monotonic() - begun < 5.0  # not the waits of a person, nor those of an account
    assert all(row["tried"] == "" for row in await rows(ledger))


def mailers() -> tuple[FakeChannel, FakeChannel]:
    """Give two mail accounts: alone, one would wait a minute after a failure."""
    return FakeChannel(medium="email", provider="a"), FakeChannel(medium="email", provider="b")


MAIL = (Inhabitant("lea", (Contact("email", "lea@valombre.example"),)),)


async def test_mail_whose_server_is_away_leaves_at_once_by_another(ledger: Ledger) -> None:
    await planned(ledger, Plan(MAIL, chains=(("email",),)))
    one, other = mailers()
    one.script = [UNREACHED] * 1000
    trunk = Trunk()
    first, second = (door(ledger, channel, trunk=trunk, weight=1) for channel in (one, other))
    trunk.lines["a"].weight = 10**9  # the first account's, whatever its name is worth
    await drain(first)
    assert (await only_row(ledger))["tried"] == "|a|"
    await drain(second)
    await asyncio.sleep(PATIENCE_S)
    await drain(second)
    assert other.copies == once_each(["lea@valombre.example"])


async def test_when_no_account_can_send_a_person_waits_as_for_one(ledger: Ledger) -> None:
    await planned(ledger, Plan(MAIL, chains=(("email",),)))
    channels = mailers()
    trunk = Trunk()
    doors = [door(ledger, channel, trunk=trunk) for channel in channels]
    for channel in channels:
        channel.script = [UNAVAILABLE] * 1000
    async with asyncio.timeout(10):
        while (await only_row(ledger))["attempts"] != 2:
            await asyncio.gather(*map(drain, doors))
            await asyncio.sleep(PATIENCE_S)
    row = await only_row(ledger)
    assert float(str(row["next_at"])) - time.time() == pytest.approx(60.0, abs=16.0)
    assert row["tried"] == ""


async def test_an_account_that_is_open_gets_nothing(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(40)))
    one, other = fakes()
    one.script = [UNREACHED] * 1000
    trunk = await drained(ledger, one, other)
    assert trunk.lines["a"].breaker.state(time.monotonic()) is State.OPEN
    calls = one.calls
    await planned(ledger, Plan(crowd(40, first=40)))
    doors = [door(ledger, channel, trunk=trunk) for channel in (one, other)]
    trunk.lines["a"].breaker.hear(0.0, now_s=time.monotonic())
    await asyncio.gather(*map(drain, doors))
    assert other.copies == once_each(map(phone, range(80)))
    assert one.calls == calls


class At:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


async def test_an_open_account_gets_one_probe_and_then_a_tenth(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(200)))
    one, other = fakes(100.0, 100.0)
    clock = At()
    trunk = Trunk(clock=clock)
    mine, _ = door(ledger, one, trunk=trunk), door(ledger, other, trunk=trunk)
    trunk.lines["a"].breaker.hear(0.0, now_s=clock.s)
    assert await drain(mine) == 0
    clock.s += 15.0
    await drain(mine)
    assert len(one.ledger) == 2  # the probe, and one of the tenth: the clock stands still
    clock.s += 1.0
    await drain(mine)
    assert len(one.ledger) <= 2 + 10
    clock.s += 20.0
    await drain(mine)
    assert len(one.ledger) > 50


async def test_when_every_account_is_open_all_are_tried(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(20)))
    one, other = fakes()
    trunk = Trunk()
    doors = [door(ledger, channel, trunk=trunk) for channel in (one, other)]
    for line in trunk.lines.values():
        line.breaker.hear(0.0, now_s=trunk.clock())
    await asyncio.gather(*map(drain, doors))
    assert one.copies + other.copies == once_each(map(phone, range(20)))
    assert min(one.calls, other.calls) > 0


async def test_what_waits_for_an_account_that_is_gone_comes_back(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(1)))
    async with ledger.writing() as connection:
        await connection.execute(update(deliveries).values(tried="|a|"))
        await connection.execute(update(deliveries).values(next_at=time.time() - TRIED_S + 1.0))
    one, _ = fakes()
    assert await drain(door(ledger, one)) == 0
    await asyncio.sleep(1.2)
    assert await drain(door(ledger, one)) == 1
