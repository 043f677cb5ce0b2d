"""What is planned leaves once, at its time, by whoever is free; what may not leave stays."""

import asyncio
import time
from dataclasses import replace

import pytest

from channels.contract import AttemptToken, Pace, Unit
from dispatcher.delivery import answers
from dispatcher.delivery.content import Texts
from dispatcher.delivery.drain import drain, intent_size, window_size
from dispatcher.delivery.tokens import answer_token, page_names, read_attempt
from dispatcher.store import claims, endings
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.receipts import Told, record_receipt
from dispatcher.store.results import results
from tests.fake_channel import ACCEPT, REFUSE, UNAVAILABLE, FakeChannel, door, once_each
from tests.keyring import opened
from tests.outgoing import (
    COMMUNE,
    CONTENT,
    KEYS,
    Inhabitant,
    Plan,
    cancelled,
    crowd,
    launched,
    only_row,
    phone,
    planned,
    rows,
)
from tests.quiet_readers import unsubscribe


async def claim_all(ledger: Ledger, owner: str = "w1") -> list[claims.Claimed]:
    return await claims.claim(ledger, route="live", medium="sms", owner=owner, limit=500)


async def test_every_planned_delivery_is_accepted_exactly_once(ledger: Ledger) -> None:
    people = crowd(230)
    version = await planned(ledger, Plan(people, block=100))
    fake = FakeChannel()
    assert await drain(door(ledger, fake)) == 230
    assert fake.copies == once_each(one.contacts[0].value for one in people)
    found = await results(ledger, COMMUNE, version.version_id)
    assert (found.states, found.waiting_blocks) == ({"accepted": 230}, 0)


async def test_two_workers_share_a_ledger_without_a_copy(ledger_url: str, ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(300)))
    fakes = [FakeChannel(pace=Pace(Unit.MESSAGES, 60.0)) for _ in range(2)]
    async with opened(ledger_url) as other:
        doors = [door(ledger, fakes[0], owner="w1"), door(other, fakes[1], owner="w2")]
        await asyncio.gather(*map(drain, doors))
    assert fakes[0].copies + fakes[1].copies == once_each(map(phone, range(300)))
    assert min(fake.calls for fake in fakes) > 50


async def test_the_urgent_lane_leaves_first_and_people_in_their_order(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(30)))
    await planned(ledger, Plan(crowd(30, first=30), lane=0))
    order = [int(one.contact[-4:]) for one in await claim_all(ledger)]
    assert order == [*range(30, 60), *range(30)]


@pytest.mark.alone("measures a rate over half a second")
async def test_messages_are_spread_evenly_at_the_granted_rate(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(60)))
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, 40.0))
    await drain(door(ledger, fake))
    times = [one.at for one in fake.ledger]
    assert 0.95 * 59 / 40 <= times[-1] - times[0] < 2 * 59 / 40  # the first may be a little late
    assert max(sum(start <= one < start + 0.5 for one in times) for start in times) <= 26


@pytest.mark.alone("measures a rate over a quarter of a second")
async def test_places_missed_by_a_blocked_process_are_lost_not_caught_up(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(60)))

    async def block(_attempt: AttemptToken) -> None:
        if len(fake.ledger) == 23:  # the third of a window
            time.sleep(0.5)  # noqa: ASYNC251, TID251 - it stands still

    fake = FakeChannel(pace=Pace(Unit.MESSAGES, 40.0), on_accept=block)
    await drain(door(ledger, fake))
    times = [one.at for one in fake.ledger]
    # Ten have room in 0.25 s; one of each window in flight may leave as the process wakes.
    assert max(sum(start <= one < start + 0.25 for one in times) for start in times) <= 14


@pytest.mark.alone("measures a rate over a second and a half")
async def test_a_long_text_takes_its_segments_of_the_pace(ledger: Ledger) -> None:
    long = Texts("x" * 400, "", "", "")  # three segments
    await planned(ledger, Plan(crowd(20), texts={"fr": long}))
    fake = FakeChannel(pace=Pace(Unit.SEGMENTS, 40.0))
    await drain(door(ledger, fake))
    times = [one.at for one in fake.ledger]
    assert 0.95 * 19 * 3 / 40 <= times[-1] - times[0] < 2 * 19 * 3 / 40


