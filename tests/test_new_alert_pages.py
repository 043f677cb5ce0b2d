"""A new alert on the console: its mode is chosen and stays, it is found again, nothing leaves."""

import re

import httpx
import pytest

from dispatcher.alerts import sketching
from dispatcher.alerts.refusals import NotThere
from dispatcher.store import sketches
from dispatcher.store.ledger import Ledger
from tests.consoles import sign_in
from tests.crises import SCENARIO, opened
from tests.signing import send
from tests.situations import COMMUNE, add_user, office

pytest_plugins = ("tests.console_visits",)
NEW = "/console/alertes/nouvelle"


async def begin(guest: httpx.AsyncClient, **given: str) -> httpx.Response:
    """Fill the form in and send it."""
    return await send(guest, NEW, **{"key": "one-click", **given})


async def test_a_scenario_brings_its_sectors_and_its_first_message(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    answer = await begin(operator, mode="real", scenario=SCENARIO)
    found = re.fullmatch(r"/console/alertes/(\w+)/zone", answer.headers["location"])
    assert found is not None
    sketch = await sketching.sketch_of(office(town), found[1])
    assert sketch.mode == "real"
    assert sketch.chosen.sectors == ("bas_bourg", "moulins", "prairie")
    assert sketch.chosen.template == "crue_preparation"


async def test_a_second_click_begins_no_second_alert(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    first, second = [await begin(operator, mode="rehearsal") for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert len(await sketches.unfrozen(town, COMMUNE)) == 1


@pytest.mark.parametrize("given", [{}, {"mode": "vrai"}, {"mode": "real", "scenario": "aucun"}])
async def test_what_is_missing_is_said_and_nothing_begins(
    operator: httpx.AsyncClient, town: Ledger, given: dict[str, str]
) -> None:
    answer = await begin(operator, **given)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert await sketches.unfrozen(town, COMMUNE) == []


async def test_the_event_that_is_open_gives_its_mode_and_an_exercise_its_players(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    drill = await opened(office(town), mode="exercise")
    form = await operator.get(NEW)
    assert re.search(r'value="exercise" required checked', form.text)
    real = await begin(operator, mode="real", event=drill.event_id)
    assert real.status_code == 422
    answer = await begin(operator, mode="exercise", event=drill.event_id)
    alert = answer.headers["location"].split("/")[3]
    sketch = await sketching.sketch_of(office(town), alert)
    assert sketch.event == drill.event_id
    assert sketch.chosen.players


async def test_what_is_being_written_is_found_again_and_can_be_thrown_away(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = (await begin(operator, mode="real")).headers["location"].split("/")[3]
    listed = await operator.get("/console/alertes")
    assert f"/console/alertes/{alert}/zone" in listed.text
    led = await operator.get(f"/console/alertes/{alert}")
    assert led.headers["location"] == f"/console/alertes/{alert}/zone"
    gone = await send(operator, "/console/alertes", to=f"/console/alertes/{alert}/abandonner")
    assert gone.headers["location"] == "/console/alertes"
    with pytest.raises(NotThere):
        await sketching.sketch_of(office(town), alert)


async def test_who_only_looks_begins_nothing(visitor: httpx.AsyncClient, town: Ledger) -> None:
    await add_user(town, "observatrice", function="observer")
    await sign_in(visitor, login="observatrice")
    assert (await visitor.get(NEW)).status_code == 403
    assert NEW not in (await visitor.get("/console/alertes")).text


@pytest.mark.parametrize(
    ("mode", "word"),
    [("real", "RÉEL"), ("exercise", "EXERCICE"), ("rehearsal", "RÉPÉTITION")],
)
async def test_the_mode_stands_first_in_title_and_heading(
    operator: httpx.AsyncClient, town: Ledger, mode: str, word: str
) -> None:
    event = await opened(office(town), mode=mode)
    page = (await operator.get(f"/evenements/{event.event_id}")).text
    assert re.search(rf"<title>{word} · Crue de la Sérolle", page)
    assert re.search(rf"<h1>{word} · Crue de la Sérolle</h1>", page)
    assert f'<section class="mode-band {mode}"' in page
    elsewhere = (await operator.get("/main-courante")).text
    assert f'class="mode {mode}" href="/evenements/{event.event_id}"' in elsewhere
