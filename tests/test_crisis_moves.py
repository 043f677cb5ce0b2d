"""A crisis from state to state: the table is the law, and two at once never both win."""

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused, NotNow, NotSo, NotThere, NotYou
from dispatcher.crisis import deciding, opening, standing_down
from dispatcher.crisis.moves import MOVES, OPEN, PHASES, SIGNS, STATES, state_said
from dispatcher.crisis.opening import Received
from dispatcher.crisis.standing_down import warnings_of
from dispatcher.crisis.steps import find
from dispatcher.store import crises, plans
from dispatcher.store.crises import open_event_of
from dispatcher.store.crisis_tables import OPEN_STATES
from dispatcher.store.ledger import Ledger
from tests.crises import (
    CALL_FROM,
    DEPUTY,
    MAYOR,
    OBSERVER,
    OPERATOR,
    RAC,
    by,
    kinds_of,
    town_hall,
)
from tests.crises import opened as opened_event
from tests.crisis_law import LAW, QUIET, CrisisMachine, Place
from tests.keyring import opened
from tests.situations import COMMUNE, Planned, office, write_alert


@pytest.fixture
def place(ledger_url: str) -> Iterator[Place]:
    """Lend a loop and a ledger to all stories of a test; each has a commune of its own."""
    numbers = itertools.count(10_000)
    with asyncio.Runner() as runner:
        opening_ledger = opened(ledger_url)
        ledger = runner.run(opening_ledger.__aenter__())
        try:
            runner.run(town_hall(ledger))
            kept = runner.run(plans.in_force(ledger, COMMUNE))
            assert kept is not None

            def next_town() -> Office:
                town = office(ledger, str(next(numbers)))
                line = town.line("test", "plan.loaded", "Plan chargé")
                runner.run(
                    plans.keep(ledger, kept, commune=town.commune, entry=line.entry, key=line.key)
                )
                return town

            yield Place(runner, next_town)
        finally:
            runner.run(opening_ledger.__aexit__(None, None, None))


def test_no_story_goes_round_the_law(place: Place) -> None:
    long = settings.get_current_profile_name() == "long"
    short = settings(max_examples=12, stateful_step_count=20)
    how = settings(
        settings() if long else short, deadline=None, suppress_health_check=list(HealthCheck)
    )
    told: Any = lambda: CrisisMachine(place)  # noqa: E731 - Hypothesis calls it as a class
    run_state_machine_as_test(told, settings=how)


def test_the_table_is_the_law() -> None:
    told = {act: (m.sources, m.to, m.functions) for act, m in MOVES.items() if act != "review"}
    assert told == {act: (law.sources, law.to, law.functions) for act, law in LAW.items()}
    assert OPEN == OPEN_STATES
    assert {state_said(state) for state in STATES} >= {"activé", "levé"}