def test_a_window_holds_what_leaves_within_a_quarter_of_a_second() -> None:
    assert window_size([1.0] * 100, 40.0) == 10
    assert window_size([6.0] * 100, 40.0) == 1
    assert window_size([6.0], 1.0) == 1
    assert window_size([1.0] * 100, 1000.0) == 50
    assert window_size([1.0] * 3, 40.0) == 3


def test_one_intent_begins_the_windows_that_leave_in_a_moment() -> None:
    assert intent_size([1.0] * 300, 40.0) == 10  # a window
    assert intent_size([1.0] * 300, 2000.0) == 50
    assert intent_size([1.0] * 300, 4100.0) == 100
    assert intent_size([2.0] * 300, 4100.0) == 50
    assert intent_size([1.0] * 300, 1e6) == 250
    assert intent_size([1.0] * 180, 1e6) == 150


async def test_a_refusal_ends_the_delivery_with_its_reason(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(1)))
    fake = FakeChannel(script=[REFUSE])
    await drain(door(ledger, fake))
    row = await only_row(ledger)
    assert (row["state"], row["reason"], fake.calls) == ("failed", "21211", 1)
    assert row["settled_at"] is not None


async def test_what_did_not_leave_waits_as_long_as_the_provider_asks(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(1)))
    fake = FakeChannel(script=[UNAVAILABLE], retry_after_s=7.0)
    begun = time.time()
    await drain(door(ledger, fake))
    row = await only_row(ledger)
    assert (row["state"], row["reason"], fake.calls) == ("ready", "429", 1)
    assert begun + 7.0 <= float(str(row["next_at"])) <= time.time() + 7.1


async def test_what_did_not_leave_goes_at_once_then_a_second_later(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(1)))
    fake = FakeChannel(script=[UNAVAILABLE, UNAVAILABLE])
    begun = time.time()
    await drain(door(ledger, fake))
    row = await only_row(ledger)
    assert (row["state"], row["attempts"], row["doubts"]) == ("ready", 2, 0)
    assert begun + 0.8 <= float(str(row["next_at"])) <= time.time() + 1.2
    await asyncio.sleep(1.3)
    await drain(door(ledger, fake))
    assert fake.copies == once_each([phone(0)])


async def test_a_row_that_breaks_its_sender_harms_no_neighbour(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(20)))
    fake = FakeChannel(script=[ACCEPT, "boom"])
    await drain(door(ledger, fake))
    states = sorted(str(row["state"]) for row in await rows(ledger))
    assert states == ["accepted"] * 19 + ["sending"]


async def test_new_work_is_taken_while_slow_answers_are_awaited(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(1)))
    fake = FakeChannel(latency_s=3.0)
    draining = asyncio.create_task(drain(door(ledger, fake)))
    while fake.calls == 0:
        await asyncio.sleep(0.02)
    fake.latency_s = 0.0
    await planned(ledger, Plan(crowd(1, first=7)))
    await draining
    assert [one.contact for one in fake.ledger] == [phone(7), phone(0)]


async def test_a_stopped_worker_gives_back_what_it_had_not_begun(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(40)))
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, 20.0))
    draining = asyncio.create_task(drain(door(ledger, fake)))
    await asyncio.sleep(0.5)
    draining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await draining
    states = [str(row["state"]) for row in await rows(ledger)]
    assert set(states) == {"accepted", "ready"}
    assert states.count("accepted") == len(fake.ledger) > 0


async def test_a_receipt_that_comes_before_the_answer_wins(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(1)))

    async def tell(attempt: AttemptToken) -> None:
        named = read_attempt(KEYS, attempt.value)
        assert named is not None
        told = Told(named.commune, named.delivery_id, 1, "delivered", 4, "SM1")
        assert await record_receipt(ledger, told)

    await drain(door(ledger, FakeChannel(on_accept=tell)))
    row = await only_row(ledger)
    assert (row["state"], row["reference"]) == ("delivered", "SM1")


