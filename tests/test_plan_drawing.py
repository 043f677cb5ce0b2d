"""A sector drawn with forms alone: tried, kept, undone, compared with the plan, then saved."""

import html
import json
import re

import httpx
import pytest

from dispatcher.alerts import plan_in_force
from dispatcher.store import plan_history, plan_outlines
from dispatcher.store.ledger import Ledger
from dispatcher.store.plan_outlines import Whose
from plans.ground import Sector
from tests.consoles import SAME, form_token
from tests.plan_visits import fields, send
from tests.situations import COMMUNE, office
from tests.zone_forms import CORNERS, LINE, SQUARE, proposal

pytest_plugins = ("tests.console_visits", "tests.zone_visits")
MOULINS, NEW = "/plan/secteurs/moulins", "/plan/secteurs/ajouter"


async def attempt(
    client: httpx.AsyncClient, path: str, tool: str, op: str = "replace", **more: object
) -> httpx.Response:
    data = {"token": await form_token(client), "tool": tool, "op": op, **more}
    return await client.post(f"{path}/dessin/essai", data=data, headers=SAME)


async def keep(client: httpx.AsyncClient, path: str, tried: httpx.Response) -> httpx.Response:
    data = {"token": await form_token(client), **proposal(tried)}
    return await client.post(f"{path}/dessin", data=data, headers=SAME)


async def drawn(
    client: httpx.AsyncClient, path: str, tool: str, op: str = "replace", **more: object
) -> str:
    """Try and keep in one go; return the page that comes then."""
    tried = await attempt(client, path, tool, op, **more)
    assert tried.status_code == 200, words(tried.text)
    assert (await keep(client, path, tried)).status_code == 303
    return (await client.get(f"{path}/dessin")).text


