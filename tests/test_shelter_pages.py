"""Centres and means on pages, over HTTP and by command: the same acts, the same refusals."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer import Typer
from typer.testing import CliRunner

from dispatcher.cli import centre as centre_command
from dispatcher.cli import event as event_command
from dispatcher.cli import means as means_command
from dispatcher.shelter.sight import centres_seen
from dispatcher.store.ledger import Ledger
from tests.consoles import SAME, console, sign_in
from tests.crises import activated, opened
from tests.sheltered_town import GYM, HALL, lines_of, stood_down, warned_around, with_centre
from tests.situations import add_user, office
from tests.test_crisis_pages import submit

pytest_plugins = ("tests.console_visits",)


async def click_of(client: httpx.AsyncClient, path: str) -> str:
    """Return the click that a page's forms carry."""
    found = re.search(r'name="key" value="([^"]+)"', (await client.get(path)).text)
    assert found is not None
    return found[1]


async def test_a_centre_is_opened_and_counted_from_pages_without_any_script(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    event = await opened(office(town))
    all_ = f"/evenements/{event.event_id}/centres"
    door = f"{all_}/{GYM}"
    assert "Ouvrir : Gymnase du Plateau" in (await operator.get(all_)).text
    assert (await submit(operator, all_, centre=GYM)).headers["location"] == door
    other = {"name": "Abbaye", "address": "3 Place Haute", "surface": "grande"}
    wrong = await submit(operator, all_, **other)
    assert (wrong.status_code, 'value="Abbaye"' in wrong.text) == (422, True)
    hall = (await submit(operator, all_, **{**other, "surface": "400"})).headers["location"]
    assert "Abbaye, 3 Place Haute" in (await operator.get(hall)).text
    click = await click_of(operator, door)
    for _ in range(2):  # a thumb that trembles
        done = await submit(operator, f"{door}/compter", quick="arrival", key=click)
        assert done.headers["location"] == door
    both = {"people": "203", "children": "40", "kind": "arrival"}
    assert (await submit(operator, f"{door}/compter", **both)).status_code == 303
    shown = (await operator.get(door)).text
    assert "Capacité dépassée : 4 personnes de trop." in shown
    assert "On continue d'accueillir et de compter." in shown
    assert "Repli proposé : Foyer des Essarts" in shown
    assert "dont 40 enfants notés" in shown
    wrong = await submit(operator, f"{door}/compter", people="beaucoup", kind="arrival")
    assert (wrong.status_code, "Écrivez un nombre entier" in wrong.text) == (422, True)
    assert 'value="beaucoup"' in wrong.text  # what was typed is still there
    english = (await operator.get(f"{door}?lang=en")).text
    assert "Over capacity: 4 people too many." in english
    assert "Proposed instead: Foyer des Essarts" in english
    part = (await operator.get(f"{door}?part=compte&lang=fr")).text
    assert "<html" not in part
    assert "personnes ici" in part
    assert "204 personnes" in (await operator.get(f"/evenements/{event.event_id}?lang=fr")).text


async def test_names_are_noted_without_being_read_and_read_only_by_who_may(
    operator: httpx.AsyncClient, town: Ledger, tmp_path: Path
) -> None:
    desk = office(town)
    event = await opened(desk)
    await with_centre(desk, event)
    door = f"/evenements/{event.event_id}/centres/{GYM}"
    who = {"name": "Zéphyrine <i>Quillet</i>", "household": "4", "from": "Bas-Bourg", "phone": ""}
    noted = await submit(operator, f"{door}/personnes", **who, key="nom-1")
    assert noted.headers["location"] == door
    assert "Quillet" not in (await operator.get(door)).text
    assert await lines_of(town, "centre.looked") == []
    read = await operator.get(f"{door}/personnes")
    assert "Zéphyrine &lt;i&gt;Quillet&lt;/i&gt;" in read.text
    assert read.headers["cache-control"] == "no-store"
    assert len(await lines_of(town, "centre.looked")) == 1
    leaves = re.search(r'action="([^"]+/depart)"', read.text)
    assert leaves is not None
    assert (await submit(operator, leaves[1], to="chez sa sœur")).status_code == 303
    assert (await centres_seen(desk, event.event_id)).people == 0
    await add_user(town, "prefecture", "observer")
    async with console(tmp_path) as observer:
        await sign_in(observer, "prefecture")
        seen = await observer.get(door)
        assert (seen.status_code, "Voir qui est là" in seen.text) == (200, False)
        assert (await observer.get(f"{door}/personnes")).status_code == 403


async def test_names_are_erased_in_two_clicks_once_the_event_is_stood_down(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await add_user(town, "maire", "dos", "Hélène Vasseur")
    await sign_in(visitor, "maire")
    desk = office(town)
    event = await activated(desk)
    await with_centre(desk, event)
    here = f"/evenements/{event.event_id}"
    await submit(visitor, f"{here}/centres/{GYM}/personnes", name="Quillet", household="4")
    assert (await submit(visitor, f"{here}/effacer-noms")).status_code == 409
    assert "4 personnes sont encore dans un centre" in (await visitor.get(f"{here}/lever")).text
    await stood_down(desk, event)
    assert f'href="{here}/effacer-noms"' in (await visitor.get(f"{here}/centres")).text
    assert "1 foyer (4 personnes)" in (await visitor.get(f"{here}/effacer-noms")).text
    assert (await submit(visitor, f"{here}/effacer-noms")).status_code == 303
    assert "Plus aucun nom" in (await visitor.get(f"{here}/effacer-noms")).text


async def test_a_centre_in_danger_asks_why_before_it_opens(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    desk = office(town)
    event = await opened(desk)
    await warned_around(desk, event, 5.038448, 47.784047)
    here = f"/evenements/{event.event_id}/centres"
    page = (await operator.get(here)).text
    assert "dans la zone de l&#39;alerte « Évacuez le Plateau »" in page
    assert "Ouvrir malgré le danger : Gymnase du Plateau" in page
    refused = await submit(operator, here, centre=GYM)
    assert (refused.status_code, "écrivez pourquoi" in refused.text) == (409, True)
    done = await submit(operator, here, centre=GYM, reason="déjà 40 personnes devant la porte")
    assert done.status_code == 303
    door = (await operator.get(f"{here}/{GYM}")).text
    assert f'href="{here}/{HALL}"' in door  # where to send them instead


async def test_means_are_lent_and_brought_back_from_pages(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    event = await opened(office(town))
    here = f"/evenements/{event.event_id}/moyens"
    click = await click_of(operator, here)
    fields = {"means": "lits", "quantity": "60", "to": "team:ACCUEIL1", "key": click}
    for _ in range(2):
        assert (await submit(operator, f"{here}/preter", **fields)).status_code == 303
    page = (await operator.get(here)).text
    assert "30 sur 90" in page
    more = await submit(
        operator, f"{here}/preter", means="lits", quantity="30,5", to="centre:mairie"
    )
    assert (more.status_code, "Il reste 30 u de « Lits de camp »" in more.text) == (409, True)
    loan = re.search(rf'href="({here}/prets/\w+)"', page)
    assert loan is not None
    assert 'name="returned"' in (await operator.get(loan[1])).text
    part = {"returned": "20", "lost": "1", "condition": "pied cassé"}
    assert (await submit(operator, loan[1], **part, key="retour")).status_code == 303
    assert "39 sur 60 à revenir" in (await operator.get(here)).text
    came = {"label": "Pelleteuse", "arrived": "1", "unit": "u", "source": "requisition"}
    assert (await submit(operator, f"{here}/ajouter", **came, key="arrive")).status_code == 303
    sheet = await operator.get(f"{here}.csv")
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Pelleteuse" in sheet.text


async def test_tools_do_the_same_and_get_the_same_refusals(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    event = await opened(office(town))
    api = f"/api/v1/events/{event.event_id}"

    async def post(path: str, key: str = "un-clic-01", **body: object) -> httpx.Response:
        headers = SAME | {"idempotency-key": key}
        return await operator.post(f"{api}{path}", json=body, headers=headers)

    gym = f"/centres/{GYM}"
    assert (await post(f"{gym}/open", reason="")).json()["state"] == "open"
    counted = await post(f"{gym}/count", kind="arrival", adults=2, children=1)
    assert (counted.json()["people"], counted.json()["free"]) == (3, 197)
    places = await post(f"{gym}/places", reason="tribunes", reception=260)
    assert places.json()["places"]["reception"] == {
        "places": 260, "units": 5, "free": 257, "adjusted": True,
    }  # fmt: skip
    noted = await post(f"{gym}/people", "un-clic-02", name="Quillet", household=2)
    assert (noted.status_code, noted.json()["people_named"]) == (201, 2)
    assert (await post(f"{gym}/people", name="Quillet", health="asthme")).status_code == 422
    (who,) = (await operator.get(f"{api}{gym}/people")).json()["named"]
    assert who["name"] == "Quillet"
    gone = await post(f"{gym}/people/{who['person']}/leave", went_to="Langres")
    assert gone.json()["people"] == 3
    assert "Quillet" not in (await operator.get(f"{api}/centres")).text
    assert (await post(f"{gym}/close")).status_code == 409
    lent = await post("/means/loans", means="lits", quantity=90, to="cell:POP")
    assert lent.status_code == 201
    refused = await post("/means/loans", "un-clic-03", means="lits", quantity=1, to="cell:POP")
    assert refused.status_code == 409
    loan = next(one for one in lent.json()["means"] if one["means"] == "lits")["loans"][0]
    back = await post(f"/means/loans/{loan['loan']}/return", returned=90)
    assert next(one for one in back.json()["means"] if one["means"] == "lits")["available"] == 90
    assert (await operator.get(f"{api}/means")).json()["overdue"] == []
    assert (await post("/centres/erase-names")).status_code == 403  # the RAC may not


def test_centres_and_means_from_the_command_line(
    tmp_path: Path, town_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(town_template.read_bytes())
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))

    def tocsin(app: Typer, *words: str) -> tuple[int, Any]:
        done = CliRunner().invoke(app, [*words, "--as", "rac", "--json"])
        return done.exit_code, json.loads(done.stdout)

    event = tocsin(event_command.app, "open", "Crue")[1]["event"]
    assert tocsin(centre_command.app, "open", event, GYM)[1]["state"] == "open"
    surface = ("--address", "3 Place Haute", "--surface", "400")
    hall = tocsin(centre_command.app, "open-unplanned", event, "Abbaye", *surface)[1]
    assert (hall["label"], hall["state"], hall["free"]) == ("Abbaye, 3 Place Haute", "open", 100)
    told = tocsin(centre_command.app, "count", event, GYM, "arrival", "12")[1]
    assert (told["people"], told["free"]) == (12, 188)
    tocsin(centre_command.app, "arrive", event, GYM, "Quillet", "--household", "3")
    assert tocsin(centre_command.app, "people", event, GYM)[1]["named"][0]["name"] == "Quillet"
    code, told = tocsin(centre_command.app, "count", event, GYM, "departure", "16")
    assert (code, "Il y en a 15 de comptées" in told["refused"]) == (1, True)
    code, told = tocsin(centre_command.app, "erase-names", event)
    assert (code, "n'a pas le droit" in told["refused"]) == (1, True)
    told = tocsin(means_command.app, "lend", event, "lits", "40", f"centre:{GYM}")[1]
    loan = next(one for one in told["means"] if one["means"] == "lits")["loans"][0]
    code, told = tocsin(means_command.app, "lend", event, "lits", "51", f"centre:{GYM}")
    assert (code, "Il reste 50 u" in told["refused"]) == (1, True)
    assert tocsin(means_command.app, "return", event, loan["loan"], "40")[0] == 0
    assert tocsin(means_command.app, "add", event, "Bottes", "20", "--source", "epci")[0] == 0
    assert "Bottes" in tocsin(means_command.app, "list", event, "--csv")[1]["csv"]
    shown = CliRunner().invoke(centre_command.app, ["list", event, "--as", "rac"]).stdout
    assert "15 personnes dans les centres." in shown
    assert "Quillet" not in shown