async def test_nothing_is_accepted_after_a_cancel_and_one_window(ledger: Ledger) -> None:
    version = await planned(ledger, Plan(crowd(200)))
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, 50.0))
    draining = asyncio.create_task(drain(door(ledger, fake)))
    while len(fake.ledger) < 20:
        await asyncio.sleep(0.02)
    await cancelled(ledger, version)
    at_cancel = len(fake.ledger)
    await draining
    await endings.sweep(ledger)
    assert len(fake.ledger) - at_cancel <= 2 * 50  # the one in flight, the one led in
    assert len(fake.ledger) < 150
    states = (await results(ledger, COMMUNE, version.version_id)).states
    assert states == {"accepted": len(fake.ledger), "cancelled": 200 - len(fake.ledger)}


async def test_nothing_leaves_of_an_expired_alert(ledger: Ledger) -> None:
    version = await planned(ledger, Plan(crowd(5), lifetime_s=0.8))
    await asyncio.sleep(1.0)
    fake = FakeChannel()
    await drain(door(ledger, fake))
    assert fake.calls == 0
    assert (await results(ledger, COMMUNE, version.version_id)).states == {"expired": 5}


async def test_who_unsubscribes_during_the_fan_out_gets_nothing(ledger: Ledger) -> None:
    version = await planned(ledger, Plan(crowd(3)))
    await unsubscribe(ledger, "p00001")
    fake = FakeChannel()
    await drain(door(ledger, fake))
    assert fake.copies == once_each([phone(0), phone(2)])
    states = (await results(ledger, COMMUNE, version.version_id)).states
    assert states == {"accepted": 2, "suppressed": 1}


async def test_a_household_phone_gets_one_message_and_answers_for_all(ledger: Ledger) -> None:
    shared = (Contact("mobile", phone(0)),)
    people = [Inhabitant(f"h{number}", shared) for number in range(3)]
    version = await planned(ledger, Plan(people, block=2))  # two blocks: shared across them too
    await unsubscribe(ledger, "h1")  # one of them only: the phone still rings
    fake = FakeChannel()
    await drain(door(ledger, fake))
    assert fake.copies == once_each([phone(0)])
    token = answer_token(KEYS, str((await only_row(ledger))["delivery_id"]))
    assert token in fake.ledger[0].text
    for new in (True, False):
        page, _ = page_names(KEYS, token)
        kept = await answers.record(ledger, page=page, kind="help", via="page")
        assert kept is not None
        assert kept.new is new
    assert (await results(ledger, COMMUNE, version.version_id)).answered == {"help": 3}


async def test_an_alert_is_finished_once_when_all_has_left(ledger: Ledger) -> None:
    version = await launched(ledger, Plan(crowd(2)))
    assert await endings.finished(ledger, key=b"l" * 32) == []  # its deliveries are not even made
    await planned(ledger, Plan([]))
    assert await endings.finished(ledger, key=b"l" * 32) != []
    await drain(door(ledger, FakeChannel()))
    assert await endings.finished(ledger, key=b"l" * 32) == [
        (COMMUNE, version.version_id, {"accepted": 2})
    ]
    assert await endings.finished(ledger, key=b"l" * 32) == []


async def test_each_reads_the_alert_in_a_language_it_is_written_in(ledger: Ledger) -> None:
    people = [
        replace(one, language=language)
        for one, language in zip(crowd(3), ("en", "fr", "de"), strict=True)
    ]
    await planned(ledger, Plan(people))
    fake = FakeChannel()
    await drain(door(ledger, fake))
    begins = [one.text.split(":")[0] for one in sorted(fake.ledger, key=lambda one: one.contact)]
    assert begins == ["Flood", "Crue", CONTENT.texts["fr"].sms.split(":")[0]]
