"""A hundred thousand addresses on the map, in a real browser: gathered, and never in the way."""

import json
import random
from pathlib import Path

import pytest
from playwright.async_api import Page, Route

from dispatcher.store.ledger import Ledger
from tests.addressed_town import begun
from tests.browsing import DESK, visit
from tests.zone_forms import opened

pytest_plugins = ("tests.console_visits", "tests.zone_visits")
MANY = 100_000
FRAME_P95_MS = 400  # about three times what two busy cores without a graphics card took
WATCH = """() => {
  window.frames_ms = [];
  let drawn = performance.now();
  const frame = (now) => {
    window.frames_ms.push(now - drawn);
    drawn = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""
P95 = "() => window.frames_ms.sort((a, b) => a - b)[Math.floor(window.frames_ms.length * 0.95)]"
NODES = "() => document.querySelector('.map').querySelectorAll('*').length"


def town_of_many() -> str:
    """Return the addresses of a town of MANY, spread over ten kilometres."""
    dice = random.Random(7)  # noqa: S311 - a town, always the same
    return json.dumps({
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [
                round(dice.gauss(5.015, 0.03), 6), round(dice.gauss(47.78, 0.02), 6)]}}
            for _ in range(MANY)
        ],
    })  # fmt: skip


@pytest.mark.alone("frames are timed")
async def test_a_hundred_thousand_addresses_are_panned_and_zoomed_without_a_stutter(
    chromium: Path, served_zone: str, town: Ledger
) -> None:
    alert_id = await begun(town, sectors=("bas_bourg",))
    crowd = town_of_many()

    async def answered(route: Route) -> None:
        await route.fulfill(body=crowd, content_type="application/geo+json")

    async with visit(chromium, served_zone) as seen:
        await seen.page.context.route("**/carte/adresses.geojson", answered)
        await seen.resize(DESK)
        page = await opened(seen, alert_id)
        canvas = page.locator(".map canvas.maplibregl-canvas")
        before, nodes = await canvas.screenshot(), await page.evaluate(NODES)
        async with page.expect_response("**/carte/adresses.geojson"):
            await page.get_by_role("checkbox", name="Adresses").check()
        for _ in range(40):
            if await canvas.screenshot() != before:
                break
            await page.wait_for_timeout(150)
        else:
            raise AssertionError("the addresses are not drawn")
        await canvas.focus()
        await page.evaluate(WATCH)
        await moved_about(page)
        frames = await page.evaluate("window.frames_ms.length")
        p95_ms = await page.evaluate(P95)
        assert p95_ms < FRAME_P95_MS, (frames, p95_ms)
        assert frames > 20
        assert await page.evaluate(NODES) == nodes  # drawn, not a mark for each
        assert seen.problems == []


async def moved_about(page: Page) -> None:
    """Pan, zoom in to single houses, and out again, by keyboard."""
    for key in (*("ArrowRight", "ArrowDown") * 4, *"+++", *("ArrowLeft",) * 4, *"---"):
        await page.keyboard.press(key)
        await page.wait_for_timeout(150)
