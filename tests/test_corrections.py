"""After the launch: who may have been told is told what is true now, and nobody is told more."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from channels.contract import AttemptToken, Pace, Unit
from dispatcher.alerts import correcting, life
from dispatcher.alerts.correcting import Asked
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.preview import preview
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.alerts.showing import show
from dispatcher.delivery.drain import drain
from dispatcher.delivery.planning import materialise_next
from dispatcher.store import endings, logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.tables import contacts
from dispatcher.store.versions import version_of
from tests.fake_channel import ACCEPT, LOST, REFUSE, FakeChannel, door, once_each
from tests.offices import APPROVER, AUTHOR, KEYS, bruz_office

SMALL, LARGE = "circle_150m", "circle_500m"
OTHER = Actor("adjoint", "deputy")
CRUE = Wanted(scenario="crue", media=("sms",), escalates=False)


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await bruz_office(ledger, tmp_path, SMALL, LARGE)


async def approve_and_launch(office: Office, alert: str, *, key: str = "k") -> None:
    await life.submit(office, alert, actor=AUTHOR)
    await life.approve(office, alert, actor=APPROVER)
    await life.launch(office, alert, actor=AUTHOR, launch_key=key)


async def launched(office: Office, wanted: Wanted = CRUE) -> str:
    alert = await life.make_draft(office, wanted, actor=AUTHOR)
    await approve_and_launch(office, alert)
    await plan_all(office)
    return alert


async def plan_all(office: Office) -> None:
    while await materialise_next(office.ledger, KEYS) is not None:
        pass


async def send(office: Office, fake: FakeChannel) -> FakeChannel:
    await plan_all(office)
    await drain(door(office.ledger, fake))
    return fake


def with_words(fake: FakeChannel, words: str) -> Counter[str]:
    return Counter(one.contact for one in fake.ledger if words in one.text)


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
    async with office.ledger.reading() as connection:
        rows = await connection.execute(
            select(deliveries.c.contact).where(deliveries.c.state == "unknown")
        )
        (doubted,) = rows.scalars()
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
    async with office.ledger.writing() as connection:
        rows = (await connection.execute(select(deliveries.c.contact))).scalars().all()
        for contact, ((state, doubts, failed_by), left) in zip(rows, MAY.items(), strict=False):
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.contact == contact)
                .values(state=state, doubts=doubts, failed_by=failed_by)
            )
            expected |= {contact} if left else set()
    await correcting.take_back(office, alert, actor=AUTHOR)
    await plan_all(office)
    async with office.ledger.reading() as connection:
        newest = await version_of(office.ledger, office.commune, alert)
        assert newest is not None
        made = await connection.execute(
            select(deliveries.c.contact).where(deliveries.c.version_id == newest.version_id)
        )
        assert set(made.scalars()) == expected
        assert newest.people == len(expected)


async def test_new_instructions_reach_who_was_told_and_who_is_newly_in_the_area(
    office: Office,
) -> None:
    alert = await launched(office)
    fake = await send(office, FakeChannel())
    alerted = set(with_words(fake, "quittez"))
    asked = Asked(sectors=(LARGE,), blanks={"consigne": "restez chez vous"})
    await correcting.correct(office, alert, asked, actor=AUTHOR)
    foreseen = await preview(office, alert)
    await approve_and_launch(office, alert, key="k2")
    await send(office, fake)
    corrected = with_words(fake, "restez chez vous")
    assert corrected == once_each(corrected)
    assert alerted < set(corrected)
    assert foreseen["people"] == 771
    assert foreseen["by_channel"] == {"sms": len(corrected)}
    assert (await show(office, alert))["people"] == 771


async def test_who_was_told_is_corrected_though_she_is_out_of_the_new_area(office: Office) -> None:
    alert = await launched(office, replace(CRUE, sectors=(LARGE,)))
    fake = await send(office, FakeChannel())
    alerted = with_words(fake, "quittez")
    asked = Asked(sectors=(SMALL,), blanks={"consigne": "rentrez"})
    await correcting.correct(office, alert, asked, actor=AUTHOR)
    await approve_and_launch(office, alert, key="k2")
    await send(office, fake)
    assert with_words(fake, "rentrez") == once_each(alerted)


async def test_a_number_changed_meanwhile_is_corrected_at_the_old_and_the_new(
    office: Office,
) -> None:
    alert = await launched(office)
    fake = await send(office, FakeChannel())
    old = next(iter(with_words(fake, "quittez")))
    async with office.ledger.writing() as connection:
        await connection.execute(
            update(contacts).where(contacts.c.value == old).values(value="+33639989999")
        )
    asked = Asked(blanks={"consigne": "restez chez vous"})
    await correcting.correct(office, alert, asked, actor=AUTHOR)
    await approve_and_launch(office, alert, key="k2")
    await send(office, fake)
    corrected = with_words(fake, "restez chez vous")
    assert (corrected[old], corrected["+33639989999"]) == (1, 1)


async def test_new_instructions_and_the_end_take_two_people(office: Office) -> None:
    alert = await launched(office)
    await send(office, FakeChannel())
    for asked in (Asked(blanks={"consigne": "restez"}), Asked(kind="all_clear")):
        await correcting.correct(office, alert, asked, actor=APPROVER)
        await life.submit(office, alert, actor=AUTHOR)
        for same in (APPROVER, AUTHOR):
            with pytest.raises(NotYou):
                await life.approve(office, alert, actor=same)
        with pytest.raises(NotNow):
            await life.launch(office, alert, actor=APPROVER, launch_key=f"l-{asked.kind}")
        await life.approve(office, alert, actor=OTHER)
        await life.launch(office, alert, actor=AUTHOR, launch_key=f"k-{asked.kind}")


async def test_an_altered_false_alarm_takes_two_people(office: Office) -> None:
    alert = await launched(office)
    await send(office, FakeChannel())
    asked = Asked(kind="false_alarm", template="suite", blanks={"consigne": "erreur"})
    drafted = await correcting.correct(office, alert, asked, actor=AUTHOR)
    assert (drafted.state, drafted.kind) == ("draft", "false_alarm")


async def test_the_end_is_told_to_who_was_told_and_to_nobody_else(office: Office) -> None:
    fake = FakeChannel()
    alert = await launched(office)

    async def stop_at_the_twentieth(_attempt: AttemptToken) -> None:
        if len(fake.ledger) == 20:
            await life.cancel(office, alert, actor=OTHER)

    fake.pace, fake.on_accept = Pace(Unit.MESSAGES, 10.0), stop_at_the_twentieth
    await drain(door(office.ledger, fake))
    fake.pace, fake.on_accept = Pace(Unit.MESSAGES, 1000.0), None
    alerted = with_words(fake, "quittez")
    await correcting.correct(office, alert, Asked(kind="all_clear"), actor=AUTHOR)
    foreseen = await preview(office, alert)
    await approve_and_launch(office, alert, key="k2")
    await send(office, fake)
    assert with_words(fake, "fin de l'alerte") == once_each(alerted)
    assert foreseen["people"] == len(alerted) < 79
    newest = await life.find(office, alert)
    assert newest.content["cap"]["responseType"] == ["AllClear"]


async def test_each_version_names_those_before_it_as_cap_does(office: Office) -> None:
    alert = await launched(office)
    first = await show(office, alert)
    await correcting.correct(office, alert, Asked(blanks={"consigne": "x"}), actor=AUTHOR)
    await approve_and_launch(office, alert, key="k2")
    second = await show(office, alert)
    await correcting.take_back(office, alert, actor=AUTHOR)
    third = await show(office, alert)
    assert (first["msg_type"], first["references"]) == ("Alert", [])
    named = [
        f"alerte.bruz.example,{one['identifier']},{one['launched_at']}" for one in (first, second)
    ]
    assert (second["msg_type"], second["references"]) == ("Update", named[:1])
    assert (third["msg_type"], third["references"]) == ("Cancel", named)


async def test_one_correction_at_a_time_is_prepared_and_may_be_withdrawn(office: Office) -> None:
    alert = await launched(office)
    asked = Asked(blanks={"consigne": "restez"})
    first = await correcting.correct(office, alert, asked, actor=AUTHOR, key="click")
    again = await correcting.correct(office, alert, asked, actor=AUTHOR, key="click")
    assert again.version_id == first.version_id
    with pytest.raises(NotNow, match="déjà en préparation"):
        await correcting.correct(office, alert, asked, actor=OTHER)
    preparing = (await show(office, alert))["preparing"]
    assert isinstance(preparing, dict)
    assert (preparing["version"], preparing["state"]) == (2, "draft")
    await correcting.withdraw(office, alert, actor=AUTHOR)
    told = await show(office, alert)
    assert (told["version"], told["state"], told["preparing"]) == (1, "dispatching", None)
    with pytest.raises(NotNow, match="rien à retirer"):
        await correcting.withdraw(office, alert, actor=AUTHOR)
    assert (await correcting.correct(office, alert, asked, actor=OTHER)).number == 3


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


async def test_what_cannot_be_corrected_is_refused_in_a_sentence(office: Office) -> None:
    draft = await life.make_draft(office, CRUE, actor=AUTHOR)
    with pytest.raises(NotNow, match="rien à corriger"):
        await correcting.correct(office, draft, Asked(), actor=AUTHOR)
    alert = await launched(office)
    with pytest.raises(NotSo, match="consigne"):
        await correcting.correct(office, alert, Asked(), actor=AUTHOR)
    with pytest.raises(NotSo, match="n'est pas une correction"):
        await correcting.correct(office, alert, Asked(kind="joke"), actor=AUTHOR)
    with pytest.raises(NotThere, match="rumeur"):
        await correcting.correct(office, alert, Asked(template="rumeur"), actor=AUTHOR)
    late = datetime.now(UTC) - timedelta(hours=1)
    with pytest.raises(NotSo, match="expirer"):
        await correcting.correct(
            office, alert, Asked(kind="all_clear", expires_at=late), actor=AUTHOR
        )
