"""Asking for an FR-Alert: a sheet filled from the alert, and every step kept with who said what."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.alerts import plan_in_force, sketching
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketch_choices import provisional
from dispatcher.alerts.sketching import Start
from dispatcher.crisis.fr_alert import (
    NEXT,
    Happened,
    Sheet,
    as_geojson,
    as_paper,
    record,
    sheet_of,
)
from dispatcher.crisis.means import means_of
from dispatcher.crisis.steps import Asked
from dispatcher.delivery.content import Content
from dispatcher.logbook.typesetting import typeset
from dispatcher.store import fr_alerts, logbook
from dispatcher.store.ledger import Ledger
from plans.plan import Plan
from tests.crises import MAYOR, OBSERVER, OPERATOR, RAC, by, town_hall
from tests.situations import AREA, COMMUNE
from tests.written_alerts import launched

SHEET = Sheet("Inondation", "Bas-Bourg, Vaubrenne", "Évacuez", "Mairie", "https://x", "Evacuez.")
SIDPC = "M. Roussel, SIDPC"


async def written(town: Office, *, mode: str = "real") -> tuple[str, Plan, Content]:
    """Begin an alert on the flood, and return its content so far."""
    chosen = Chosen(
        scenario="serolle_q100", template="crue_evacuation", sectors=("bas_bourg",), area=AREA
    )
    alert = await sketching.begin(town, Start(mode=mode, chosen=chosen), actor=OPERATOR)
    plan = (await plan_in_force.in_force(town)).plan
    content = provisional(plan, await sketching.sketch_of(town, alert))
    assert content is not None
    return alert, plan, content


def step(state: str, after: int, *, who: str = SIDPC, said: str = "") -> Happened:
    return Happened(state, SHEET, who, said, after=after)


async def test_the_sheet_is_filled_from_the_alert(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    _alert, plan, content = await written(town)
    sheet = sheet_of(plan, content, public_url="https://alerte.example")
    assert sheet.nature == "Crue de la Sérolle"
    assert sheet.place.startswith("Bas-Bourg")
    assert sheet.attitude == "Évacuez"
    assert sheet.authority == content.issuer
    assert sheet.link == "https://alerte.example/alertes"
    assert "{" not in sheet.text
    assert sheet.units <= sheet.most


async def test_each_step_is_kept_with_its_time_and_who_was_spoken_with(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    at = datetime(2026, 11, 27, 3, 5, tzinfo=UTC)
    await record(town, "a1", step("prepared", 0, who=""), asked=by(OPERATOR))
    await record(town, "a1", replace(step("requested", 1), at=at), asked=by(MAYOR))
    steps = await record(town, "a1", step("refused", 2, said="hors critères"), asked=by(RAC))
    assert [(one.state, one.spoken_with, one.recorded_by) for one in steps] == [
        ("prepared", "", "etat_civil"), ("requested", SIDPC, "maire"), ("refused", SIDPC, "dgs"),
    ]  # fmt: skip
    assert steps[1].at == at.timestamp()
    lines = [line async for line in logbook.read_all(ledger, COMMUNE) if "fr_alert" in line.kind]
    assert [line.kind for line in lines] == [
        "fr_alert.prepared", "fr_alert.requested", "fr_alert.refused",
    ]  # fmt: skip
    assert lines[2].text == f"FR-Alert refusé par la préfecture ({SIDPC}) : hors critères"
    assert await fr_alerts.steps_of(ledger, COMMUNE, "a2") == []


@pytest.mark.parametrize(
    ("happened", "why"),
    [
        (step("requested", 0, who=" "), "à qui vous avez parlé"),
        (replace(step("requested", 0), sheet=replace(SHEET, text=" ")), "écrivez le texte"),
        (replace(step("prepared", 0), sheet=replace(SHEET, text="ê" * 616)), "616 sur 615"),
        (replace(step("prepared", 0), sheet=replace(SHEET, text="e" * 1396)), "1396 sur 1395"),
        (replace(step("requested", 0), at=datetime(2100, 1, 1, tzinfo=UTC)), "l'avenir"),
    ],
)
async def test_what_is_missing_is_said(ledger: Ledger, happened: Happened, why: str) -> None:
    town = await town_hall(ledger)
    with pytest.raises(NotSo, match=why):
        await record(town, "a1", happened, asked=by(OPERATOR))
    assert await fr_alerts.steps_of(ledger, COMMUNE, "a1") == []


async def test_a_refusal_needs_its_reason_and_an_observer_writes_nothing(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    await record(town, "a1", step("requested", 0), asked=by(MAYOR))
    with pytest.raises(NotSo, match="pourquoi"):
        await record(town, "a1", step("refused", 1), asked=by(MAYOR))
    with pytest.raises(NotYou):
        await record(town, "a1", step("accepted", 1), asked=by(OBSERVER))


async def test_what_was_accepted_is_the_sheet_that_was_requested(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    await record(town, "a1", step("requested", 0), asked=by(MAYOR))
    other = replace(step("accepted", 1), sheet=replace(SHEET, text="autre chose"))
    steps = await record(town, "a1", other, asked=by(MAYOR))
    assert steps[-1].sheet["text"] == SHEET.text


@pytest.mark.parametrize("answer", ["accepted", "refused"])
async def test_the_prefecture_s_answer_ends_the_task_of_the_request(
    ledger: Ledger, answer: str
) -> None:
    town = await town_hall(ledger)
    alert = await launched(ledger, "siren", "fr_alert")
    await record(town, alert, step("requested", 0), asked=by(MAYOR))
    assert (await means_of(town, alert)).open == 2
    await record(town, alert, step(answer, 1, said="dit"), asked=by(RAC))
    siren, request = (await means_of(town, alert)).tasks
    assert (siren.state, request.state, request.owner) == ("open", "done", "user:dgs")
    assert SIDPC in request.note
    lines = [line.kind async for line in logbook.read_all(ledger, COMMUNE)]
    assert lines[-2:] == [f"fr_alert.{answer}", "task.done"]


async def test_two_who_record_at_once_never_both_win(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    await record(town, "a1", step("requested", 0), asked=by(MAYOR))

    async def told(state: str, asked: Asked) -> bool:
        try:
            await record(town, "a1", step(state, 1, said="dit"), asked=asked)
        except NotNow:
            return False
        return True

    won = await asyncio.gather(told("accepted", by(MAYOR)), told("refused", by(RAC)))
    assert sorted(won) == [False, True]
    assert len(await fr_alerts.steps_of(ledger, COMMUNE, "a1")) == 2


@pytest.mark.parametrize("before", list(NEXT))
@pytest.mark.parametrize("to", ["prepared", "requested", "accepted", "refused"])
async def test_a_request_goes_only_where_it_can(ledger: Ledger, before: str, to: str) -> None:
    town = await town_hall(ledger)
    way = {
        "": (), "prepared": ("prepared",), "requested": ("requested",),
        "accepted": ("requested", "accepted"), "refused": ("requested", "refused"),
    }[before]  # fmt: skip
    for after, state in enumerate(way):
        await record(town, "a1", step(state, after, said="dit"), asked=by(MAYOR))
    happened = step(to, len(way), said="dit")
    if to in NEXT[before]:
        assert (await record(town, "a1", happened, asked=by(MAYOR)))[-1].state == to
        return
    with pytest.raises(NotNow):
        await record(town, "a1", happened, asked=by(MAYOR))


@given(text=st.text(max_size=1500))
def test_a_text_is_as_long_as_a_cell_broadcast_takes_it(text: str) -> None:
    sheet = replace(SHEET, text=text)
    assert sheet.most in (1395, 615)
    if text.isascii() and text.isalnum():
        assert (sheet.units, sheet.most) == (len(text), 1395)


async def test_the_zone_and_the_paper_say_the_mode_first(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    _alert, plan, content = await written(town, mode="exercise")
    zone = as_geojson(content, SHEET)
    assert zone["features"][0]["geometry"]["type"] == "Polygon"  # type: ignore[index]
    assert zone["features"][0]["properties"]["mode"] == "exercise"  # type: ignore[index]
    now = datetime(2026, 11, 27, 2, 5, tzinfo=UTC)
    steps = await record(town, "a1", step("requested", 0), asked=by(MAYOR))
    form = as_paper(plan, content, SHEET, steps=steps, printed=now)
    assert form["title"] == "EXERCICE · Demande de FR-Alert"
    assert form["subtitle"] == "imprimée le 27/11/2026 à 03:05"
    assert (await typeset("fr_alert", form)).startswith(b"%PDF")