async def test_every_act_refused_to_a_function_says_whose_it_is(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened_event(town)
    said = {}
    for act, law in LAW.items():
        with pytest.raises(NotYou) as refusal:
            await law.verb(town, event.event_id, by(OBSERVER, "pour voir"))
        said[act] = str(refusal.value)
    assert said["activate"] == (
        "Plan communal de sauvegarde activé : seul le maire (DOS) ou un suppléant en décide."
    )
    assert said["pre_alert"] == (
        "Pré-alerte décidée : le maire (DOS), un suppléant ou le RAC en décide."
    )
    assert said["assess"] == "Évaluation commencée : votre fonction ne le permet pas."
    with pytest.raises(NotYou, match="seul le maire"):
        await deciding.activate(town, event.event_id, asked=by(RAC), ramp=QUIET)
    with pytest.raises(NotYou, match="ne permet pas d'ouvrir"):
        await opening.open_event(town, "Vent", asked=by(OBSERVER))
    assert await kinds_of(ledger, event) == ["event.open"]


async def test_every_act_that_comes_too_early_says_where_the_event_is(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened_event(town)
    await deciding.activate(town, event.event_id, asked=by(MAYOR), ramp=QUIET)
    said = []
    for act in ("assess", "no_follow_up", "pre_alert", "activate", "close"):
        with pytest.raises(NotNow) as refusal:
            await LAW[act].verb(town, event.event_id, by(MAYOR, "pour voir"))
        said.append(str(refusal.value))
    assert said == [
        "L'événement est activé : il ne peut pas être évalué.",
        "L'événement est activé : il ne peut pas être classé sans suite.",
        "L'événement est activé : il ne peut pas passer en pré-alerte.",
        "L'événement est activé : il ne peut pas être activé.",
        "L'événement est activé : il ne peut pas être clos.",
    ]


async def test_what_needs_a_reason_is_not_done_without_one(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened_event(town)
    for act in ("no_follow_up", "level"):
        with pytest.raises(NotSo, match="Dites pourquoi"):
            await LAW[act].verb(town, event.event_id, by(MAYOR, "  "))
    with pytest.raises(NotSo, match="trop long"):
        await LAW["level"].verb(town, event.event_id, by(MAYOR, "x" * 2001))


@pytest.mark.parametrize(
    ("received", "why"),
    [
        (Received(" ", "Crue"), "Notez qui alerte"),
        (Received("Préfecture", ""), "Notez qui alerte"),
        (Received("Préfecture", "x" * 2001), "trop long"),
    ],
)
async def test_an_alert_received_says_from_whom_and_what(
    ledger: Ledger, received: Received, why: str
) -> None:
    town = await town_hall(ledger)
    with pytest.raises(NotSo, match=why):
        await opening.receive(town, received, asked=by(OPERATOR))
    assert await open_event_of(ledger, COMMUNE) is None


async def test_what_the_plan_does_not_know_is_refused(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    with pytest.raises(NotSo, match="Donnez un nom"):
        await opening.open_event(town, " ", asked=by(OPERATOR))
    with pytest.raises(NotThere, match="pas de scénario « tsunami »"):
        await opening.open_event(town, "Vague", asked=by(OPERATOR), scenario="tsunami")
    with pytest.raises(NotSo, match="Le mode « essai » n'existe pas"):
        await opening.open_event(town, "Vague", asked=by(OPERATOR), mode="essai")
    event = await opened_event(town)
    with pytest.raises(NotThere, match="pas de niveau « ecarlate »"):
        await deciding.change_level(town, event.event_id, "ecarlate", asked=by(MAYOR, "vite"))
    with pytest.raises(NotThere, match="pas d'événement « zzz »"):
        await find(town, "zzz")


async def test_a_second_real_event_is_refused_and_an_exercise_hides_no_real_one(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    play = await opened_event(town, mode="exercise")
    assert await open_event_of(ledger, COMMUNE) == play
    real = await opened_event(town)
    assert await open_event_of(ledger, COMMUNE) == real
    with pytest.raises(NotNow, match="déjà ouvert : « Crue de la Sérolle », en évaluation"):
        await opening.receive(town, CALL_FROM, asked=by(OPERATOR))


async def test_two_operators_at_once_never_both_win(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened_event(town)

    async def decide(act: str, actor: Actor) -> str:
        try:
            await LAW[act].verb(town, event.event_id, by(actor, "à l'instant"))
        except AlertRefused as refusal:
            return str(refusal)
        return "done"

    acts = ("activate", "no_follow_up", "pre_alert", "activate", "no_follow_up", "pre_alert")
    said = await asyncio.gather(*(decide(act, MAYOR) for act in acts))
    acted = [act.act for act in await crises.acts_of(ledger, COMMUNE, event.event_id)]
    lines = await kinds_of(ledger, event)
    # Pre-alert then activation is a way; nothing else follows another.
    assert sorted(acted) in (
        ["activate", "open"], ["no_follow_up", "open"], ["activate", "open", "pre_alert"],
        ["open", "pre_alert"],
    )  # fmt: skip
    assert said.count("done") == len(acted) - 1 == len(lines) - 1


async def test_a_double_click_changes_nothing_twice_even_at_the_same_instant(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    asked = by(OPERATOR, key="un-clic")
    found = await asyncio.gather(*(opening.receive(town, CALL_FROM, asked=asked) for _ in range(4)))
    assert len({one.event_id for one in found}) == 1
    event = found[0]
    again = by(MAYOR, key="activer")
    done = await asyncio.gather(
        *(deciding.activate(town, event.event_id, asked=again, ramp=QUIET) for _ in range(4))
    )
    assert {one.state for one in done} == {"active"}
    assert await kinds_of(ledger, event) == ["event.receive", "event.activate"]
    with pytest.raises(NotNow, match="déjà servi à une autre décision"):
        await deciding.assess(town, event.event_id, asked=by(MAYOR, key="activer"))


async def test_the_phase_changes_with_its_four_signs_or_a_reason(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened_event(town)
    active = await deciding.activate(town, event.event_id, asked=by(MAYOR), ramp=QUIET)
    assert active.phase == PHASES[0]
    for signs in ((), SIGNS[:3]):
        with pytest.raises(NotSo, match="quatre signes"):
            await deciding.change_phase(
                town, event.event_id, "post_urgence", asked=by(MAYOR), signs=signs
            )
    with pytest.raises(NotNow, match="Les phases se suivent"):
        await deciding.change_phase(town, event.event_id, "retour_normale", asked=by(MAYOR))
    with pytest.raises(NotSo, match="Signe inconnu"):
        await deciding.change_phase(
            town, event.event_id, "post_urgence", asked=by(MAYOR), signs=("beau_temps",)
        )
    after = await deciding.change_phase(
        town, event.event_id, "post_urgence", asked=by(DEPUTY), signs=SIGNS
    )
    assert after.phase == "post_urgence"
    with pytest.raises(NotSo, match="Dites pourquoi"):
        await deciding.change_phase(town, event.event_id, "urgence", asked=by(MAYOR))
    back = await deciding.change_phase(
        town, event.event_id, "urgence", asked=by(MAYOR, "seconde onde de crue")
    )
    assert back.phase == "urgence"


async def test_a_prefect_who_directs_is_recorded_and_blocks_nothing_of_the_mayor(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await opened_event(town)
    taken = await deciding.take_over(town, event.event_id, asked=by(RAC))
    assert (taken.directed_by, taken.directed_since is not None) == ("prefect", True)
    with pytest.raises(NotNow, match="Le préfet dirige déjà"):
        await deciding.take_over(town, event.event_id, asked=by(RAC))
    active = await deciding.activate(town, event.event_id, asked=by(MAYOR))
    assert (active.state, active.directed_by) == ("active", "prefect")
    back = await deciding.give_back(town, event.event_id, asked=by(MAYOR))
    assert back.directed_by == "mayor"


async def test_a_stand_down_asks_that_each_warning_be_known(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened_event(town)
    await deciding.activate(town, event.event_id, asked=by(MAYOR))
    await write_alert(ledger, Planned(lines=(("sms", "ready", 1),)))
    await write_alert(ledger, Planned(state="pending_approval", launched_ago_s=None))
    found = await warnings_of(town, await find(town, event.event_id))
    kinds = [one.kind for one in found]
    assert kinds == ["open_tasks", "running_alerts", "waiting_alerts", "running_calls"]
    with pytest.raises(NotNow) as refusal:
        await standing_down.stand_down(town, event.event_id, asked=by(MAYOR), knows=kinds[:1])
    assert str(refusal.value) == (
        "Avant de lever, confirmez que vous savez : 1 alerte est en cours ;"
        " 1 alerte attend une décision ; 1 appel de personnes est en cours."
    )
    down = await standing_down.stand_down(town, event.event_id, asked=by(MAYOR), knows=kinds)
    assert down.state == "levee"
    assert await open_event_of(ledger, COMMUNE) is None
