"""The zone's page without script: every tool by a form, tried, then kept, told as streets."""

import html
import json
import re
from typing import Any

import httpx
import pytest

from dispatcher.alerts import sketching
from dispatcher.store.addresses import Address
from dispatcher.store.ledger import Ledger
from tests.addressed_town import AUTHOR, begun, put_addresses
from tests.consoles import SAME, form_token, sign_in
from tests.situations import AREA, add_user, office
from tests.zone_forms import LINE, SQUARE, Zone, count, proposal, sketch

pytest_plugins = ("tests.console_visits", "tests.zone_visits")


async def test_sectors_are_tried_then_kept_and_told_as_streets(
    zone: Zone, town: Ledger, alert_id: str
) -> None:
    assert "Pas encore de zone" in await zone.read()
    tried = await zone.attempt("sectors", sector=["bas_bourg", "moulins"])
    assert tried.status_code == 200
    assert "pas encore enregistrée" in tried.text
    assert (await sketch(town, alert_id)).chosen.sectors == ()  # nothing is kept yet
    assert (await zone.keep(tried)).status_code == 303
    kept = await sketch(town, alert_id)
    assert kept.chosen.sectors == ("bas_bourg", "moulins")
    assert kept.chosen.area is None
    text = await zone.read()
    assert "Bas-Bourg, Les Moulins" in text
    assert "tout entières dedans" in text
    assert count(text) > 100


TOOLS: dict[str, dict[str, Any]] = {
    "streets": {"street": ["Rue Basse", "Rue du Port"]},
    "circle": {"lon": "5,0160", "lat": "47,7790", "metres": "250"},
    "corridor": {"line": "La Sérolle", "metres": "200"},
    "drawing": {"drawing": json.dumps(SQUARE)},
}


@pytest.mark.parametrize("tool", sorted(TOOLS))
async def test_every_tool_makes_a_zone_that_is_kept(
    zone: Zone, town: Ledger, alert_id: str, tool: str
) -> None:
    tried = await zone.attempt(tool, **TOOLS[tool])
    assert tried.status_code == 200, tried.text
    assert (await zone.keep(tried)).status_code == 303
    kept = (await sketch(town, alert_id)).chosen
    assert kept.area is not None
    assert [one["tool"] for one in kept.drawn["steps"]] == [tool]
    assert count(await zone.read()) > 10


async def test_picked_streets_hold_every_one_of_their_addresses(zone: Zone) -> None:
    tried = await zone.attempt("streets", street=["Rue Basse", "Rue du Port"])
    whole = tried.text[tried.text.index("zone-whole") :]
    assert "<li>Rue Basse " in whole
    assert "<li>Rue du Port " in whole


async def test_a_picked_street_holds_its_address_that_stands_far_from_it(
    zone: Zone, town: Ledger
) -> None:
    farm = Address("ferme", "99 Rue Basse", "Rue Basse", "99 rue basse", 5.0165, 47.7835)
    await put_addresses(town, farm)
    tried = await zone.attempt("streets", street=["Rue Basse"])
    assert "<li>Rue Basse " in tried.text[tried.text.index("zone-whole") :]


async def test_an_address_is_found_without_accents_and_gives_a_circle(
    zone: Zone, town: Ledger, alert_id: str
) -> None:
    found = await zone.client.get(zone.path, params={"adresse": "12 grande r"})
    ident = re.search(
        r'name="address" value="([^"]+)" checked[^>]*> <span>12 Grande Rue', found.text
    )
    assert ident is not None
    tried = await zone.attempt("address", address=html.unescape(ident[1]), metres="80")
    assert (await zone.keep(tried)).status_code == 303
    (step,) = (await sketch(town, alert_id)).chosen.drawn["steps"]
    assert step["about"] == "12 Grande Rue"
    nobody = await zone.client.get(zone.path, params={"adresse": "xyz"})
    assert "Aucune adresse ne répond à « xyz »" in nobody.text


async def test_streets_are_searched(zone: Zone) -> None:
    found = await zone.client.get(zone.path, params={"voie": "serolle"})
    names = re.findall(r'name="street" value="([^"]+)"', found.text)
    assert set(map(html.unescape, names)) == {"Quai de la Sérolle"}


async def test_a_zone_is_added_to_and_taken_from_and_the_last_change_undone(
    zone: Zone, town: Ledger, alert_id: str
) -> None:
    first = await zone.attempt("drawing", drawing=json.dumps(SQUARE))
    await zone.keep(first)
    start = count(await zone.read())
    more = await zone.attempt("sectors", "add", sector=["moulins"])
    assert "(avant : " in more.text
    await zone.keep(more)
    added = count(await zone.read())
    assert added > start
    less = await zone.attempt("sectors", "take", sector=["moulins"])
    await zone.keep(less)
    text = await zone.read()
    assert count(text) < added
    assert "On ajoute des secteurs : Les Moulins" in text
    assert "On retire des secteurs : Les Moulins" in text
    undone = {"token": zone.token, "revision": (await sketch(town, alert_id)).revision}
    back = await zone.client.post(f"{zone.path}/retour", data=undone, headers=SAME)
    assert back.status_code == 303
    assert count(await zone.read()) == added


