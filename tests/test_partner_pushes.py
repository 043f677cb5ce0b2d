"""Events are posted to a partner's own address: in order, signed, tried again, by one at a time."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.partners import registry, replaying
from dispatcher.partners.pushing import (
    FIRST_S,
    LONGEST_S,
    MOST_REFUSED,
    MOST_SHUT_OUT,
    Pusher,
    backoff_s,
    most_refusals,
)
from dispatcher.readiness.judging_partners import judged
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_registry import Pushed
from dispatcher.store.partner_tables import partners
from tests.partner_hall import FIRST, MASTER, POLICE, SECOND, admitted, status, write_lines
from tests.receiving_partner import Receiver, answering, receiving
from tests.situations import COMMUNE
from tests.staffed_hall import announced

pytest_plugins = ("tests.console_visits", "tests.partner_visits")
WANTED = replace(POLICE, url="https://localhost/tocsin")
SAID = ("en_route", "on_scene", "returning", "available")


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[Receiver]:
    """Be the server of the municipal police."""
    async with receiving(tmp_path) as got:
        yield got


async def said(mairie: Office, *words: str) -> None:
    await write_lines(mairie.ledger, [status("POLICE", one) for one in words])


async def turn(mairie: Office, receiver: Receiver) -> None:
    pusher = Pusher(mairie, MASTER, receiver.http)
    await pusher.start()
    await pusher.rest()


async def pushed(mairie: Office, partner: str) -> Pushed:
    return (await registry.find(mairie, partner)).pushed


async def due_now(ledger: Ledger, **values: Any) -> None:  # noqa: ANN401 - columns
    """Let the time to wait be over."""
    async with ledger.writing() as connection:
        await connection.execute(update(partners).values(push_at=None, **values))


async def test_what_happens_from_now_on_is_posted_in_its_order_and_verifies(
    mairie: Office, receiver: Receiver
) -> None:
    await said(mairie, "available")  # before it was let in
    partner = await admitted(mairie, WANTED)
    await said(mairie, *SAID)
    await write_lines(mairie.ledger, [status("TERRAIN1")] * 3)
    await replaying.ping(mairie, partner, by=FIRST)
    await turn(mairie, receiver)
    assert [one["data"].get("said") for one in receiver.events] == [*SAID, None]
    assert receiver.events[-1]["type"] == "partner.ping"
    assert receiver.ids == [one["id"] for one in receiver.events]
    (secret,) = await registry.secrets(mairie, partner, by=FIRST, master=MASTER)
    assert receiver.verified(secret.receives) == 5
    assert receiver.verified(secret.sends) == 0
    await turn(mairie, receiver)
    assert len(receiver.bodies) == 5


async def test_while_the_secret_changes_both_prove_it(mairie: Office, receiver: Receiver) -> None:
    partner = await admitted(mairie, WANTED)
    await registry.rotate(mairie, partner, by=FIRST, old_ends_in_h=1)
    await said(mairie, "on_scene")
    await turn(mairie, receiver)
    both = await registry.secrets(mairie, partner, by=SECOND, master=MASTER)
    assert [receiver.verified(one.receives) for one in both] == [1, 1]


@pytest.mark.parametrize(
    "answer", ["500 Oops", "404 Not Found", "307 Moved\r\nLocation: https://x.example/"]
)
async def test_what_it_did_not_take_is_tried_again_under_the_same_id_before_what_follows(
    mairie: Office, receiver: Receiver, answer: str
) -> None:
    partner = await admitted(mairie, WANTED)
    await said(mairie, *SAID)
    receiver.answers += [answering("204 No Content"), answering(answer)]
    before = time.time()
    await turn(mairie, receiver)
    failed = await pushed(mairie, partner)
    assert len(receiver.bodies) == 2
    assert (failed.tries, answer[:3] in failed.problem) == (1, True)
    assert failed.due_at is not None
    assert before + FIRST_S <= failed.due_at + 0.1 <= time.time() + FIRST_S + 0.2
    await turn(mairie, receiver)
    assert len(receiver.bodies) == 2  # not before its hour
    await due_now(mairie.ledger)
    await turn(mairie, receiver)
    assert [one["data"]["said"] for one in receiver.events] == [
        SAID[0], SAID[1], SAID[1], SAID[2], SAID[3],
    ]  # fmt: skip
    assert receiver.ids[1] == receiver.ids[2]
    well = await pushed(mairie, partner)
    assert (well.tries, well.problem, well.failing_at) == (0, "", None)


async def test_an_event_that_it_refuses_each_time_holds_up_no_other_and_is_sent_again_by_hand(
    mairie: Office, receiver: Receiver
) -> None:
    partner = await admitted(mairie, WANTED)
    await said(mairie, *SAID)
    first = (await pushed(mairie, partner)).through + 1
    for answer in ("500 Oops", "422 No", "503 Busy", "422 No"):  # each time: in a row, no less
        receiver.answers.append(answering(answer))
        await due_now(mairie.ledger)
        await turn(mairie, receiver)
    assert (await pushed(mairie, partner)).passed == 0
    receiver.answers.append(answering("422 No"))
    await due_now(mairie.ledger, push_refused=MOST_REFUSED - 1)
    await turn(mairie, receiver)
    assert [one["data"]["said"] for one in receiver.events[4:]] == list(SAID)
    after = await pushed(mairie, partner)
    assert (after.passed, after.passed_after, after.tries) == (1, first, 0)
    (line,) = await logbook.read_kinds(mairie.ledger, COMMUNE, "partner.passed_over", limit=9)
    assert (line.data["told"], line.data["code"]) == (receiver.ids[4], "http-422")
    assert "refuse un événement" in (await announced(mairie))[-1]
    assert [one.state for one in judged(await registry.every(mairie), now=0.0)] == ["warning"]
    await replaying.replay_passed(mairie, partner, by=FIRST)
    await turn(mairie, receiver)
    assert receiver.ids[-4:] == receiver.ids[4:8]
    assert (await pushed(mairie, partner)).passed == 0
    with pytest.raises(NotNow):
        await replaying.replay_passed(mairie, partner, by=FIRST)


def test_a_shut_door_is_tried_for_a_day_and_a_wait_is_no_refusal() -> None:
    given = {code: most_refusals(f"http-{code}") for code in (400, 422, 401, 404, 408, 429, 500)}
    few, day = MOST_REFUSED, MOST_SHUT_OUT
    assert given == {400: few, 422: few, 401: day, 404: day, 408: None, 429: None, 500: None}
    assert most_refusals("no-answer") is None
    assert 23 * 3600 < sum(map(backoff_s, range(day))) < 26 * 3600


async def test_the_wait_it_asks_for_is_kept(mairie: Office, receiver: Receiver) -> None:
    partner = await admitted(mairie, WANTED)
    await said(mairie, "on_scene")
    receiver.answers.append(answering("429 Slow", "Retry-After: 120"))
    await turn(mairie, receiver)
    failed = await pushed(mairie, partner)
    assert failed.due_at is not None
    assert 118 < failed.due_at - time.time() < 122


def test_each_try_waits_longer_and_none_longer_than_a_quarter_of_an_hour() -> None:
    waits = [backoff_s(tries) for tries in range(100)]
    assert waits[:4] == [5.0, 10.0, 20.0, 40.0]
    assert waits == sorted(waits)
    assert max(waits) == LONGEST_S == 900.0


async def test_a_410_stops_it_until_somebody_says_so_and_people_are_told(
    mairie: Office, receiver: Receiver
) -> None:
    partner = await admitted(mairie, WANTED)
    await said(mairie, "on_scene")
    receiver.answers.append(answering("410 Gone"))
    await turn(mairie, receiver)
    await due_now(mairie.ledger)
    await said(mairie, "returning")
    await turn(mairie, receiver)
    assert len(receiver.bodies) == 1
    assert (await pushed(mairie, partner)).stopped_at is not None
    (line, *_) = await logbook.read_kinds(mairie.ledger, COMMUNE, "partner.stopped", limit=5)
    assert line.data["partner"] == partner
    assert "410" in (await announced(mairie))[-1]
    await replaying.resume(mairie, partner, by=FIRST)
    await turn(mairie, receiver)
    assert [one["data"]["said"] for one in receiver.events] == ["on_scene", "on_scene", "returning"]


async def test_ready_tells_who_takes_nothing_for_a_quarter_of_an_hour(
    mairie: Office, receiver: Receiver
) -> None:
    await admitted(mairie, WANTED)
    await admitted(mairie, replace(POLICE, name="Sans adresse"))
    await said(mairie, "on_scene")
    receiver.answers.append(answering("500 Oops"))
    await turn(mairie, receiver)
    (failing, _) = await registry.every(mairie)
    assert failing.pushed.failing_at is not None
    for minutes, state in ((14, "ready"), (16, "warning")):
        now = failing.pushed.failing_at + minutes * 60
        assert [one.state for one in judged(await registry.every(mairie), now=now)] == [state]
    gone = replace(failing, pushed=replace(failing.pushed, stopped_at=time.time()))
    (line,) = judged([gone], now=time.time())
    assert "410" in line.said
    assert judged([replace(failing, ended_at=time.time())], now=time.time()) == []


async def test_an_address_inside_is_never_connected_to(mairie: Office, tmp_path: Path) -> None:
    async with receiving(tmp_path) as got:
        partner = await admitted(mairie, replace(WANTED, url="https://169.254.169.254/meta"))
        await said(mairie, "on_scene")
        inside = got.http._transport  # as it is in the worker: nothing but the internet
        inside._permitted = lambda _: False  # type: ignore[attr-defined]  # the rule under test
        await turn(mairie, got)
        assert got.bodies == []
        assert "machine publique" in (await pushed(mairie, partner)).problem


async def test_from_a_cursor_everything_is_posted_again_under_the_same_ids(
    mairie: Office, receiver: Receiver
) -> None:
    partner = await admitted(mairie, WANTED)
    start = (await pushed(mairie, partner)).through
    await said(mairie, *SAID)
    await turn(mairie, receiver)
    await replaying.replay(mairie, partner, after=start, by=FIRST)
    await turn(mairie, receiver)
    assert receiver.ids == [*receiver.ids[:4]] * 2


async def test_whoever_is_ended_is_told_nothing_more(mairie: Office, receiver: Receiver) -> None:
    partner = await admitted(mairie, WANTED)
    await said(mairie, *SAID)
    receiver.hold_s = 0.2
    going = asyncio.create_task(turn(mairie, receiver))
    while not receiver.bodies:
        await asyncio.sleep(0.01)
    await registry.end(mairie, partner, by=FIRST, reason="fini")
    await going
    assert len(receiver.bodies) == 1


async def test_two_processes_post_one_event_at_a_time_and_each_once(
    mairie: Office, receiver: Receiver
) -> None:
    await admitted(mairie, WANTED)
    await said(mairie, *SAID * 3)
    receiver.hold_s = 0.01
    await asyncio.gather(*(turn(mairie, receiver) for _ in range(4)))
    assert receiver.most_together == 1
    assert len(receiver.ids) == len(set(receiver.ids)) == 12
