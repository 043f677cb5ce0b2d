"""Webhooks keep to a pace for each host, and a host that is busy or slow delays no other."""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import pytest
from typing_extensions import override

from channels.contract import Address, AttemptToken, Message, Pace, Receipt, Status, Unit
from dispatcher.delivery.drain import drain
from dispatcher.delivery.hosts import HostPaces
from dispatcher.delivery.pace import KEPT_BACK, SharedPace
from dispatcher.delivery.sending import Door
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from tests.fake_channel import FakeChannel, door, once_each
from tests.outgoing import Inhabitant, Plan, planned, rows

HOST_RATE = 10.0


@dataclass
class Partners(FakeChannel):
    """Partners' machines: the silent ones take a message, and answer when `answering` is set."""

    silent: tuple[str, ...] = ()
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    @override
    async def send(self, message: Message, to: Address, *, attempt: AttemptToken) -> Receipt:
        receipt = await super().send(message, to, attempt=attempt)
        if urlsplit(to.value).hostname in self.silent:
            await self.answering.wait()
        return receipt


def partners(*, rate: float = 200.0) -> Partners:
    return Partners("webhook", "webhook", Pace(Unit.MESSAGES, rate), status=Status.DELIVERED)


def systems(host: str, size: int) -> list[Inhabitant]:
    return [
        Inhabitant(f"{host}{at}", (Contact("webhook", f"https://{host}.example/{at}"),))
        for at in range(size)
    ]


def opened_door(ledger: Ledger, fake: Partners, *, owner: str = "w1") -> Door:
    def pace_of(host: str) -> SharedPace:
        return SharedPace(None, account=host, rate_per_s=HOST_RATE, workers=1)

    return replace(
        door(ledger, fake, owner=owner), hosts=HostPaces(pace_of), inflight=set()
    )  # fmt: skip


async def until_sent(one: Door, fake: Partners, number: int) -> None:
    async with asyncio.timeout(60):
        while len(fake.ledger) < number:
            await drain(one)
            await asyncio.sleep(0.05)


def times(fake: Partners) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for one in sorted(fake.ledger, key=lambda one: one.at):
        found[urlsplit(one.contact).hostname or ""].append(one.at)
    return found


async def launch(ledger: Ledger, *people: Inhabitant) -> None:
    await planned(ledger, Plan(people, chains=(("webhook",),)))


@pytest.mark.alone("measures a rate over a second")
async def test_a_host_gets_its_rate_the_others_theirs_at_once_and_waiting_costs_no_attempt(
    ledger: Ledger,
) -> None:
    others = [one for at in range(20) for one in systems(f"other{at}", 1)]
    await launch(ledger, *systems("busy", 18), *others)
    fake = partners()
    begun = time.monotonic()
    await until_sent(opened_door(ledger, fake), fake, 38)
    at = times(fake)
    busy = at.pop("busy.example")
    assert max(sum(start <= one < start + 1 for one in busy) for start in busy) <= HOST_RATE + 1
    assert busy[-1] - busy[0] >= 17 / HOST_RATE
    last_of_others = max(one for [one] in at.values())
    assert last_of_others - begun < busy[9] - begun
    assert fake.copies == once_each(fake.copies)
    assert {(row["attempts"], row["state"]) for row in await rows(ledger)} == {(1, "delivered")}


async def test_a_busy_host_is_not_asked_for_over_and_over(ledger: Ledger) -> None:
    await launch(ledger, *systems("busy", 60))
    fake = partners()
    one = opened_door(ledger, fake)
    await drain(one)
    waits = sorted(float(str(row["next_at"])) for row in await rows(ledger) if not row["attempts"])
    assert len(waits) >= 40
    assert waits[-1] - waits[0] >= (len(waits) - 1) / HOST_RATE * 0.9  # each at its own turn


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
async def test_hosts_that_do_not_answer_hold_up_no_other(ledger: Ledger) -> None:
    await launch(ledger, *systems("slow", 55), *systems("tired", 55))
    fake = partners()
    fake.silent = ("slow.example", "tired.example")
    sending = asyncio.create_task(drain(opened_door(ledger, fake)))
    async with asyncio.timeout(30):
        while fake.calls < 110:
            await asyncio.sleep(0.02)
        await launch(ledger, *systems("quick", 5))
        while fake.calls < 115:
            await asyncio.sleep(0.02)
    assert not fake.answering.is_set()
    fake.answering.set()
    await sending
    assert {row["state"] for row in await rows(ledger)} == {"delivered"}


async def test_places_of_a_host_are_even_and_taken_in_advance_for_a_second_at_most() -> None:
    paces = {"a": SharedPace(None, account="a", rate_per_s=HOST_RATE, workers=1)}
    waits = [await paces["a"].reserve(1, at_most_s=1.0) for _ in range(14)]
    taken = [wait for wait in waits if wait <= 1.0]
    assert len(taken) == 10  # at 0, 0.1, … 0.9: the next would be 1.01 s away
    assert waits[-1] - waits[9] < 1.1 / HOST_RATE / KEPT_BACK  # a refusal takes no place