def words(page: str) -> str:
    """Return what a page says, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def changes(page: str) -> str:
    """Return what the page says that the outline would change."""
    return words(page[page.index("outline-change") :].partition("</section>")[0])


async def sector(ledger: Ledger, ident: str) -> Sector:
    return (await plan_in_force.in_force(office(ledger))).plan.sector(ident)


async def test_a_new_sector_is_drawn_named_and_in_force(
    operator: httpx.AsyncClient, addressed: Ledger
) -> None:
    page = await drawn(operator, NEW, "drawing", drawing=json.dumps(SQUARE))
    assert re.search(r"Nouveau secteur : [\d,]+ ha, [\d\s]+ adresses", changes(page))
    assert "Recouvre le secteur « " in changes(page)
    data = await fields(operator, NEW)
    answer = await send(operator, NEW, {**data, "nom": "Le Quai", "population": "40"})
    assert answer.status_code == 303, words(answer.text)
    made = await sector(addressed, "le_quai")
    assert made.name == "Le Quai"
    assert made.area.bounds == (5.012, 47.776, 5.018, 47.781)
    mine = Whose(COMMUNE, "rac", "")
    assert (await plan_outlines.outline_of(addressed, mine)).revision == 0  # the plan has it now
    assert await plan_history.count_versions(addressed, COMMUNE) == 2


async def test_a_changed_outline_tells_ground_and_doors_then_makes_a_version(
    operator: httpx.AsyncClient, addressed: Ledger
) -> None:
    before = (await sector(addressed, "moulins")).area
    page = await drawn(operator, MOULINS, "drawing", "add", drawing=json.dumps(SQUARE))
    told = changes(page)
    assert re.search(r"Superficie avant : [\d,]+ ha maintenant : [\d,]+ ha", told)
    assert "Entrent dans le secteur" in told
    assert "Sortent du secteur" not in told
    assert (await sector(addressed, "moulins")).area.digest() == before.digest()  # not yet
    data = await fields(operator, MOULINS)
    assert "Entrent dans le secteur" in changes((await operator.get(MOULINS)).text)
    assert (await send(operator, MOULINS, data)).status_code == 303
    after = (await sector(addressed, "moulins")).area
    assert after.geometry.contains(before.geometry.buffer(-1e-7))
    seen = words((await operator.get("/plan/versions/2")).text)
    assert re.search(r"avant : [\d,]+ (ha|m²), \d+ points", seen)
    assert "Entrent dans le secteur" in seen


async def test_taking_ground_away_names_the_streets_that_leave(
    operator: httpx.AsyncClient, addressed: Ledger
) -> None:
    west, south, east, north = (await sector(addressed, "moulins")).area.bounds
    middle = (west + east) / 2
    half = [[west, south], [middle, south], [middle, north], [west, north], [west, south]]
    given = json.dumps({"type": "Polygon", "coordinates": [half]})
    tried = await attempt(operator, MOULINS, "drawing", "take", drawing=given)
    assert "Sortent du secteur" in changes(tried.text)
    assert "Entrent dans le secteur" not in changes(tried.text)


async def test_the_last_change_is_undone_and_a_drawing_is_left_without_a_trace(
    operator: httpx.AsyncClient, addressed: Ledger
) -> None:
    await drawn(operator, MOULINS, "circle", lon="5,015", lat="47,778", metres="150")
    page = await drawn(operator, MOULINS, "drawing", "add", drawing=json.dumps(LINE), metres="60")
    larger = changes(page)
    data = {"token": await form_token(operator), "revision": "2"}
    assert (
        await operator.post(f"{MOULINS}/dessin/retour", data=data, headers=SAME)
    ).status_code == 303
    assert changes((await operator.get(f"{MOULINS}/dessin")).text) != larger
    data = {"token": await form_token(operator)}
    await operator.post(f"{MOULINS}/dessin/abandon", data=data, headers=SAME)
    page = (await operator.get(f"{MOULINS}/dessin")).text
    assert "outline-change" not in page
    assert "Annuler le dernier changement" not in page
    assert await plan_history.count_versions(addressed, COMMUNE) == 1


async def test_what_another_window_kept_is_not_overwritten(
    operator: httpx.AsyncClient, addressed: Ledger
) -> None:
    first = await attempt(operator, MOULINS, "circle", lon="5.015", lat="47.778", metres="150")
    second = await attempt(operator, MOULINS, "circle", lon="5.015", lat="47.778", metres="90")
    assert (await keep(operator, MOULINS, first)).status_code == 303
    answer = await keep(operator, MOULINS, second)
    assert answer.status_code == 409
    assert "a changé dans une autre fenêtre" in words(answer.text)
    data = await fields(operator, MOULINS)
    await drawn(operator, MOULINS, "circle", lon="5.015", lat="47.778", metres="90")
    late = await send(operator, MOULINS, data)
    assert late.status_code == 422
    assert "Le dessin a changé depuis" in words(late.text)


PARIS = {"type": "Polygon", "coordinates": [[[2, 48], [2.1, 48], [2, 48.1], [2, 48]]]}


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("drawing", {"drawing": "{"}),
        ("drawing", {"drawing": json.dumps(PARIS)}),
        ("circle", {"lon": "", "lat": "", "metres": "x"}),
        ("streets", {}),
        ("nothing", {}),
    ],
)  # fmt: skip
async def test_a_refused_outline_says_why_and_keeps_nothing(
    operator: httpx.AsyncClient, addressed: Ledger, tool: str, given: dict[str, str]
) -> None:
    answer = await attempt(operator, MOULINS, tool, **given)
    assert answer.status_code == 422
    assert 'id="probleme"' in answer.text
    mine = Whose(COMMUNE, "rac", "moulins")
    assert (await plan_outlines.outline_of(addressed, mine)).revision == 0


async def test_a_sector_that_is_not_there_has_no_drawing_table(
    operator: httpx.AsyncClient, addressed: Ledger
) -> None:
    assert (await operator.get("/plan/secteurs/rien/dessin")).status_code == 404
    answer = await operator.get("/carte/dessin/rien.geojson")
    assert answer.json()["features"] == []
    shown = (await operator.get("/carte/dessin/moulins.geojson")).json()["features"]
    assert shown[0]["geometry"]["type"] in ("Polygon", "MultiPolygon")


async def test_other_people_see_nothing_of_a_drawing(
    operator: httpx.AsyncClient, addressed: Ledger
) -> None:
    await drawn(operator, MOULINS, "drawing", drawing=json.dumps(SQUARE))
    hers = Whose(COMMUNE, "maire", "moulins")
    assert (await plan_outlines.outline_of(addressed, hers)).revision == 0
    assert (await sector(addressed, "moulins")).area.bounds[0] != CORNERS[0][0]
