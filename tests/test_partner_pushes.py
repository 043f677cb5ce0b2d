"""Events are posted to a partner's own address: in order, signed, tried again, by one at a time."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from dispatcher.alerts.office import Office
from dispatcher.partners import registry, replaying
from dispatcher.partners.pushing import FIRST_S, LONGEST_S, Pusher, backoff_s
from dispatcher.readiness.judging_partners import judged
from dispatcher.store import logbook, partner_pushes
from dispatcher.store.clock import db_now
from dispatcher.store.field_filing import TURN
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_log import messages_after
from dispatcher.store.partner_messages import Answer, Message, keep_answers
from dispatcher.store.partner_registry import Pushed
from dispatcher.store.partner_tables import partners
from dispatcher.store.turns import take_turns
from tests.partner_hall import FIRST, MASTER, POLICE, SECOND, admitted, status, write_lines
from tests.receiving_partner import Receiver, answering, receiving
from tests.situations import COMMUNE, office
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


async def test_who_lost_its_turn_writes_nothing_on_both_databases(ledger: Ledger) -> None:
    town = office(ledger)
    partner = await admitted(town, replace(WANTED, teams=()))
    assert set(await partner_pushes.due(ledger)) == {(COMMUNE, partner)}
    late = await partner_pushes.take(ledger, COMMUNE, partner, holder="late")
    assert late is not None
    assert await partner_pushes.take(ledger, COMMUNE, partner, holder="other") is None
    await due_now(ledger)  # its hold is over
    other = await partner_pushes.take(ledger, COMMUNE, partner, holder="other")
    assert other is not None
    assert not await partner_pushes.told(ledger, late, through=90)
    assert not await partner_pushes.failed(ledger, late, problem="x", again_in_s=1)
    assert not await partner_pushes.done(ledger, late, through=90)
    assert await partner_pushes.told(ledger, other, through=7)
    assert await partner_pushes.failed(ledger, other, problem="x", again_in_s=1)
    assert ((await pushed(town, partner)).through, (await pushed(town, partner)).tries) == (7, 1)
    await registry.rotate(town, partner, by=FIRST, old_ends_in_h=2)
    assert len((await registry.find(town, partner)).open_keys) == 2
    await registry.end_old_key(town, partner, by=FIRST)
    await replaying.replay_since(town, partner, hours=1, by=FIRST)
    assert (await pushed(town, partner)).through == 0
    await registry.end(town, partner, by=FIRST, reason="fini")
    assert await partner_pushes.due(ledger) == {}


async def test_a_message_that_asks_for_a_replay_is_dated_after_those_that_were_being_taken(
    ledger: Ledger,
) -> None:
    town = office(ledger)
    partner = await admitted(town, replace(WANTED, teams=()))
    first, second = (Message(COMMUNE, partner, one, one, "/x", 0.0) for one in ("m2", "m1"))
    async with ledger.writing() as connection:
        await take_turns(connection, TURN, commune=COMMUNE)
        asking = asyncio.create_task(replaying.replay_asked(town, second, after=0))
        await asyncio.sleep(0.2)
        now = (await connection.execute(select(db_now()))).scalar_one()
        await connection.run_sync(keep_answers, [(first, Answer(200, {}))], now=now)
    await asking
    log = await messages_after(ledger, COMMUNE, partner, after="m2", limit=9)
    assert [one.message_id for one in log or ()] == ["m1"]
