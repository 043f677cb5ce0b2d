"""A sector drawn in a real browser: by keyboard alone, by mouse, read by all on every screen."""

from pathlib import Path
from typing import Literal

from playwright.async_api import Page, expect

from dispatcher.alerts import plan_in_force
from dispatcher.store.ledger import Ledger
from tests.browsing import DESK, PHONE, TABLET, Visit, visit
from tests.situations import office
from tests.test_zone_browser import press, reach

pytest_plugins = ("tests.console_visits", "tests.zone_visits")
Scheme = Literal["dark", "light"]
NEW, MOULINS = "/plan/secteurs/ajouter", "/plan/secteurs/moulins"


async def table(seen: Visit, path: str) -> Page:
    """Sign in and open a drawing table, its map drawn."""
    await seen.resize(DESK)
    await seen.sign_in()
    await seen.open(f"{path}/dessin")
    await seen.page.wait_for_selector(".map[data-drawn]")
    return seen.page


async def names(ledger: Ledger) -> list[str]:
    return [one.name for one in (await plan_in_force.in_force(office(ledger))).plan.sectors]


async def test_a_sector_is_drawn_undone_named_and_saved_without_a_mouse(
    chromium: Path, served_zone: str, town: Ledger
) -> None:
    async with visit(chromium, served_zone) as seen:
        page = await table(seen, NEW)
        told = page.locator("[data-zone-told]")
        await reach(page, "Polygone")
        await press(page, "Enter")
        await expect(told).to_contain_text("flèches pour déplacer le viseur")
        await press(page, "Enter", *["Shift+ArrowRight"] * 2, "Enter")
        await expect(told).to_contain_text("Point 2 posé, à ")
        await press(page, *["Shift+ArrowDown"] * 2, "Enter", "Backspace")
        await expect(told).to_have_text("Dernier point retiré, il en reste 2.")
        await press(page, "Enter", "Enter")  # the same place twice: that was all
        await expect(page.get_by_role("button", name="Garder ce tracé")).to_be_focused()
        await expect(page.locator(".outline-change")).to_contain_text("Nouveau secteur")
        await press(page, "Enter")
        await page.wait_for_selector(".map[data-drawn]")
        await reach(page, "Continuer : enregistrer dans le plan")
        await press(page, "Enter")
        await page.wait_for_url(f"{served_zone}{NEW}")
        await expect(page.locator("input[name=dessin]")).to_be_checked()
        await page.get_by_label("Nom", exact=True).focus()
        await page.keyboard.type("Le Quai")
        await press(page, "Enter")
        await page.wait_for_url("**/plan/secteurs?fait=enregistre*")
        assert seen.problems == []
    assert "Le Quai" in await names(town)


async def test_an_outline_is_changed_with_the_mouse_and_every_screen_shows_what_it_does(
    chromium: Path, served_zone: str, town: Ledger
) -> None:
    faults: dict[str, object] = {}
    async with visit(chromium, served_zone) as seen:
        page = await table(seen, MOULINS)
        await page.get_by_role("button", name="Couloir").click()
        await page.locator("[data-draw-width]").fill("120")
        await page.locator("[data-draw-op]").select_option("add")
        box = await page.locator("[data-map]").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for step in (0, 1, 2):
            await page.mouse.click(x - 150 + step * 140, y + 30 * step)
        await page.get_by_role("button", name="Terminer le tracé").click()
        await expect(page.locator(".outline-change")).to_contain_text("Superficie")
        faults |= await judged(seen, "proposal", "dark")
        await page.get_by_role("button", name="Garder ce tracé").click()
        await expect(
            page.get_by_role("button", name="Annuler le dernier changement")
        ).to_be_visible()
        await page.wait_for_selector(".map[data-drawn]")
        await page.get_by_role("button", name="Polygone").click()
        shut = page.locator("details:not([open]) > summary")
        while await shut.count():
            await shut.first.click()
        faults |= await judged(seen, "table", "light")
        await seen.open(MOULINS)
        faults |= await judged(seen, "form", "dark")
        await page.get_by_role("button", name="Enregistrer").click()
        await page.wait_for_url("**/plan/secteurs?fait=enregistre*")
        await seen.open("/plan/versions/2")
        await expect(page.locator("main")).to_contain_text("points")
        faults |= await judged(seen, "version", "light")
        assert seen.problems == []
    assert faults == {}


async def judged(seen: Visit, called: str, scheme: Scheme) -> dict[str, object]:
    """Return what axe finds, and by how much a screen is too narrow, for the page that is open."""
    faults: dict[str, object] = {}
    await seen.page.emulate_media(color_scheme=scheme)
    if found := await seen.faults():
        faults[f"{called}, {scheme}"] = found
    for size in (TABLET, PHONE, DESK):
        await seen.resize(size)
        if wide := await seen.overflow_px():
            faults[f"{called} at {size[0]} px"] = wide
    return faults
