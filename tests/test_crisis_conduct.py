"""A crisis led: cards as tasks, functions held and relieved, alerts proposed and never sent."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dispatcher.alerts import life
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.crisis import cards, deciding, opening, proposals, relief, sights
from dispatcher.crisis.cards import TaskChange
from dispatcher.crisis.firsts import firsts
from dispatcher.crisis.showing import listed, show
from dispatcher.store import logbook, tasks
from dispatcher.store.crises import open_event_of
from dispatcher.store.duties import NewDuty, duties_of, relieve_duty
from dispatcher.store.ledger import Ledger
from dispatcher.store.summons_answers import summonses_of
from tests.called_people import answer_call, made, turned, waited
from tests.crises import (
    CALL_FROM,
    CHIEF,
    MAYOR,
    OBSERVER,
    OPERATOR,
    RAC,
    activated,
    by,
    kinds_of,
    opened,
    town_hall,
)
from tests.situations import COMMUNE, add_user


async def test_activating_opens_the_cards_calls_the_posts_raises_the_level_in_one_act(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    told = await show(town, event.event_id)
    assert (event.state, event.phase, event.level) == ("active", "urgence", "alerte")
    seen = await sights.sight(town, event.event_id)
    opened_cards = dict.fromkeys(task.card for task in seen.tasks)
    assert {"FA-ALERTE", "FA-CRUE", "FA-EVACUATION", "FR-DOS", "FR-RAC"} <= set(opened_cards)
    assert "FA-FEU" not in opened_cards
    (one,) = seen.calls
    assert set(one.posts) == {"DOS", "RAC", "PCC", "SEC", "RENS", "COM", "LOG", "POP", "TER"}
    assert told["holders"] == [
        {"post": "DOS", "label": "Directeur des opérations de secours", "holder": "user:maire",
         "since": told["since"]},
    ]  # fmt: skip
    assert await kinds_of(ledger, event) == ["event.open", "event.activate"]
    async for line in logbook.read_all(ledger, COMMUNE):
        assert "+336" not in f"{line.text}{line.data}"  # people by their ids alone


async def test_an_alert_received_rings_whoever_is_on_call_and_can_be_left_to_a_person(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await opening.receive(town, CALL_FROM, asked=by(OPERATOR))
    (one,) = await summonses_of(ledger, COMMUNE, event.event_id)
    assert (one.why, one.wait_s) == ("received", 300.0)
    assert event.received_code == "4471"
    assert await open_event_of(ledger, COMMUNE) == event
    await deciding.no_follow_up(town, event.event_id, asked=by(RAC, "fausse alerte"))
    (one,) = await summonses_of(ledger, COMMUNE, event.event_id)
    assert one.stopped_by == RAC.login  # set aside: nobody more is called
    again = await opening.receive(town, CALL_FROM, asked=by(OPERATOR), call=False)
    assert await summonses_of(ledger, COMMUNE, again.event_id) == []


async def test_a_summons_can_be_stopped_and_a_deputy_is_then_never_called(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    (one,) = await summonses_of(ledger, COMMUNE, event.event_id)
    await sights.stop_calls(town, event.event_id, one.summons_id, asked=by(MAYOR))
    await made(ledger)
    await waited(ledger, seconds=400.0)
    await turned(ledger)
    (call,) = (await sights.sight(town, event.event_id)).calls
    assert not call.runs
    called = {c.holder for names in call.posts.values() for c in names if c.called_at is not None}
    assert called == {names[0].holder for names in call.posts.values()}
    with pytest.raises(NotThere, match="pas d'appel « zzz »"):
        await sights.stop_calls(town, event.event_id, "zzz", asked=by(MAYOR))


async def test_the_page_shows_who_comes_who_does_not_and_who_is_next(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    await answer_call(ledger, event, {"contact:dgs": "coming", "contact:ccas": "unable"})
    await turned(ledger)
    await turned(ledger)
    (call,) = (await sights.sight(town, event.event_id)).calls
    standing = {(c.post, c.name): c.standing for names in call.posts.values() for c in names}
    assert standing["RAC", "Isabelle MARCHAL"] == "coming"
    assert standing["PCC", "Isabelle MARCHAL"] == "coming"  # one call, both her posts
    assert standing["RAC", "Karim FERRAND"] == "spared"
    assert standing["LOG", "Karim FERRAND"] == "called"
    assert standing["PCC", "Samia BELKACEM"] == "spared"
    assert standing["POP", "Anne JACQUINOT"] == "unable"
    assert standing["POP", "Mariam DIALLO"] == "called"
    assert standing["DOS", "Bruno OUDOT"] == "called"
    assert standing["DOS", "Samia BELKACEM"] == "waiting"


async def test_without_a_scenario_the_reflex_cards_open_and_others_one_by_one(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await activated(town, scenario=None)
    seen = await sights.sight(town, event.event_id)
    assert {task.card for task in seen.tasks} == {"FR-ASTREINTE", "FR-DOS", "FR-RAC"}
    assert seen.proposals == ()
    assert await cards.open_card(town, event.event_id, "FA-EAU", asked=by(OPERATOR)) == 4
    assert await cards.open_card(town, event.event_id, "FA-EAU", asked=by(OPERATOR)) == 0
    with pytest.raises(NotThere, match="pas de fiche « FA-X »"):
        await cards.open_card(town, event.event_id, "FA-X", asked=by(OPERATOR))


async def test_a_task_is_taken_done_set_aside_and_reopened_each_with_its_line(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    ident = event.event_id

    async def change(to: str, reason: str = "", step: int = 1) -> tuple[str, str | None]:
        wanted = TaskChange("FA-CRUE", step, to)
        task = await cards.change(town, ident, wanted, asked=by(OPERATOR, reason))
        return task.state, task.owner

    assert await change("take") == ("open", "user:etat_civil")
    assert await change("done") == ("done", "user:etat_civil")
    assert await change("done") == ("done", "user:etat_civil")  # a second click
    with pytest.raises(NotNow, match="rouvrez-la"):
        await change("take")
    with pytest.raises(NotNow, match="rouvrez-la"):
        await change("not_applicable", "trop tard")
    assert await change("reopen") == ("open", "user:etat_civil")
    with pytest.raises(NotSo, match="sans objet"):
        await change("not_applicable", step=2)
    assert (await change("not_applicable", "le camping est fermé", step=2))[0] == "not_applicable"
    with pytest.raises(NotSo, match="n'est pas un état"):
        await change("effacer")
    with pytest.raises(NotThere, match="pas de tâche FA-CRUE n° 99"):
        await change("done", step=99)
    with pytest.raises(NotYou, match="ne permet pas de changer les tâches"):
        await cards.change(town, ident, TaskChange("FA-CRUE", 3, "done"), asked=by(OBSERVER))
    kinds = [kind for kind in await kinds_of(ledger, event) if kind.startswith("task.")]
    assert kinds == ["task.take", "task.done", "task.reopen", "task.not_applicable"]


async def test_a_relief_is_one_act_and_keeps_what_was_handed_over(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    await add_user(ledger, "maire", "dos", "Hélène VASSEUR")
    event = await activated(town)
    ident = event.event_id
    first = await relief.hold(town, ident, "COM", holder="contact:communication", asked=by(MAYOR))
    assert first.sheet is None  # nobody handed over
    await cards.change(
        town, ident, TaskChange("FA-ALERTE", 1, "take", "contact:communication"), asked=by(CHIEF)
    )
    second = await relief.hold(town, ident, "COM", holder="contact:culture", asked=by(CHIEF))
    again = await relief.hold(town, ident, "COM", holder="contact:culture", asked=by(CHIEF))
    assert again == second
    assert second.sheet is not None
    assert {task["cell"] for task in second.sheet["tasks"]} == {"COM"}
    assert second.sheet["tasks"][0]["owner"] == "contact:communication"
    assert {"post": "COM", "holder": "contact:communication", "since": first.since} in (
        second.sheet["holders"]
    )
    assert {"post": "COM"} in second.sheet["calls"]  # nobody has answered yet
    assert any("activé" in line["text"] for line in second.sheet["lines"])
    turns = [(d.holder, d.until is None) for d in await duties_of(ledger, COMMUNE, ident)]
    assert turns == [
        ("user:maire", True), ("contact:communication", False), ("contact:culture", True),
    ]  # fmt: skip
    assert (await kinds_of(ledger, event))[-3:] == ["event.held", "task.take", "event.relieved"]
    for holder in ("contact:personne", "user:personne", "maire", "contact:"):
        with pytest.raises(NotSo, match="Choisissez une personne"):
            await relief.hold(town, ident, "COM", holder=holder, asked=by(MAYOR))
    with pytest.raises(NotThere, match="ni fonction ni cellule « XXX »"):
        await relief.hold(town, ident, "XXX", holder="contact:culture", asked=by(MAYOR))
    with pytest.raises(NotYou, match="fait les relèves"):
        await relief.hold(town, ident, "COM", holder="contact:dst", asked=by(OPERATOR))


async def test_an_evacuation_proposes_preparation_first_then_the_order_and_submits_nothing(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    seen = await sights.sight(town, event.event_id)
    assert [(one.template, one.kind) for one in seen.proposals] == [
        ("crue_preparation", "prepare"), ("crue_evacuation", "order"), ("eau_consigne", "other"),
    ]  # fmt: skip
    assert [one.after_prepare for one in seen.proposals] == [False, True, False]
    assert seen.proposals[0].sectors == ("bas_bourg", "moulins", "prairie")
    kinds = [(one.kind, one.about[:14]) for one in firsts(seen)]
    assert kinds == [("propose", "Crue possible "), ("vacant", "Responsable de")]
    asked = by(OPERATOR)
    alert = await proposals.draft_proposal(town, event.event_id, "crue_preparation", asked=asked)
    version = await life.find(town, alert)
    assert (version.state, version.content["mode"]) == ("draft", "real")
    same = await proposals.draft_proposal(town, event.event_id, "crue_preparation", asked=by(RAC))
    assert same == alert  # one draft an event, whoever asks again
    kinds = [(one.kind, one.path) for one in firsts(await sights.sight(town, event.event_id))]
    assert kinds[0] == ("draft", f"/console/alertes/{alert}")
    with pytest.raises(NotThere, match="ne propose pas"):
        await proposals.draft_proposal(town, event.event_id, "feu_evacuation", asked=asked)


async def test_an_exercise_drafts_for_its_players_alone(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await activated(town, mode="exercise")
    alert = await proposals.draft_proposal(
        town, event.event_id, "crue_evacuation", asked=by(OPERATOR)
    )
    version = await life.find(town, alert)
    assert version.content["mode"] == "exercise"
    assert all(one.startswith("contact:") for one in version.content["players"])
    assert version.content["texts"]["fr"]["sms"].startswith("EXERCICE ")


async def test_a_fast_danger_has_no_preparation_and_the_order_comes_alone(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await activated(town, scenario="vouivre_rupture")
    seen = await sights.sight(town, event.event_id)
    assert [(one.kind, one.after_prepare) for one in seen.proposals] == [("order", False)]


async def test_whoever_leads_is_told_that_a_whole_list_was_called_in_vain(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    await answer_call(ledger, event, {"contact:communication": "unable"})
    await turned(ledger)
    await answer_call(ledger, event, {"contact:culture": "unable"})
    await turned(ledger)
    found = firsts(await sights.sight(town, event.event_id))
    assert (found[0].kind, found[0].about) == ("nobody", "Communication et alerte")


async def test_events_are_listed_with_the_one_that_is_open(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    told = await listed(town)
    assert told["open"] == event.event_id


async def test_two_who_take_one_task_or_relieve_one_post_at_once_never_both_win(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    ident = event.event_id
    task = (await sights.sight(town, ident)).tasks[0]
    (duty,) = await duties_of(ledger, COMMUNE, ident)

    async def take(login: str) -> bool:
        line = town.line(login, "task.take", "Tâche prise", event=ident)
        values = {"owner": f"user:{login}"}
        mine = tasks.of_event(COMMUNE, ident)
        return await tasks.change_task(ledger, mine, task, values=values, line=line)

    async def relieve(login: str) -> bool:
        line = town.line(login, "event.relieved", "Relève", event=ident)
        new = NewDuty("DOS", f"user:{login}")
        return await relieve_duty(ledger, (COMMUNE, ident), new, before=duty, line=line)

    # Both have read the same page.
    assert sorted(await asyncio.gather(take("dgs"), take("dst"))) == [False, True]
    assert sorted(await asyncio.gather(relieve("adj1"), relieve("adj2"))) == [False, True]
    kinds = await kinds_of(ledger, event)
    assert (kinds.count("task.take"), kinds.count("event.relieved")) == (1, 1)
    held = [one for one in await duties_of(ledger, COMMUNE, ident) if one.until is None]
    assert [one.post for one in held] == ["DOS"]


async def test_preparation_comes_first_even_where_the_plan_names_the_order_first(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    plan = (await in_force(town)).plan
    turned_round = tuple(
        replace(one, templates=tuple(reversed(one.templates))) for one in plan.scenarios
    )
    found = proposals.proposals(
        replace(plan, scenarios=turned_round), event, now=datetime(2026, 11, 27, tzinfo=UTC)
    )
    assert [one.kind for one in found] == ["prepare", "order", "other"]
