"""An activation and a stand-down remind of the prefect and of the review, where no step does."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import load
from dispatcher.crisis import cards, standing_down
from dispatcher.crisis.cards import TaskChange
from dispatcher.crisis.owed import CARD, Moment, owed_on_activation, owed_on_stand_down
from dispatcher.store.crises import Event
from dispatcher.store.ledger import Ledger
from dispatcher.store.tasks import NewTask, of_event, tasks_of
from plans.folder import files_of
from tests.consoles import SAME, console, form_token, sign_in
from tests.crises import MAYOR, activated, by, town_hall
from tests.example_commune import EXAMPLE
from tests.situations import office
from tests.test_night_submission import at

pytest_plugins = ("tests.console_visits",)

NOW = Moment("03:12", "real")


def step(text: str) -> NewTask:
    return NewTask("FR-DOS", 1, "Réflexes", text)


@pytest.mark.parametrize(
    ("said", "owed"),
    [
        ("Prévenir la préfecture et les pompiers", False),
        ("INFORMER LE PREFET : je suis, je vois", False),
        ("Rendre compte au préfet toutes les heures", False),
        ("Appeler le SIDPC", False),
        ("Confirmer l'appel avec l'exploitant ; lire la préfecture de loin", True),
        ("Faire garder la porte de la préfecture", True),
        ("Prévenir les écoles. Noter ce que dit la préfecture", True),
    ],
)
def test_the_prefect_is_reminded_of_only_where_no_step_opens_that_tells_her(
    said: str, owed: bool
) -> None:
    found = owed_on_activation([step("Ouvrir le PCC"), step(said)], moment=NOW)
    assert [one.text for one in found] == owed * [
        "Prévenir la préfecture d'urgence : plan activé à 03:12, mesures prises (L2212-4 CGCT)"
    ]


def test_a_stand_down_is_told_the_prefect_though_the_activation_was() -> None:
    told = step("Prévenir la préfecture et les pompiers")
    assert [one.step for one in owed_on_stand_down([told], moment=NOW)] == [2, 3]
    over = step("Informer la préfecture de la levée du dispositif")
    assert [one.step for one in owed_on_stand_down([told, over], moment=NOW)] == [3]
    review = step("Écrire le retour d'expérience et corriger l'annuaire")
    assert owed_on_stand_down([over, review], moment=NOW) == ()


def test_an_exercise_calls_no_prefecture_as_if_it_were_real() -> None:
    (played,) = owed_on_activation((), moment=replace(NOW, mode="exercise"))
    assert "EXERCICE : jouez l'appel" in played.text


async def owed_of(town: Office, event: Event) -> dict[int, str]:
    held = await tasks_of(town.ledger, of_event(event.commune, event.event_id))
    return {task.step: task.text for task in held if task.card == CARD}


async def test_they_stand_among_the_event_s_tasks_and_are_done_there_after_the_stand_down(
    ledger: Ledger,
) -> None:
    town = replace(await town_hall(ledger), clock=lambda: at(3))
    event = await activated(town)
    assert await owed_of(town, event) == {}  # the example plan's reflexes have the prefect
    known = ("open_tasks", "running_calls")
    done = await standing_down.stand_down(town, event.event_id, asked=by(MAYOR), knows=known)
    owed = await owed_of(town, done)
    assert sorted(owed) == [2, 3]
    assert owed[2].startswith("Prévenir la préfecture d'urgence : levée décidée à 03:00")
    assert "(REX)" in owed[3]
    told = TaskChange(CARD, 2, "done", done_at=town.clock().timestamp())
    kept = await cards.change(town, event.event_id, told, asked=by(MAYOR, "Le cadre du SIDPC"))
    assert (kept.state, kept.done_at) == ("done", told.done_at)


async def test_the_page_of_an_event_that_is_over_still_takes_what_is_owed(
    tmp_path: Path, town: Ledger
) -> None:
    event = await activated(office(town))
    known = ("open_tasks", "running_calls")
    await standing_down.stand_down(office(town), event.event_id, asked=by(MAYOR), knows=known)
    async with console(tmp_path) as client:
        assert (await sign_in(client)).status_code == 303
        here = f"/evenements/{event.event_id}"
        page = (await client.get(here)).text
        assert re.findall(r'action="[^"]*/taches/([^"]+)"', page) == ["DEVOIR/2", "DEVOIR/3"]
        form = {"token": await form_token(client), "to": "done", "reason": "Dit au SIDPC à 3 h 20"}
        done = await client.post(f"{here}/taches/DEVOIR/2", data=form, headers=SAME)
        assert done.status_code == 303
        assert "Dit au SIDPC à 3 h 20" in (await client.get(here)).text


async def test_an_activation_whose_cards_say_nothing_of_the_prefect_reminds_of_her(
    ledger: Ledger,
) -> None:
    town = replace(await town_hall(ledger), clock=lambda: at(3))
    await plan_without(town, "réfecture")
    event = await activated(town)
    owed = await owed_of(town, event)
    assert sorted(owed) == [1]
    assert "plan activé à 03:00" in owed[1]


async def plan_without(town: Office, word: str) -> None:
    """Bring the example plan into force without the steps that say a word."""
    files = {
        name: b"\n".join(
            line
            for line in held.split(b"\n")
            if not (name.startswith("fiches/") and b"{n:" in line and word.encode() in line)
        )
        for name, held in files_of(EXAMPLE).items()
    }
    reading = await load(town, files, actor=MAYOR)
    assert not reading.faults, reading.faults
