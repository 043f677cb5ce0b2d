"""The map in a real browser: points on demand, the ground from our own address, nobody else's."""

import base64
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from dispatcher.store.ledger import Ledger
from tests.addressed_town import begun
from tests.browsing import visit
from tests.consoles import served
from tests.tile_sources import PINK, archive, source_of_tiles
from tests.zone_forms import opened

pytest_plugins = ("tests.console_visits", "tests.zone_visits")


async def test_addresses_and_homes_are_asked_for_only_when_somebody_wants_to_see_them(
    chromium: Path, served_zone: str, town: Ledger
) -> None:
    alert_id = await begun(town, sectors=("bas_bourg",))
    async with visit(chromium, served_zone) as seen:
        asked: list[str] = []
        seen.page.on("request", lambda one: asked.append(one.url))
        page = await opened(seen, alert_id)
        assert not [one for one in asked if "adresses" in one or "personnes" in one]
        canvas = page.locator(".map canvas.maplibregl-canvas")
        before = await canvas.screenshot()
        async with page.expect_response("**/carte/adresses.geojson"):
            await page.get_by_role("checkbox", name="Adresses").check()
        await page.wait_for_timeout(800)
        assert await canvas.screenshot() != before
        async with page.expect_response("**/carte/personnes.geojson"):
            await page.get_by_label("Foyers inscrits").check()
        assert {urlsplit(one).netloc for one in asked if one.startswith("http")} == {
            urlsplit(served_zone).netloc
        }
        assert seen.problems == []


@pytest.mark.parametrize("kind", ["tiles", "pmtiles"])
async def test_the_ground_is_drawn_from_our_own_address(
    chromium: Path, tmp_path: Path, town: Ledger, kind: str
) -> None:
    alert_id = await begun(town)
    archive(tmp_path / "sol.pmtiles")
    async with source_of_tiles(tmp_path / "source") as source:
        for z in range(8, 15):
            side = 2**z
            for x in range(int(184.94 / 360 * side), int(185.08 / 360 * side) + 1):
                for y in range(int(0.348 * side), int(0.351 * side) + 2):
                    source.put(z, x, y)
        environ = {
            "tiles": {"TOCSIN_MAP_TILES": source.address, "TOCSIN_MAP_ATTRIBUTION": "Essai"},
            "pmtiles": {"TOCSIN_MAP_PMTILES": str(tmp_path / "sol.pmtiles")},
        }[kind]
        async with served(tmp_path, environ=environ) as url, visit(chromium, url) as seen:
            hosts: set[str] = set()
            seen.page.on("request", lambda one: hosts.add(urlsplit(one.url).netloc))
            page = await opened(seen, alert_id)
            canvas = page.locator(".map canvas.maplibregl-canvas")
            for _ in range(40):
                if await pink(page, await canvas.screenshot()):
                    break
                await page.wait_for_timeout(250)
            else:
                raise AssertionError("the ground is not drawn")
            assert (kind == "pmtiles") == (source.asked == 0)
            assert hosts - {""} == {urlsplit(url).netloc}
            assert seen.problems == []


async def pink(page: Page, png: bytes) -> bool:
    """Tell whether a picture has the colour of the test's tiles."""
    found: bool = await page.evaluate(HAS_COLOUR, [base64.b64encode(png).decode(), list(PINK)])
    return found


HAS_COLOUR = """async ([png, colour]) => {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width; canvas.height = image.height;
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const {data} = pen.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4)
    if (colour.every((part, of) => Math.abs(data[at + of] - part) < 3)) return true;
  return false;
}"""
