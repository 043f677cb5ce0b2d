"""The pages where a need stands send a team: a task, a call for help, streets of the unreached."""

import re
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert

from dispatcher.distress.calls import find
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import missions_of
from dispatcher.store.registers import Home
from dispatcher.store.tables import homes, persons
from dispatcher.store.tasks import of_event, tasks_of
from tests import crises
from tests.consoles import console, sign_in
from tests.keyring import home_row, name_of
from tests.situations import COMMUNE, Planned, Written, add_user, office, write_alert
from tests.test_following_pages import LINES, cries, post, said, the_call

pytest_plugins = ("tests.console_visits",)
HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture
async def alert(town: Ledger) -> Written:
    """Write an alert that did not reach three people of two doors; somebody asks for help."""
    written = await write_alert(town, Planned(lines=LINES, unreachable={"no_contact": 3}))
    ids = [f"uno_contact{n}" for n in range(3)]
    labels = ("4 Rue Basse", "4 Rue Basse, 2e étage", "7 Rue Basse")
    lived = [
        home_row(COMMUNE, one, Home(label, label)) for one, label in zip(ids, labels, strict=True)
    ]
    known = {"commune": COMMUNE, "language": "fr", "languages": ["fr"], "media": []}
    people = [
        {**known, "person_id": one, "name": name_of(COMMUNE, one, f"NOM {one}"), "source": "import"}
        for one in ids
    ]
    async with town.writing() as connection:
        await connection.execute(insert(persons), people)
        await connection.execute(insert(homes), lived)
    await cries(town, written, 1)
    return written


async def sent_to(operator: httpx.AsyncClient, here: str) -> str:
    """Send a team to the street; return where its mission is followed."""
    sent = await post(operator, f"{here}/mission", street="Rue Basse", team="RDQ-BAS")
    assert sent.status_code == 303
    return sent.headers["location"]


async def test_streets_of_the_list_are_ticked_and_a_door_is_told_of_by_its_row(
    operator: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    here = f"/console/alertes/{alert.alert_id}/non-joints"
    assert 'name="street" value="Rue Basse"> Rue Basse (3)' in await said(operator, here)
    refused = await post(operator, f"{here}/mission")
    assert (refused.status_code, "Cochez une rue" in refused.text) == (422, True)
    (follow,) = {await sent_to(operator, here) for _ in range(2)}
    shown = await said(operator, follow)
    assert shown.index("7 Rue Basse") < shown.index("4 Rue Basse")
    assert "Portes : 0 sur 3" in shown
    assert "NOM uno_contact1" in shown
    door = re.search(r'name="door" value="(\w+)"', shown)
    assert door is not None
    told = {"door": door[1], "key": "clic-0001", "result": "refused"}
    notes = follow.replace("suivi", "portes")
    wrong = await post(operator, notes, **told, counted="deux")
    assert (wrong.status_code, "en chiffres" in wrong.text) == (422, True)
    for _ in range(2):
        noted = await post(operator, notes, **told, counted="2", note=HOSTILE)
        assert noted.status_code == 303
    shown = await said(operator, follow)
    assert "Portes : 1 sur 3" in shown
    assert "refus : 1" in shown
    assert HOSTILE not in shown
    assert shown.count("onerror") == 1


async def test_the_list_is_printed_downloaded_and_moved_in_the_line(
    operator: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    follow = await sent_to(operator, f"/console/alertes/{alert.alert_id}/non-joints")
    assert "☐ prévenus" in await said(operator, follow.replace("suivi", "feuille"))
    (mission,) = await missions_of(town, COMMUNE)
    paper = await operator.get(f"/api/v1/missions/{mission.mission}/doors?format=csv")
    assert "4 Rue Basse" in paper.text
    moved = await post(operator, follow.replace("suivi", "ordre"), to="last", urgency="1")
    assert moved.status_code == 303
    assert (await missions_of(town, COMMUNE))[0].urgency == 1
    english = await operator.get(follow, headers={"accept-language": "en"})
    assert "Doors: 0 of 3" in english.text


async def test_a_call_for_help_has_a_team_sent_by_one_click(
    operator: httpx.AsyncClient, alert: Written, town: Ledger
) -> None:
    call = await the_call(town)
    shown = await said(operator, f"/console/aide/{call}")
    assert "Envoyer cette équipe et clore" in shown
    old = await post(operator, f"/console/aide/{call}/mission", team="TERRAIN1", again="hier")
    assert old.status_code == 409  # she asked again since the page was read
    sent = await post(operator, f"/console/aide/{call}/mission", team="TERRAIN1", again="")
    assert sent.status_code == 303
    ended = await find(office(town), call)
    assert sent.headers["location"] == f"/console/missions/{ended.mission}/suivi"
    assert "La mission de l'équipe" in await said(operator, f"/console/aide/{call}")


async def test_an_observer_sees_that_a_team_is_sent_and_not_to_which_door(
    operator: httpx.AsyncClient, alert: Written, town: Ledger, tmp_path: Path
) -> None:
    follow = await sent_to(operator, f"/console/alertes/{alert.alert_id}/non-joints")
    mission = follow.split("/")[3]
    api = f"/api/v1/missions/{mission}"
    pages = (
        follow, follow.replace("suivi", "feuille"), f"/missions/{mission}", api,
        f"{api}/doors?format=csv", "/equipes",
    )  # fmt: skip
    await add_user(town, "temoin", "observer", "Un témoin")
    async with console(tmp_path) as observer:
        await sign_in(observer, "temoin")
        for one in pages:
            shown = await said(observer, one)
            assert "Rue Basse" in shown
            assert not re.search(r"[47] Rue Basse|NOM |a demandé de l'aide", shown), one
    assert "7 Rue Basse" in await said(operator, follow)


async def test_a_task_sends_a_team_and_shows_where_it_stands(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    event = await crises.activated(office(town))
    tasks = await tasks_of(town, of_event(COMMUNE, event.event_id))
    task = next(one for one in tasks if not one.means)
    here = f"/evenements/{event.event_id}/taches/{task.card}/{task.step}"
    assert "Envoyer une équipe" in await said(operator, here)
    sent = await post(operator, f"{here}/mission", team="TERRAIN1")
    assert sent.status_code == 303
    for part in ("", "/vivant?part=taches"):
        shown = await said(operator, f"/evenements/{event.event_id}{part}")
        assert f'{sent.headers["location"]}">Mission ordonnée</a> · TERRAIN1' in shown
