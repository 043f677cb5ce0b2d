"""A summons is no alert: on no page or verb of alerts, and no resident ever hears of it."""

import pytest

from channels.segments import measure
from channels.twilio_inbound import Rung, Texted
from dispatcher.alerts import correcting, life
from dispatcher.alerts.correcting import Asked
from dispatcher.alerts.inbound import answer_ring, answer_text
from dispatcher.alerts.plan_in_force import called_up, in_force, load
from dispatcher.alerts.refusals import NotThere
from dispatcher.crisis.posts import posts_of
from dispatcher.crisis.sights import stop_calls
from dispatcher.crisis.summoning import alert_received, content_of, summons
from dispatcher.delivery.content import Escalation
from dispatcher.delivery.drain import drain
from dispatcher.delivery.ladder import Rules, ladder
from dispatcher.store import alert_lines, crisis_sights, people
from dispatcher.store.brought import Brings
from dispatcher.store.crises import Decision, event_of, move_event
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact, Person
from dispatcher.store.summons_answers import calls_of, summonses_of
from dispatcher.store.summonses import Call, Step, advance
from dispatcher.store.waves import NotOfThePlan
from plans.folder import files_of
from tests.answering_town import NUMBER, Town, new_sid, with_plan
from tests.called_people import made, turned
from tests.crises import MAYOR, activated, by, kinds_of, opened, town_hall
from tests.example_commune import EXAMPLE
from tests.fake_channel import FakeChannel, door
from tests.outgoing import COMMUNE
from tests.situations import office

CALLED, STRANGER = "+33639980005", "+33639987777"  # the RAC, and nobody of the plan


@pytest.fixture
async def two_way_ledger(ledger: Ledger) -> Ledger:
    """Give a ledger whose commune has a sender that receives answers."""
    await with_plan(ledger)
    files = dict(files_of(EXAMPLE))
    rules = files["alerte/reglement.yaml"].decode()
    rules = rules.replace("emetteur_bidirectionnel: false", "emetteur_bidirectionnel: true")
    rules = rules.replace("emetteur_sms: Vaubrenne", 'emetteur_sms: "+33353010001"')
    reading = await load(
        office(ledger), {**files, "alerte/reglement.yaml": rules.encode()}, actor=MAYOR
    )
    assert not reading.faults, reading.faults
    return ledger


async def called(ledger: Ledger, *, plan: bool = True) -> tuple[Town, str]:
    """Have the example commune's people called up, their messages gone; return the summons."""
    town = await with_plan(ledger) if plan else Town(ledger)
    event = await activated(office(ledger))
    await made(ledger)
    for medium in ("sms", "voice"):
        await drain(door(ledger, FakeChannel(medium)))
    (one,) = await summonses_of(ledger, COMMUNE, event.event_id)
    return town, one.summons_id


async def test_a_summons_is_on_no_list_of_alerts_and_no_verb_of_alerts_finds_it(
    ledger: Ledger,
) -> None:
    _, ident = await called(ledger)
    assert await alert_lines.latest_alerts(ledger, COMMUNE) == []
    assert await alert_lines.alert_versions(ledger, COMMUNE, ident) == []
    assert await crisis_sights.alerts_now(ledger, COMMUNE) == []
    desk = office(ledger)
    for act in (
        life.cancel(desk, ident, actor=MAYOR),
        life.launch(desk, ident, actor=MAYOR),
        correcting.correct(desk, ident, Asked(), actor=MAYOR),
        correcting.take_back(desk, ident, actor=MAYOR),
        correcting.withdraw(desk, ident, actor=MAYOR),
    ):
        with pytest.raises(NotThere):
            await act


async def test_a_stranger_who_rings_while_people_are_called_hears_no_alert(ledger: Ledger) -> None:
    town, _ = await called(ledger)
    heard = await answer_ring(town.counter, Rung(new_sid("CA"), STRANGER, NUMBER))
    assert "Aucune alerte n'est en cours" in heard
    assert "Appel de crise" not in heard
    rac = await answer_ring(town.counter, Rung(new_sid("CA"), CALLED, NUMBER))
    assert "Appel de crise" in rac
    assert "Si vous venez, tapez 1" in rac


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("1", ("coming", "coming", True)),
        ("Je viens", ("coming", "coming", True)),
        ("Non", ("unable", "unable", True)),
        ("2", ("unable", "unable", True)),
        ("J'ai besoin d'aide", ("help", "no_help", False)),  # a cry for help is no « I cannot »
        ("Où ça ?", ("unknown", "come_or_not", False)),
    ],
)
async def test_an_sms_to_a_two_way_sender_says_yes_or_no_and_a_cry_for_help_stays_one(
    two_way_ledger: Ledger, words: str, kept: tuple[str, str, bool]
) -> None:
    town, ident = await called(two_way_ledger, plan=False)
    sent = Texted(new_sid("SM"), CALLED, NUMBER, words)
    assert await answer_text(town.counter, sent)
    assert [(kind, said, counted) for kind, said, _, counted in await town.kept()] == [kept]
    answered = {(kind, via) for _, kind, via in await town.answered()}
    assert answered == ({(kept[0], "sms")} if kept[2] else set())
    assert ident


