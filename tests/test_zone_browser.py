"""The zone's page in a real browser: drawn by hand and by keyboard, read by all, and quiet."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from dispatcher.alerts import sketching
from dispatcher.alerts.sketch import Chosen
from dispatcher.store.ledger import Ledger
from tests.addressed_town import begun
from tests.browsing import DESK, PHONE, TABLET, visit
from tests.situations import office
from tests.zone_forms import opened

pytest_plugins = ("tests.console_visits", "tests.zone_visits")


async def chosen(ledger: Ledger, alert_id: str) -> Chosen:
    return (await sketching.sketch_of(office(ledger), alert_id)).chosen


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def reach(page: Page, name: str) -> None:
    """Tab to a button by its words, as somebody without a mouse does."""
    for _ in range(120):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.innerText?.trim()") == name:
            return
    raise AssertionError(name)


async def test_a_zone_is_drawn_corrected_and_kept_by_keyboard_alone(
    chromium: Path, served_zone: str, town: Ledger
) -> None:
    alert_id = await begun(town)
    async with visit(chromium, served_zone) as seen:
        page = await opened(seen, alert_id)
        told = page.locator("[data-zone-told]")
        canvas = page.locator("[data-map]")
        await reach(page, "Polygone")
        await press(page, "Enter")
        await expect(told).to_contain_text("flèches pour déplacer le viseur")
        await press(page, "Shift+ArrowLeft", "Enter")
        await expect(told).to_have_text("Point 1 posé.")
        await press(page, *["Shift+ArrowDown"] * 2, "Enter", *["Shift+ArrowRight"] * 3, "Enter")
        await expect(told).to_contain_text("Point 3 posé, à ")
        await press(page, "Backspace")
        await expect(told).to_have_text("Dernier point retiré, il en reste 2.")
        await press(page, "Enter", *["Shift+ArrowUp"] * 2, "Enter")
        await expect(canvas).to_have_attribute("data-spots", "4")
        await press(page, "n")
        await expect(told).to_have_text("Point 1 sur 4.")
        await press(page, "Space", "Shift+ArrowLeft", "Space")
        await expect(told).to_have_text("Point reposé.")
        await press(page, "Enter")  # on its first point: the outline is closed
        await page.wait_for_selector("#proposition")
        await expect(page.get_by_role("button", name="Garder cette zone")).to_be_focused()
        await press(page, "Enter")
        await expect(page.locator(".zone-steps")).to_contain_text("un tracé")
        assert seen.problems == []
    kept = await chosen(town, alert_id)
    assert kept.area is not None
    assert len(kept.area["coordinates"][0]) == 5


async def test_escape_leaves_the_drawing_and_the_arrows_move_the_map_again(
    chromium: Path, served_zone: str, town: Ledger
) -> None:
    alert_id = await begun(town, sectors=("bas_bourg",))
    async with visit(chromium, served_zone) as seen:
        page = await opened(seen, alert_id)
        await page.get_by_role("button", name="Couloir").click()
        await press(page, "Enter", "ArrowDown", "Escape")
        await expect(page.locator("[data-zone-told]")).to_have_text(
            "Dessin arrêté, rien n'est gardé."
        )
        await expect(page.locator("[data-map]")).to_have_attribute("data-spots", "0")
        await expect(page.locator(".zone-cross")).to_have_count(0)
        assert seen.problems == []
    assert (await chosen(town, alert_id)).sectors == ("bas_bourg",)


async def test_a_circle_and_a_corridor_are_drawn_with_the_mouse(
    chromium: Path, served_zone: str, town: Ledger
) -> None:
    alert_id = await begun(town)
    async with visit(chromium, served_zone) as seen:
        page = await opened(seen, alert_id)
        await page.get_by_role("button", name="Cercle").click()
        box = await page.locator("[data-map]").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await page.mouse.click(x, y)
        await page.mouse.click(x + 90, y)
        await page.get_by_role("button", name="Terminer le tracé").click()
        await page.get_by_role("button", name="Garder cette zone").click()
        await expect(page.locator(".zone-steps")).to_contain_text("autour d'un point")
        await page.wait_for_selector(".map[data-drawn]")
        await page.get_by_role("button", name="Couloir").click()
        await page.locator("[data-draw-width]").fill("80")
        await page.get_by_label("Le tracé").select_option("add")
        box = await page.locator("[data-map]").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for step in (0, 1, 2):
            await page.mouse.click(x - 150 + step * 140, y + 30 * step)
        await page.get_by_role("button", name="Terminer le tracé").click()
        await page.get_by_role("button", name="Garder cette zone").click()
        await expect(page.locator(".zone-steps li")).to_have_count(2)
        assert seen.problems == []
    steps = (await chosen(town, alert_id)).drawn["steps"]
    assert [(one["tool"], one["op"]) for one in steps] == [
        ("circle", "replace"),
        ("drawing", "add"),
    ]
    assert steps[1]["metres"] == 80


async def test_the_corners_of_an_outline_are_moved_by_hand(
    chromium: Path, served_zone: str, town: Ledger
) -> None:
    square = [[5.01, 47.774], [5.022, 47.774], [5.022, 47.784], [5.01, 47.784], [5.01, 47.774]]
    alert_id = await begun(town, area={"type": "Polygon", "coordinates": [square]})
    async with visit(chromium, served_zone) as seen:
        page = await opened(seen, alert_id)
        await page.get_by_role("button", name="Modifier le contour").click()
        await expect(page.locator("[data-map]")).to_have_attribute("data-spots", "4")
        spot = await page.evaluate(CORNER)
        await page.mouse.move(*spot)
        await page.mouse.down()
        await page.mouse.move(spot[0] - 40, spot[1] + 20, steps=4)
        await page.mouse.up()
        await page.get_by_role("button", name="Terminer le tracé").click()
        await page.get_by_role("button", name="Garder cette zone").click()
        await expect(page.locator(".zone-steps li")).to_have_count(1)
        assert seen.problems == []
    area = (await chosen(town, alert_id)).area
    assert area is not None
    ring = [list(corner) for corner in area["coordinates"][0]]
    assert ring[1:4] == square[1:4]
    assert ring[0] != square[0]


# The lower left corner of the zone, which the map fits 60 px from its edges in one direction.
CORNER = """() => {
  const canvas = document.querySelector(".map canvas"), box = canvas.getBoundingClientRect();
  const mercator = (lat) => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
  const wide = (5.022 - 5.01) * (Math.PI / 180), high = mercator(47.784) - mercator(47.774);
  const scale = Math.min((box.width - 120) / wide, (box.height - 120) / high);
  return [box.x + box.width / 2 - (wide * scale) / 2, box.y + box.height / 2 + (high * scale) / 2];
}"""


@pytest.mark.parametrize("scheme", ["dark"])
async def test_the_page_fits_every_screen_and_can_be_read_by_all(
    chromium: Path, served_zone: str, town: Ledger, scheme: str
) -> None:
    alert_id = await begun(town, sectors=("bas_bourg",))
    faults: dict[str, object] = {}
    async with visit(chromium, served_zone, color_scheme=scheme) as seen:
        page = await opened(seen, alert_id)
        await page.get_by_role("button", name="Couloir").click()
        shut = page.locator("details:not([open]) > summary")
        while await shut.count():
            await shut.first.click()
        for size in (DESK, TABLET, PHONE):
            await seen.resize(size)
            if wide := await seen.overflow_px():
                faults[f"{size[0]} px"] = wide
        if found := await seen.faults():
            faults["zone"] = found
        await page.locator("input[name=sector]").nth(1).check()
        await page.locator("form:has(input[name=sector]) .zone-try").click()
        await page.wait_for_selector("#proposition")
        if found := await seen.faults():
            faults["proposal"] = found
        for size in (DESK, TABLET, PHONE):
            await seen.resize(size)
            if wide := await seen.overflow_px():
                faults[f"proposal at {size[0]} px"] = wide
        assert seen.problems == []
    assert faults == {}


async def test_without_any_script_a_zone_is_made_and_no_drawing_is_offered(
    chromium: Path, served_zone: str, town: Ledger
) -> None:
    alert_id = await begun(town)
    async with visit(chromium, served_zone, java_script_enabled=False) as seen:
        await seen.open(f"/connexion?vers=/console/alertes/{alert_id}/zone")
        await seen.page.fill("[name=login]", "rac")
        await seen.page.fill("[name=password]", "quatre mots sans rapport")
        await seen.page.click("button.primary")
        await expect(seen.page.get_by_role("button", name="Polygone")).to_have_count(0)
        await seen.page.get_by_label("Les Moulins").check()
        await seen.page.locator("details[open] .zone-try").click()
        await expect(seen.page.locator("#proposition")).to_contain_text("adresses")
        await seen.page.get_by_role("button", name="Garder cette zone").click()
        await expect(seen.page.locator("#t-zone ~ dl")).to_contain_text("Les Moulins")
    assert (await chosen(town, alert_id)).sectors == ("moulins",)
