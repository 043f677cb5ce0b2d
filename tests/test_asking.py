"""No receipt comes: the provider is asked for by reference, three times, beside the sending."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text, update
from typing_extensions import override

from channels.contract import Receipt, Status
from dispatcher.delivery.asking import Asker, asks_per_s
from dispatcher.delivery.drain import drain
from dispatcher.delivery.pace import SharedPace
from dispatcher.delivery.receipts import receive
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, versions
from tests.fake_channel import FakeChannel, door
from tests.outgoing import KEYS, Plan, crowd, only_row, planned, rows
from tests.pursued_town import Town, plan, resident


def asker(ledger: Ledger, *channels: FakeChannel, rate: float = 500.0) -> Asker:
    return Asker(
        ledger,
        {
            one.provider: (
                one,
                SharedPace(None, account=one.provider, rate_per_s=rate, workers=1),
            )
            for one in channels
        },
        keys=KEYS,
    )


async def later(ledger: Ledger, seconds: float) -> None:
    """Let time pass: all that was written happened so much earlier."""
    async with ledger.writing() as connection:
        for name in ("next_at", "accepted_at", "unreadable_at"):
            column = deliveries.c[name]
            await connection.execute(update(deliveries).values({name: column - seconds}))


@pytest.fixture
async def fake(ledger: Ledger) -> FakeChannel:
    """Have one message accepted."""
    await planned(ledger, Plan(crowd(1)))
    channel = FakeChannel()
    await drain(door(ledger, channel))
    assert (await only_row(ledger))["state"] == "accepted"
    return channel


async def test_nothing_is_asked_in_the_first_minute(ledger: Ledger, fake: FakeChannel) -> None:
    await later(ledger, 55)
    await asker(ledger, fake).turn()
    assert fake.asked == 0


async def test_the_three_looks_are_at_one_five_and_fifteen_minutes(
    ledger: Ledger, fake: FakeChannel
) -> None:
    asked_at, now = [], 0
    while now < 3600:
        await later(ledger, 5)
        now += 5
        before = fake.asked
        await asker(ledger, fake).turn()
        asked_at += [now] * (fake.asked - before)
    assert asked_at == [60, 300, 900]
    assert (await only_row(ledger))["state"] == "accepted"  # which is not delivered


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (Status.DELIVERED, "delivered"),
        (Status.UNDELIVERED, "undelivered"),
        (Status.FAILED, "failed"),
        (Status.SENT, "accepted"),
    ],
)
async def test_what_the_provider_tells_is_a_receipt_like_any_other(
    ledger: Ledger, fake: FakeChannel, told: Status, state: str
) -> None:
    fake.became, fake.detail = told, "30003"
    await later(ledger, 61)
    await asker(ledger, fake).turn()
    row = await only_row(ledger)
    assert (row["state"], row["status"]) == (state, told.value)
    await later(ledger, 3600)
    await asker(ledger, fake).turn()
    assert fake.asked == (2 if state == "accepted" else 1)


@pytest.mark.parametrize("first", ["callback", "poll"])
async def test_a_look_that_crosses_a_callback_changes_nothing(
    ledger: Ledger, fake: FakeChannel, first: str
) -> None:
    token = fake.ledger[0].token

    async def callback() -> None:
        await receive(ledger, KEYS, token, Receipt("R1", Status.DELIVERED))

    if first == "callback":
        await later(ledger, 61)
        await callback()
    fake.became = Status.SENT  # the provider's records lag behind its callbacks
    await later(ledger, 61)
    await asker(ledger, fake).turn()
    if first == "poll":
        await callback()
    row = await only_row(ledger)
    assert (row["state"], row["status"], row["rank"]) == ("delivered", "delivered", 4)


async def test_two_workers_ask_once(ledger: Ledger, fake: FakeChannel) -> None:
    await later(ledger, 61)
    await asyncio.gather(*(asker(ledger, fake).turn() for _ in range(4)))
    assert fake.asked == 1


async def test_a_look_that_nobody_finished_is_made_again(ledger: Ledger, fake: FakeChannel) -> None:
    class Killed(FakeChannel):
        @override
        async def ask(self, *_: object, **__: object) -> Receipt | None:
            raise RuntimeError("killed while it asked")

    await later(ledger, 61)
    with pytest.raises(RuntimeError):
        await asker(ledger, Killed()).turn()
    await asker(ledger, fake).turn()
    assert fake.asked == 0  # another is at it
    await later(ledger, 61)
    await asker(ledger, fake).turn()
    assert fake.asked == 1


async def test_a_provider_that_cannot_be_asked_is_asked_later_and_that_is_no_look(
    ledger: Ledger, fake: FakeChannel
) -> None:
    fake.readable, fake.became = False, Status.DELIVERED
    await later(ledger, 61)
    for _ in range(3):
        await asker(ledger, fake).turn()
        await later(ledger, 16)
    assert fake.asked == 3
    row = await only_row(ledger)
    assert (row["looks"], row["unreadable_at"] is not None) == (0, True)
    fake.readable = True
    await later(ledger, 16)
    await asker(ledger, fake).turn()
    assert (await only_row(ledger))["state"] == "delivered"


async def test_a_provider_that_fails_costs_one_question_a_rest(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(40)))
    fake = FakeChannel()
    await drain(door(ledger, fake))
    fake.readable = False
    await later(ledger, 61)
    one = asker(ledger, fake)
    for _ in range(5):
        await one.turn()
    assert fake.asked <= 4  # those in flight when the first one failed


async def test_a_provider_that_cannot_be_asked_at_all_ends_as_three_looks(
    ledger: Ledger, fake: FakeChannel
) -> None:
    fake.readable = False
    for _ in range(400):
        await later(ledger, 30)
        await asker(ledger, fake).turn()
    asked, row = fake.asked, await only_row(ledger)
    assert (row["state"], row["looks"]) == ("accepted", 3)
    await later(ledger, 3600)
    await asker(ledger, fake).turn()
    assert fake.asked == asked < 100


async def test_what_ended_long_ago_is_asked_for_no_more(ledger: Ledger, fake: FakeChannel) -> None:
    async with ledger.writing() as connection:
        await connection.execute(update(versions).values(expires_at=versions.c.expires_at - 5000))
    await later(ledger, 1500)
    await asker(ledger, fake).turn()
    row = await only_row(ledger)
    assert (fake.asked, row["state"], row["looks"]) == (0, "accepted", 3)


async def test_a_turn_asks_a_second_of_its_own_pace_at_most(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(60)))
    fake = FakeChannel()
    await drain(door(ledger, fake))
    await later(ledger, 61)
    assert await asker(ledger, fake, rate=20.0).turn()  # there is more
    assert fake.asked == 19


def test_questions_never_come_faster_than_a_part_of_what_is_sent() -> None:
    assert [asks_per_s(rate) for rate in (0.5, 10.0, 40.0, 1000.0)] == [5.0, 5.0, 10.0, 25.0]


async def test_another_message_to_the_same_phone_has_its_own_looks(
    ledger: Ledger, fake: FakeChannel
) -> None:
    """Sent again by a second account: the looks of the first attempt do not count for it."""
    await later(ledger, 61)
    await asker(ledger, fake).turn()
    async with ledger.writing() as connection:
        await connection.execute(update(deliveries).values(state="ready", next_at=0.0, rank=0))
    await drain(door(ledger, fake))
    assert ((await only_row(ledger))["attempts"], (await only_row(ledger))["looks"]) == (2, 0)


async def test_after_the_third_silent_look_the_next_medium_goes_on(ledger: Ledger) -> None:
    town = Town(ledger)
    await planned(ledger, plan(resident(1)))
    await town.send()
    for wait_s in (61, 300, 700):
        await later(ledger, wait_s)
        await asker(ledger, town.doors["sms"]).turn()
    (row,) = await rows(ledger)
    assert (row["state"], row["looks"], town.doors["sms"].asked) == ("accepted", 3, 3)
    await town.later()
    assert await town.turn() == {"voice"}
    await town.send()
    assert sum(town.got("voice").values()) == 1


@pytest.fixture
async def explained(ledger: Ledger) -> AsyncIterator[str]:
    """Give how the database finds what is silent, among many that are not."""
    await planned(ledger, Plan(crowd(2000)))
    statement = (
        "SELECT delivery_id FROM deliveries WHERE state = 'accepted' AND medium IN ('sms','voice')"
        " AND reference IS NOT NULL AND looks < 3 AND provider = 'fake' AND next_at <= 1"
    )
    async with ledger.writing() as connection:
        await connection.execute(text("ANALYZE"))
        plan = "EXPLAIN QUERY PLAN " if ledger.dialect == "sqlite" else "EXPLAIN "
        found = await connection.execute(text(plan + statement))
        yield " ".join(str(row) for row in found)


async def test_what_is_silent_is_found_by_its_own_index(explained: str) -> None:
    assert "ix_deliveries_silent" in explained


async def test_what_was_in_doubt_and_is_found_has_its_three_looks_from_then_on(
    ledger: Ledger, fake: FakeChannel
) -> None:
    async with ledger.writing() as connection:
        doubted = update(deliveries).values(state="unknown", looks=2, next_at=0.0, reference=None)
        await connection.execute(doubted)
    await receive(ledger, KEYS, fake.ledger[0].token, Receipt("R1", Status.ACCEPTED))
    await asker(ledger, fake).turn()
    assert fake.asked == 0
    await later(ledger, 61)
    await asker(ledger, fake).turn()
    row = await only_row(ledger)
    assert (fake.asked, row["looks"]) == (1, 1)