async def test_a_stop_frees_nobody_from_a_duty_of_the_plan(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await town.texts(CALLED, "STOP")
    gone = await town.unsubscribed()
    assert not any(one.startswith("contact:") for one in gone)


async def test_nobody_outside_the_directory_can_be_put_on_a_summons(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    current = await in_force(town)
    words = alert_received(mode="real", title="Crue", sender="Préfecture", text="Crue")
    good = await summons(town, current, posts_of(current.plan), reason=words)
    bad = type(good)(**{**vars(good), "calls": [Call("DOS", 0, "0" * 32)], "first": ["0" * 32]})
    decision = Decision("activate", "maire", "dos", brings=Brings(summons=bad))
    line = town.line("maire", "event.activate", "x", event=event.event_id)
    with pytest.raises(NotOfThePlan):
        await move_event(ledger, event, decision=decision, values={"state": "active"}, line=line)
    assert await event_of(ledger, COMMUNE, event.event_id) == event  # all of it, or nothing
    assert await kinds_of(ledger, event) == ["event.open"]


async def test_the_directory_holds_everyone_who_may_be_called_up(ledger: Ledger) -> None:
    await town_hall(ledger)
    known = await people.planned_ids(ledger, COMMUNE)
    duty = [one for one in known if one.startswith("contact:")]
    assert {"contact:maire", "contact:adj3", "contact:chef_voirie", "contact:ccas"} <= set(duty)
    plan = (await in_force(office(ledger))).plan
    assert "contact:dir_ehpad" in duty  # she may relieve a function: then she is called in it
    assert "dir_ehpad" not in called_up(plan)  # else she is warned for her site alone
    assert not await people.asked_first(ledger, COMMUNE) & set(duty)


def test_a_mobile_is_rung_before_an_office_that_is_empty_at_night() -> None:
    both = (Contact("mobile", CALLED, 0), Contact("fixed", "+33353010011", 1))
    rules = Rules(("sms", "voice"), Escalation((90.0, 90.0)))
    chains = (("sms",), ("voice",))
    on_duty = ladder(Person("contact:maire", "Maire", contacts=both), chains, rules)
    assert on_duty.first == (("sms", CALLED), ("voice", CALLED))
    assert [step.way for step in on_duty.steps] == [("voice", "+33353010011")]
    resident = ladder(Person("p1", "Camille", contacts=both), chains, rules)
    assert resident.first == (("sms", CALLED), ("voice", "+33353010011"))


async def test_its_words_are_two_segments_at_most_in_both_languages(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    current = await in_force(town)
    words = alert_received(mode="exercise", title="x" * 200, sender="y" * 60, text="z" * 900)
    content = content_of(current, words)
    assert set(content.texts) == {"fr", "en"}
    for texts, first in ((content.texts["fr"], "EXERCICE "), (content.texts["en"], "EXERCISE ")):
        assert texts.sms.startswith(first)
        assert texts.voice.startswith(first)
        assert measure(texts.sms.replace("{lien}", "https://a.example/a/" + "x" * 22)).segments <= 2
    await turned(ledger)  # nothing was launched: nothing follows


async def test_a_worker_that_read_a_summons_before_it_was_stopped_calls_nobody(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    (read,) = await summonses_of(ledger, COMMUNE, event.event_id)
    await stop_calls(town, event.event_id, read.summons_id, asked=by(MAYOR))
    step, taken = await advance(ledger, read, lambda _calls: Step(people=("contact:adj2",)))
    assert (step, taken) == (Step(), False)
    calls = await calls_of(ledger, COMMUNE, read.summons_id)
    assert not any(one.called_at for one in calls if one.person_id == "contact:adj2")
