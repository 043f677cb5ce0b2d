"""Steps of the guided start of a plan in a real browser, by keyboard alone."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.browsing import DESK, PHONE, TABLET, Visit

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


async def choose(page: Page, name: str, words: str, nth: int = 0) -> None:
    """Choose in a list by typing, as a keyboard does."""
    await page.locator(f"select[name={name}]").nth(nth).focus()
    await page.keyboard.type(words)


async def write(page: Page, name: str, words: str, nth: int = 0) -> None:
    """Type in a field."""
    field = page.locator(f'main [name="{name}"]:not([type=hidden])').nth(nth)
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
