"""The gymnasium's door at three in the morning, on a telephone, in a real browser."""

from pathlib import Path

from playwright.async_api import expect

from dispatcher.store.ledger import Ledger
from tests.browsing import PHONE, Visit, visit
from tests.consoles import served
from tests.crises import opened
from tests.sheltered_town import GYM
from tests.situations import office

pytest_plugins = ("tests.console_visits",)
SMALL = (
    "all => all.map((one) => one.getBoundingClientRect()).filter((one) => one.height < 44).length"
)


async def unsound(seen: Visit) -> list[str]:
    """Return what is wrong with the page on the screen: axe, too wide, buttons too small."""
    found = await seen.faults()
    if wide := await seen.overflow_px():
        found.append(f"{wide} px too wide")
    if small := await seen.page.locator("main button, main .button").evaluate_all(SMALL):
        found.append(f"{small} buttons too small")
    return found + seen.problems


async def test_a_family_is_counted_noted_and_leaves_on_a_telephone(
    chromium: Path, town: Ledger, tmp_path: Path
) -> None:
    event = await opened(office(town))
    here = f"/evenements/{event.event_id}"
    async with served(tmp_path) as url, visit(chromium, url, color_scheme="dark") as seen:
        await seen.resize(PHONE)
        await seen.sign_in()
        await seen.open(here)
        await seen.page.get_by_role("link", name="Centres d'accueil").click()
        faults = [await unsound(seen)]
        await _count(seen)
        faults.append(await unsound(seen))
        await seen.page.get_by_role("link", name="Voir qui est là").click()
        faults.append(await unsound(seen))
        await seen.page.get_by_label("Part pour").fill("chez sa sœur")
        await seen.page.get_by_role("button", name="Noter le départ").click()
        empty = "Personne n'y est noté par son nom."
        await expect(seen.page.locator("main")).to_contain_text(empty)
        await seen.open(f"{here}/centres/{GYM}")
        await expect(seen.page.locator("#compte")).to_contain_text("204")
        await seen.open(f"{here}/moyens")
        await _lend(seen)
        faults.append(await unsound(seen))
    assert faults == [[], [], [], []]


async def _count(seen: Visit) -> None:
    page, count = seen.page, seen.page.locator("#compte")
    await page.get_by_role("button", name="Ouvrir : Gymnase du Plateau").click()
    arrives = page.get_by_role("button", name="+ 1 arrive")
    box = await arrives.bounding_box()
    assert box is not None
    assert box["height"] >= 88  # a thumb, in the dark
    await arrives.click()
    await expect(count).to_contain_text("1 personne ici")
    await page.get_by_label("Combien de personnes").fill("203")
    await page.get_by_role("button", name="Arrivent").click()
    await expect(count).to_contain_text("4 personnes de trop")
    await page.get_by_label("Nom et prénom").fill("Zéphyrine Quillet")
    await page.get_by_label("Personnes du foyer").fill("3")
    await page.get_by_role("button", name="Noter l'arrivée").click()
    await expect(count).to_contain_text("207")


async def _lend(seen: Visit) -> None:
    page = seen.page
    await page.locator("[name=means]").select_option("lits")
    await page.get_by_label("Combien", exact=True).fill("40")
    await page.locator("[name=to]").select_option("centre:gymnase")
    await page.get_by_role("button", name="Noter le prêt").click()
    await expect(page.locator("main")).to_contain_text("40 sur 40 à revenir")
