"""People of the plan called up: real worker, real callbacks, the sandbox's own ledger as judge."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

from dispatcher.store import logbook
from dispatcher.store.crises import Event, event_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import residents_count
from dispatcher.store.summons_answers import calls_of, summonses_of
from tests.driven_worker import working
from tests.offices import BRUZ
from tests.rung_town import ringing
from tests.summoned_town import (
    CANNOT,
    COMES,
    LANDLINE,
    SILENT,
    acted,
    activated,
    hurried,
    opened_event,
    said_by,
    town_of_duty,
)

KILLED = -signal.SIGKILL


async def over(ledger: Ledger, event: Event) -> None:
    """Wait until nobody more is called for an event."""
    async with asyncio.timeout(60):
        while (await summonses_of(ledger, BRUZ, event.event_id))[0].over_at is None:
            await asyncio.sleep(0.1)


async def test_who_is_silent_or_cannot_come_is_followed_by_her_deputy_and_residents_hear_nothing(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path
) -> None:
    office = await town_of_duty(ledger, tmp_path)
    event = await activated(office)
    await hurried(ledger, wait_s=12.0)  # a loaded machine takes seconds to ring
    async with (
        ringing(ledger, ledger_url, valkey_url, folder=tmp_path) as town,
        working(town.order, tmp_path),
    ):
        await over(ledger, event)
        sms, voice = await town.got("sms"), await town.got("voice")
        words = [str(entry["content"]) for entry in await town.sandbox.ledger("sms")]
        heard = [str(entry["content"]) for entry in await town.sandbox.ledger("voice")]
    assert sms == Counter((SILENT, CANNOT, COMES))  # by SMS and by voice; a landline by voice
    assert voice == Counter((SILENT, CANNOT, COMES, LANDLINE))
    assert await residents_count(ledger, BRUZ) > 100
    said = await said_by(ledger, event)
    assert {who: one.answer for who, one in said.items()} == {
        "maire": None, "adj": "unable", "adj2": "coming", "dgs": "coming",
    }  # fmt: skip
    (one,) = await summonses_of(ledger, BRUZ, event.event_id)
    calls = await calls_of(ledger, BRUZ, one.summons_id)
    assert [(call.post, call.person_id, call.outcome) for call in calls] == [
        ("DOS", "contact:maire", "silent"),
        ("DOS", "contact:adj", "unable"),
        ("DOS", "contact:adj2", "coming"),
        ("RAC", "contact:dgs", "coming"),
        ("RAC", "contact:dst", None),  # never called
    ]
    assert all("PCS activé: Crue de la Vilaine" in text for text in words)
    assert all("Si vous venez, tapez 1" in text for text in heard)
    lines = [line async for line in logbook.read_all(ledger, BRUZ)]
    assert [line.kind for line in lines if line.kind in ("summons.next", "summons.over")] == [
        "summons.next", "summons.next", "summons.over",
    ]  # fmt: skip


async def test_an_exercise_says_so_first_and_a_rehearsal_leaves_for_nobody(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path
) -> None:
    office = await town_of_duty(ledger, tmp_path, maire=COMES, adj2="+33639980043")
    play = await activated(office, mode="exercise")
    rehearsed = await activated(office, mode="rehearsal", click="encore")
    async with (
        ringing(ledger, ledger_url, valkey_url, folder=tmp_path) as town,
        working(town.order, tmp_path),
    ):
        await over(ledger, play)
        await asyncio.sleep(2.0)
        texts = [str(e["content"]) for e in await town.sandbox.ledger("sms")]
        heard = [str(e["content"]) for e in await town.sandbox.ledger("voice")]
    assert len(texts) == 1
    assert len(heard) == 2
    assert texts[0].startswith("EXERCICE ")
    assert all("EXERCICE Appel de crise" in one for one in heard)
    said = await said_by(ledger, rehearsed)
    assert {way.medium for one in said.values() for way in one.ways} == {"sms", "voice"}


async def test_killed_between_the_decision_and_its_sending_nobody_is_lost_and_nobody_called_twice(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path
) -> None:
    office = await town_of_duty(ledger, tmp_path, maire=COMES, adj2="+33639980043")
    event = await opened_event(office)
    assert await acted(ledger_url, event.event_id, crash="CP0:1") == KILLED
    before = await event_of(ledger, BRUZ, event.event_id)
    assert before == event  # not decided, so nobody is called
    assert await summonses_of(ledger, BRUZ, event.event_id) == []
    assert await acted(ledger_url, event.event_id, crash="CP1:1") == KILLED
    after = await event_of(ledger, BRUZ, event.event_id)
    assert after is not None
    assert after.state == "active"
    assert await acted(ledger_url, event.event_id) == 0  # the person clicks once more
    async with (
        ringing(ledger, ledger_url, valkey_url, folder=tmp_path) as town,
        working(town.order, tmp_path),
    ):
        await over(ledger, event)
        voice = await town.got("voice")
    assert voice == Counter((COMES, LANDLINE))