async def test_a_margin_takes_in_the_neighbours(zone: Zone, town: Ledger, alert_id: str) -> None:
    assert "Choisissez d'abord une zone" in html.unescape(
        (await zone.attempt("margin", metres="50")).text
    )
    await zone.keep(await zone.attempt("drawing", drawing=json.dumps(SQUARE)))
    before = count(await zone.read())
    tried = await zone.attempt("margin", metres="60")
    assert count(tried.text) > before
    await zone.keep(tried)
    assert (await sketch(town, alert_id)).chosen.margin_m == 60
    assert (await zone.attempt("margin", metres="5000")).status_code == 422


async def test_the_whole_commune_is_a_choice_of_its_own_that_is_confirmed(
    zone: Zone, town: Ledger, alert_id: str
) -> None:
    refused = await zone.attempt("commune")
    assert refused.status_code == 422
    assert "Cochez la case pour confirmer" in refused.text
    tried = await zone.attempt("commune", confirmed="yes")
    assert "Toute la commune est visée" in tried.text
    assert count(tried.text) == 1384
    await zone.keep(tried)
    drawn = (await sketch(town, alert_id)).chosen.drawn
    assert drawn["whole"] is True
    assert drawn["words"].startswith("toute la commune")
    await zone.keep(await zone.attempt("sectors", "take", sector=["moulins"]))
    assert (await sketch(town, alert_id)).chosen.drawn["whole"] is False


async def test_a_browser_cannot_say_that_another_area_is_the_whole_commune(
    zone: Zone, town: Ledger, alert_id: str
) -> None:
    tried = await zone.attempt("drawing", drawing=json.dumps(SQUARE))
    sent = proposal(tried)
    forged = {**json.loads(sent["proposal"]), "whole": True}
    data = {"token": zone.token, "revision": sent["revision"], "proposal": json.dumps(forged)}
    assert (await zone.client.post(zone.path, data=data, headers=SAME)).status_code == 303
    assert (await sketch(town, alert_id)).chosen.drawn["whole"] is False


async def test_lines_and_points_are_drawn_by_their_width(zone: Zone) -> None:
    tried = await zone.attempt("drawing", drawing=json.dumps(LINE), metres="120")
    assert tried.status_code == 200
    mixed = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": one}
        for one in (SQUARE, LINE, {"type": "Point", "coordinates": [5.02, 47.779]})
    ]}  # fmt: skip
    assert count(
        (await zone.attempt("drawing", drawing=json.dumps(mixed), metres="120")).text
    ) > count(tried.text)


async def test_who_saves_over_somebody_is_told_who_and_keeps_her_drawing(
    zone: Zone, town: Ledger, alert_id: str
) -> None:
    tried = await zone.attempt("drawing", drawing=json.dumps(SQUARE))
    await sketching.change(
        office(town), alert_id, {"sectors": ("moulins",)}, revision=1, actor=AUTHOR
    )
    late = await zone.keep(tried)
    assert late.status_code == 409
    assert "a modifié cette alerte" in late.text
    assert "Zone proposée" in late.text
    assert (await zone.keep(late)).status_code == 303  # seen, and kept all the same


async def test_who_may_only_read_sees_the_zone_and_no_tool(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await add_user(town, login="vue", function="observer")
    await sign_in(visitor, "vue")
    ident = await begun(town, sectors=("bas_bourg",))
    page = await visitor.get(f"/console/alertes/{ident}/zone")
    assert page.status_code == 200
    assert "Bas-Bourg" in page.text
    assert "/zone/essai" not in page.text
    token = await form_token(visitor)
    data = {"token": token, "tool": "commune", "confirmed": "yes"}
    sent = await visitor.post(f"/console/alertes/{ident}/zone/essai", data=data, headers=SAME)
    assert sent.status_code == 403
    assert (await visitor.get("/carte/personnes.geojson")).status_code == 403


async def test_an_alert_that_is_not_there_is_missing(zone: Zone) -> None:
    assert (await zone.client.get("/console/alertes/nulle/zone")).status_code == 404
    nothing = await zone.client.get("/carte/redaction/nulle.geojson")
    assert nothing.json()["features"] == []


async def test_the_zone_of_an_alert_drafted_elsewhere_is_shown(zone: Zone, town: Ledger) -> None:
    ident = await begun(town, area=AREA, margin_m=4_000.0, drawn={"steps": "strange"})
    page = await zone.client.get(f"/console/alertes/{ident}/zone")
    assert page.status_code == 200
    assert count(page.text) > 100
