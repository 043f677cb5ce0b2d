"""After the launch: who may have been told is told what is true now, and nobody is told more."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select, update

from channels.contract import AttemptToken, Pace, Unit
from dispatcher.alerts import correcting, life
from dispatcher.alerts.correcting import Asked
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotThere
from dispatcher.alerts.showing import show
from dispatcher.delivery.drain import drain
from dispatcher.store import endings, logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.versions import version_of
from tests.corrected import (
    CRUE,
    LARGE,
    OTHER,
    SMALL,
    launched,
    plan_all,
    send,
    with_words,
)
from tests.fake_channel import ACCEPT, LOST, REFUSE, FakeChannel, door, once_each
from tests.keyring import contacts_sent, mark_of
from tests.offices import AUTHOR, bruz_office


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await bruz_office(ledger, tmp_path, SMALL, LARGE)


async def taken_back_during_the_fan_out(office: Office, fake: FakeChannel) -> str:
    """Launch, and take it back at the 20th message, at ten a second."""
    alert = await launched(office)

    async def at_the_twentieth(_attempt: AttemptToken) -> None:
        if len(fake.ledger) == 20:
            await correcting.take_back(office, alert, actor=OTHER)

    fake.pace, fake.on_accept = Pace(Unit.MESSAGES, 10.0), at_the_twentieth
    await drain(door(office.ledger, fake))
    fake.pace, fake.on_accept = Pace(Unit.MESSAGES, 1000.0), None
    return alert


async def test_a_false_alarm_reaches_exactly_those_whom_the_alert_may_have_reached(
    office: Office,
) -> None:
    script = [ACCEPT] * 5 + [LOST] + [REFUSE] + [ACCEPT] * 5
    fake = FakeChannel(script=script)
    await taken_back_during_the_fan_out(office, fake)
    alerted = set(with_words(fake, "quittez"))
    (doubted,) = await contacts_sent(office.ledger, deliveries.c.state == "unknown")
    assert doubted not in alerted
    await send(office, fake)
    assert with_words(fake, "FAUSSE ALERTE") == once_each(alerted | {doubted})
    assert 20 <= len(alerted) <= 20 + 2 * 10 < 79  # one window in flight, one led in


async def test_a_false_alarm_ends_the_alert_and_takes_one_person_and_no_approval(
    office: Office,
) -> None:
    fake = FakeChannel()
    alert = await taken_back_during_the_fan_out(office, fake)
    left = len(fake.ledger)
    await send(office, fake)
    assert len(with_words(fake, "quittez")) == left
    told = await show(office, alert)
    assert (told["kind"], told["msg_type"], told["version"]) == ("false_alarm", "Cancel", 2)
    assert told["people"] == told["may_have_left"] == left
    newest = await life.find(office, alert)
    assert (newest.approved_by, newest.launched_by) == (None, OTHER.login)


async def test_taking_back_twice_or_by_two_at_once_is_taking_back_once(office: Office) -> None:
    alert = await launched(office)
    fake = await send(office, FakeChannel())
    one, other = await asyncio.gather(
        correcting.take_back(office, alert, actor=AUTHOR),
        correcting.take_back(office, alert, actor=OTHER),
    )
    third = await correcting.take_back(office, alert, actor=AUTHOR)
    assert one.version_id == other.version_id == third.version_id
    await send(office, fake)
    alerted = with_words(fake, "quittez")
    assert with_words(fake, "FAUSSE ALERTE") == once_each(alerted)


async def test_a_false_alarm_follows_a_cancel_and_needs_something_launched(office: Office) -> None:
    draft = await life.make_draft(office, CRUE, actor=AUTHOR)
    with pytest.raises(NotNow, match="rien à corriger"):
        await correcting.take_back(office, draft, actor=AUTHOR)
    with pytest.raises(NotThere):
        await correcting.take_back(office, "nope", actor=AUTHOR)
    alert = await launched(office)
    fake = await send(office, FakeChannel())
    await life.cancel(office, alert, actor=AUTHOR)
    await correcting.take_back(office, alert, actor=AUTHOR)
    await send(office, fake)
    alerted = with_words(fake, "quittez")
    assert len(alerted) > 40
    assert with_words(fake, "FAUSSE ALERTE") == once_each(alerted)


# state, doubts, failed_by → whether something may have left
MAY = {
    ("ready", 0, ""): False,
    ("ready", 1, ""): True,  # doubted once, never found: it waits for another attempt
    ("ready", 0, "|twilio|"): True,  # an operator took it and did not hand it over
    ("claimed", 0, ""): False,
    ("sending", 0, ""): True,
    ("unknown", 1, ""): True,
    ("accepted", 0, ""): True,
    ("delivered", 0, ""): True,
    ("undelivered", 0, ""): True,
    ("failed", 0, ""): False,
    ("cancelled", 0, ""): False,
    ("cancelled", 1, ""): True,
    ("expired", 0, ""): False,
    ("suppressed", 0, ""): False,
    ("exhausted", 0, ""): False,
    ("exhausted", 2, ""): True,
}


async def test_each_state_says_whether_something_may_have_left(office: Office) -> None:
    alert = await launched(office)
    expected = set()
    rows = await contacts_sent(office.ledger)
    async with office.ledger.writing() as connection:
        for contact, ((state, doubts, failed_by), left) in zip(rows, MAY.items(), strict=False):
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.contact_mark == mark_of(contact))
                .values(state=state, doubts=doubts, failed_by=failed_by)
            )
            expected |= {contact} if left else set()
    await correcting.take_back(office, alert, actor=AUTHOR)
    await plan_all(office)
    newest = await version_of(office.ledger, office.commune, alert)
    assert newest is not None
    mine = deliveries.c.version_id == newest.version_id
    assert set(await contacts_sent(office.ledger, mine)) == expected
    assert newest.people == len(expected)


async def test_a_cancel_stops_what_runs_and_what_is_prepared_and_counts_what_had_left(
    office: Office,
) -> None:
    fake = FakeChannel()
    alert = await launched(office)
    await correcting.correct(office, alert, Asked(kind="all_clear"), actor=AUTHOR)

    async def stop_at_the_twentieth(_attempt: AttemptToken) -> None:
        if len(fake.ledger) == 20:
            await life.cancel(office, alert, actor=OTHER)

    fake.pace, fake.on_accept = Pace(Unit.MESSAGES, 10.0), stop_at_the_twentieth
    await drain(door(office.ledger, fake))
    async with office.ledger.reading() as connection:
        states = (await connection.execute(select(versions.c.state))).scalars().all()
    assert set(states) == {"cancelled"}
    await endings.sweep(office.ledger)
    await endings.finished(office.ledger, key=office.logbook_key)
    lines = [one async for one in logbook.read_all(office.ledger, office.commune)]
    (counted,) = [one.data for one in lines if one.kind == "alert.stopped"]
    assert counted["may_have_left"] == len(fake.ledger)
    assert (await show(office, alert))["may_have_left"] == len(fake.ledger)
