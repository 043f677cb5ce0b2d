"""New instructions and the end: two people, who was told before, and who is newly in the area."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from channels.contract import AttemptToken, Pace, Unit
from dispatcher.alerts import correcting, life
from dispatcher.alerts.correcting import Asked
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import load
from dispatcher.alerts.preview import preview
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.alerts.showing import show
from dispatcher.delivery.drain import drain
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.tables import contacts
from tests.corrected import (
    CRUE,
    LARGE,
    OTHER,
    SMALL,
    approve_and_launch,
    launched,
    send,
    with_words,
)
from tests.fake_channel import FakeChannel, door, once_each
from tests.keyring import mark_of, way_row
from tests.offices import APPROVER, AUTHOR, bruz_office, bruz_plan


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await bruz_office(ledger, tmp_path, SMALL, LARGE)


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
        hers = contacts.c.mark == mark_of(old)
        (who,) = (await connection.execute(select(contacts.c.person_id).where(hers))).scalars()
        new = way_row(office.commune, who, Contact("mobile", "+33639989999"))
        await connection.execute(update(contacts).where(hers).values(new))
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


async def test_the_key_that_launched_the_alert_does_not_pass_for_its_correction(
    office: Office,
) -> None:
    alert = await launched(office)  # with the key "k"
    await correcting.correct(office, alert, Asked(blanks={"consigne": "x"}), actor=AUTHOR)
    late = await life.launch(office, alert, actor=AUTHOR, launch_key="k")  # a late second click
    assert late.state == "draft"
    await life.submit(office, alert, actor=AUTHOR)
    await life.approve(office, alert, actor=APPROVER)
    with pytest.raises(NotNow, match="prenez-en une nouvelle"):
        await life.launch(office, alert, actor=AUTHOR, launch_key="k")
    assert (await life.launch(office, alert, actor=AUTHOR)).state == "launched"


async def test_who_was_told_urgently_is_corrected_as_urgently_and_told_the_end_in_its_turn(
    office: Office,
) -> None:
    alert = await launched(office)
    calm = await correcting.correct(office, alert, Asked(template="fin"), actor=AUTHOR)
    await correcting.withdraw(office, alert, actor=AUTHOR)
    end = await correcting.correct(office, alert, Asked(kind="all_clear"), actor=AUTHOR)
    assert (calm.lane, end.lane) == (0, 1)


async def test_a_correction_is_taken_back_in_the_words_prepared_for_the_alert(
    office: Office,
) -> None:
    alert = await launched(office)
    first = await life.find(office, alert)
    asked = Asked(blanks={"consigne": "restez"})  # of a template without a false alarm of its own
    second = await correcting.correct(office, alert, asked, actor=AUTHOR)
    assert second.content["false_alarm"] == first.content["false_alarm"]
    assert "FAUSSE ALERTE, Secteur 1" in second.content["false_alarm"]["fr"]["sms"]


async def test_a_false_alarm_that_waits_for_a_word_does_not_hold_the_alert_up(
    office: Office,
) -> None:
    files = bruz_plan(SMALL, LARGE)
    asking = b'id: erreur\nvariables: [motif]\nsms: "FAUSSE ALERTE: {motif}"\n'
    reading = await load(office, {**files, "alerte/modeles/erreur.yaml": asking}, actor=AUTHOR)
    assert not reading.faults
    alert = await life.make_draft(office, CRUE, actor=AUTHOR)
    words = (await life.find(office, alert)).content["false_alarm"]["fr"]["sms"]
    assert words.startswith("Mairie de Bruz: FAUSSE ALERTE.")
