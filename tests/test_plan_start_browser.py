"""A plan written from nothing in a real browser, by keyboard alone, passes its check."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import delete

from dispatcher.store import plan_drafts, plan_history, plans
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import plans as plan_table
from plans.folder import files_of
from tests.browsing import DESK, PHONE, TABLET, Visit, visit
from tests.consoles import served
from tests.plan_folders import read
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits",)
OUTLINE = {
    "type": "Feature",
    "properties": {"nom": "contour"},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[5.0, 47.76], [5.05, 47.76], [5.05, 47.8], [5.0, 47.8], [5.0, 47.76]]],
    },
}
PEOPLE = (
    ("Hélène", "Vasseur", "Maire", "06 39 98 00 01"),
    ("Bruno", "Oudot", "1er adjoint", "06 39 98 00 02"),
    ("Isabelle", "Marchal", "Secrétaire", "06 39 98 00 05"),
)


@pytest.fixture
async def bare(town: Ledger) -> Ledger:
    """Empty a town of its plan; its users stay."""
    async with town.writing() as connection:
        await connection.execute(delete(plan_table))
    return town


@pytest.fixture
async def url(tmp_path: Path, bare: Ledger) -> AsyncIterator[str]:
    """Serve the town's console."""
    async with served(tmp_path) as address:
        yield address


async def choose(page: Page, name: str, words: str, nth: int = 0) -> None:
    """Choose in a list by typing, as a keyboard does."""
    await page.locator(f"select[name={name}]").nth(nth).focus()
    await page.keyboard.type(words)


async def write(page: Page, name: str, words: str, nth: int = 0) -> None:
    """Type in a field."""
    field = page.locator(f"main [name={name}]:not([type=hidden])").nth(nth)
    await field.focus()
    await page.keyboard.press("Control+A")
    await page.keyboard.type(words)


async def submit(page: Page, words: str) -> None:
    """Press a button from the keyboard."""
    button = page.get_by_role("button", name=words, exact=True).last
    await button.focus()
    await page.keyboard.press("Enter")


async def looked_at(seen: Visit) -> None:
    """Nothing wider than its screen, nothing against the standards, on three screens."""
    for size in (DESK, TABLET, PHONE):
        await seen.resize(size)
        assert await seen.overflow_px() == 0
        assert await seen.faults() == []
    await seen.resize(DESK)


async def people(seen: Visit) -> None:
    """Say who there is."""
    for first, last, title, phone in PEOPLE:
        await write(seen.page, "prenom", first)
        await write(seen.page, "nom", last)
        await write(seen.page, "qualite", title)
        await write(seen.page, "tel", phone)
        await submit(seen.page, "Ajouter cette personne")
        await expect(seen.page.locator("main")).to_contain_text(last)
    await looked_at(seen)
    await seen.page.get_by_role("link", name="Continuer").focus()
    await seen.page.keyboard.press("Enter")


async def test_a_plan_is_written_from_nothing_by_keyboard_and_passes_its_check(
    chromium: Path, url: str, bare: Ledger, tmp_path: Path
) -> None:
    outline = tmp_path / "contour.geojson"
    outline.write_text(json.dumps(OUTLINE), "utf-8")
    async with visit(chromium, url) as seen:
        page = seen.page
        await seen.sign_in()
        await seen.open("/plan")
        await looked_at(seen)
        await page.get_by_role("link", name="Commencer le premier plan").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/plan/demarrer/commune")
        await who_we_are(seen)
        await seen.open("/")  # she is called away, and takes it up again
        await seen.open("/plan")
        await page.get_by_role("link", name="Continuer le premier plan").click()
        await page.wait_for_url("**/plan/demarrer/fonctions")
        await who_decides(seen)
        await where_and_with_which_words(seen, outline)
        await expect(page.locator("main")).to_contain_text("Le plan est valide")
        await looked_at(seen)
        await submit(page, "Charger le plan")
        await page.wait_for_url("**/plan?fait=demarre")
        await looked_at(seen)
        assert [one for one in seen.problems if "422" not in one] == []  # the refused step
    await _is_sound(bare, tmp_path / "pcs")


async def who_we_are(seen: Visit) -> None:
    """Say which commune, and who there is."""
    await write(seen.page, "nom", "Vaubrenne")
    await write(seen.page, "telephone", "03 53 01 00 02")
    await looked_at(seen)
    await submit(seen.page, "Enregistrer et continuer")
    await seen.page.wait_for_url("**/personnes?fait=1")
    await people(seen)


async def who_decides(seen: Visit) -> None:
    """Choose the mayor, a deputy, the RAC; then tick a risk."""
    await choose(seen.page, "maire", "Hélène")
    await choose(seen.page, "suppleants", "Bruno")
    await choose(seen.page, "rac", "Isabelle")
    await looked_at(seen)
    await submit(seen.page, "Enregistrer et continuer")
    await seen.page.wait_for_url("**/risques?fait=1")
    await seen.page.locator("[name=risques][value=inondation]").focus()
    await seen.page.keyboard.press("Space")
    await looked_at(seen)
    await submit(seen.page, "Enregistrer et continuer")
    await seen.page.wait_for_url("**/secteurs?fait=1")


async def where_and_with_which_words(seen: Visit, outline: Path) -> None:
    """Give the outline, a place that receives people, and keep the ready messages."""
    page = seen.page
    await looked_at(seen)
    await submit(page, "Ajouter ce secteur")
    await expect(page.locator("#probleme")).to_contain_text("a besoin de son tracé")
    await page.locator("[name=fichier]").set_input_files(outline)
    await submit(page, "Ajouter ce secteur")
    await expect(page.locator("main")).to_contain_text("1 secteur tracé")
    await page.get_by_role("link", name="Continuer").click()
    await page.wait_for_url("**/centres")
    await write(page, "accueil", "Gymnase")
    await write(page, "capacite", "100")
    await looked_at(seen)
    await submit(page, "Enregistrer et continuer")
    await page.wait_for_url("**/messages?fait=1")
    await looked_at(seen)
    await submit(page, "Enregistrer et continuer")
    await page.wait_for_url("**/relire?fait=1")


async def _is_sound(ledger: Ledger, folder: Path) -> None:
    kept = await plans.in_force(ledger, COMMUNE)
    assert kept is not None
    for name, raw in kept.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    reading = read(files_of(folder))
    assert reading.faults == ()
    assert reading.plan is not None
    assert [role.code for role in reading.plan.roles] == ["DOS", "RAC"]
    assert reading.plan.contacts[0].phones[0] == "+33639980001"
    assert {one.id for one in reading.plan.templates} >= {"danger_immediat", "evacuation"}
    assert not [one for one in reading.warnings if one.path.endswith("sms")]
    assert (await plan_drafts.draft_of(ledger, COMMUNE)).revision == 0
    assert await plan_history.count_versions(ledger, COMMUNE) == 2
