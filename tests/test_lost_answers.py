"""An answer that was lost: looked up before any second copy, and given up rather than guessed."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from dispatcher.delivery.desk import VersionDesk
from dispatcher.delivery.doubts import resolve
from dispatcher.delivery.drain import drain
from dispatcher.delivery.planning import materialise_next
from dispatcher.store.ledger import Ledger, Timing
from dispatcher.store.people import Contact
from tests.fake_channel import ACCEPTED_AND_LOST, LOST, FakeChannel, door, once_each
from tests.keyring import opened
from tests.outgoing import (
    KEYS,
    PUBLIC_URL,
    Inhabitant,
    Plan,
    approved,
    crowd,
    launch_once,
    only_row,
    phone,
    planned,
    rows,
)

QUICK = Timing(first_look_s=0.05, second_look_s=0.1, unreadable_s=0.2)


@pytest.fixture
async def quick(ledger_url: str) -> AsyncIterator[Ledger]:
    """Open a ledger that looks up soon."""
    async with opened(ledger_url, timing=QUICK) as one:
        yield one


async def look(ledger: Ledger, fake: FakeChannel) -> int:
    """Wait for the next look, and look."""
    await asyncio.sleep(0.12)
    desk = VersionDesk(ledger, KEYS, public_url=PUBLIC_URL)
    return await resolve(ledger, {"fake": fake}, keys=KEYS, desk=desk)


async def until_still(ledger: Ledger, fake: FakeChannel) -> None:
    """Send and look up for as long as there is something to do."""
    idle = 0
    async with asyncio.timeout(20):
        while idle < 3:
            done = await drain(door(ledger, fake)) + await look(ledger, fake)
            idle = 0 if done else idle + 1


async def test_what_the_provider_has_is_accepted_and_never_sent_twice(quick: Ledger) -> None:
    await planned(quick, Plan(crowd(10)))
    fake = FakeChannel(script=[ACCEPTED_AND_LOST] * 10)
    await drain(door(quick, fake))
    assert {row["state"] for row in await rows(quick)} == {"unknown"}
    assert await look(quick, fake) == 10
    assert {row["state"] for row in await rows(quick)} == {"accepted"}
    assert all(row["reference"] for row in await rows(quick))
    await until_still(quick, fake)
    assert fake.copies == once_each(map(phone, range(10)))


async def test_the_first_look_waits_its_time(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(1)))
    fake = FakeChannel(script=[ACCEPTED_AND_LOST])
    await drain(door(ledger, fake))
    assert await look(ledger, fake) == 0


async def test_what_is_not_there_after_two_looks_is_sent_again(quick: Ledger) -> None:
    await planned(quick, Plan(crowd(1)))
    fake = FakeChannel(script=[LOST])
    await drain(door(quick, fake))
    await look(quick, fake)
    assert (await only_row(quick))["state"] == "unknown"  # records may lag: one look is not enough
    await look(quick, fake)
    row = await only_row(quick)
    assert (row["state"], row["doubts"]) == ("ready", 0)
    await until_still(quick, fake)
    assert fake.copies == once_each([phone(0)])


async def test_a_provider_that_fails_for_long_loses_nobody(quick: Ledger) -> None:
    await planned(quick, Plan(crowd(1)))
    fake = FakeChannel(script=[LOST] * 3)
    async with asyncio.timeout(20):
        while not fake.ledger:
            await drain(door(quick, fake))
            await look(quick, fake)
    assert (fake.calls, (await only_row(quick))["state"]) == (4, "accepted")


async def test_a_call_of_another_alert_is_not_taken_for_one_whose_answer_was_lost(
    quick: Ledger,
) -> None:
    """A list of calls shows no words: both alerts called the same number, one after the other."""
    people = crowd(1)
    await planned(quick, Plan(people, chains=(("voice",),)))
    fake = FakeChannel("voice")
    await drain(door(quick, fake))
    again = Plan(people, chains=(("voice",),))
    await launch_once(quick, (await approved(quick, again)).version_id, again)
    await materialise_next(quick)
    fake.script = [LOST]
    await until_still(quick, fake)
    assert [row["state"] for row in await rows(quick)] == ["accepted", "accepted"]
    assert fake.copies[phone(0)] == 2  # one of each alert


async def test_records_that_lag_are_found_by_a_later_look(quick: Ledger) -> None:
    await planned(quick, Plan(crowd(1)))
    fake = FakeChannel(script=[ACCEPTED_AND_LOST, LOST])
    await drain(door(quick, fake))
    hidden, fake.ledger = fake.ledger, []
    await look(quick, fake)
    await look(quick, fake)
    await drain(door(quick, fake))
    fake.ledger = hidden
    await look(quick, fake)
    assert ((await only_row(quick))["state"], fake.calls) == ("accepted", 2)


async def test_records_that_cannot_be_read_for_a_while_are_waited_for(ledger_url: str) -> None:
    async with opened(ledger_url, timing=Timing(first_look_s=0.05)) as ledger:
        await planned(ledger, Plan(crowd(1)))
        fake = FakeChannel(script=[ACCEPTED_AND_LOST], readable=False)
        await drain(door(ledger, fake))
        assert await look(ledger, fake) == 1
        assert (await only_row(ledger))["state"] == "unknown"
        fake.readable = True
        await look(ledger, fake)
        assert (await only_row(ledger))["state"] == "accepted"


async def test_one_failed_look_at_an_old_attempt_is_no_reason_for_a_copy(ledger_url: str) -> None:
    """Wait from the first look that failed: every worker may have been away for long before it."""
    async with opened(ledger_url, timing=Timing(first_look_s=0.05, unreadable_s=5.0)) as ledger:
        await planned(ledger, Plan(crowd(1)))
        fake = FakeChannel(script=[ACCEPTED_AND_LOST], readable=False)
        await drain(door(ledger, fake))
        async with ledger.writing() as connection:
            await connection.exec_driver_sql("UPDATE deliveries SET began_at = began_at - 3600")
        assert await look(ledger, fake) == 1
        assert (await only_row(ledger))["state"] == "unknown"
        fake.readable = True
        await look(ledger, fake)
        assert (await only_row(ledger))["state"] == "accepted"


async def test_where_no_record_can_be_read_there_are_two_copies_at_most(quick: Ledger) -> None:
    await planned(quick, Plan(crowd(1)))
    fake = FakeChannel(script=[ACCEPTED_AND_LOST] * 9, readable=False)
    await until_still(quick, fake)
    row = await only_row(quick)
    assert (row["state"], row["reason"]) == ("exhausted", "uncertain")
    assert fake.copies[phone(0)] == 2


async def test_a_mail_whose_answer_was_lost_goes_twice_at_most(quick: Ledger) -> None:
    mail = (Contact("email", "lea@valombre.example"),)
    await planned(quick, Plan([Inhabitant("lea", mail)], chains=(("email",),)))
    fake = FakeChannel(medium="email", script=[ACCEPTED_AND_LOST] * 9)
    await until_still(quick, fake)
    assert ((await only_row(quick))["state"], fake.copies.total()) == ("exhausted", 2)


async def test_an_account_that_is_gone_does_not_hold_its_deliveries_for_ever(
    quick: Ledger,
) -> None:
    await planned(quick, Plan(crowd(1)))
    await drain(door(quick, FakeChannel(script=[LOST])))
    await asyncio.sleep(0.1)
    desk = VersionDesk(quick, KEYS, public_url=PUBLIC_URL)
    await resolve(quick, {}, keys=KEYS, desk=desk)
    assert (await only_row(quick))["state"] == "ready"
