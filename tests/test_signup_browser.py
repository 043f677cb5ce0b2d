"""Enrolling in a real browser: by keyboard on a telephone, in both languages, without a script."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.delivery.drain import drain
from dispatcher.store.everyone import everyone
from dispatcher.store.ledger import Ledger
from tests.addressed_town import put_addresses
from tests.browsing import DESK, PHONE, Visit, visit
from tests.consoles import served
from tests.fake_channel import FakeChannel, door
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits",)
WORDS = {
    "fr": ("Prénom et nom", "Continuer", "peut vous alerter", "École, crèche"),
    "en": ("First name and surname", "Go on", "can alert you", "School, nursery"),
}


async def code_sent(town: Ledger) -> str:
    fake = FakeChannel()
    await drain(door(town, fake))
    return str(re.findall(r"\d{6}", fake.ledger[-1].text)[0])


async def unsound(seen: Visit) -> list[str]:
    """Return what is wrong with the page on the screen."""
    wide = await seen.overflow_px()
    return [*await seen.faults(), *([f"{wide} px too wide"] if wide else []), *seen.problems]


@pytest.mark.parametrize(("language", "scheme"), [("fr", "light"), ("en", "dark")])
async def test_a_resident_enrols_with_two_addresses_by_keyboard_on_a_telephone(
    chromium: Path, town: Ledger, tmp_path: Path, language: str, scheme: str
) -> None:
    await put_addresses(town)
    faults: list[list[str]] = []
    async with served(tmp_path) as url, visit(chromium, url, color_scheme=scheme) as seen:
        await seen.resize(PHONE)
        await seen.open(f"/inscription/{COMMUNE}?lang={language}")
        await _fill_in(seen, language, faults)
        await expect(seen.page.locator("[name=code]")).to_be_focused()
        await expect(seen.page.get_by_role("img")).to_be_visible()  # the doors around hers
        faults.append(await unsound(seen))
        await seen.page.keyboard.type(await code_sent(town))
        await seen.page.keyboard.press("Enter")
        await _add_a_school(seen, language)
        faults.append(await unsound(seen))
    assert faults == [[], [], []]
    (ana,) = [one async for one in everyone(town, COMMUNE) if one.person.name == "Ana Lopez"]
    assert len(ana.homes) == 2
    assert all(home.lon is not None for home in ana.homes)
    assert ana.person.language == language


async def _fill_in(seen: Visit, language: str, faults: list[list[str]]) -> None:
    name, go_on, _, _ = WORDS[language]
    keys = seen.page.keyboard
    await seen.page.get_by_label(name).focus()
    for typed in ("Ana Lopez", "06 39 98 00 42", "12 serolle"):
        await keys.type(typed)
        if typed != "12 serolle":
            await keys.press("Tab")
    await expect(seen.page.get_by_role("radio").first).to_be_visible()  # proposed meanwhile
    faults.append(await unsound(seen))
    await keys.press("Tab")
    await keys.press("Space")
    await seen.page.get_by_role("button", name=go_on).press("Enter")


async def _add_a_school(seen: Visit, language: str) -> None:
    _, _, done, school = WORDS[language]
    await expect(seen.page.get_by_role("heading", level=1)).to_have_text("Ana Lopez")
    await expect(seen.page.get_by_role("status").first).to_contain_text(done)
    await seen.page.locator("#adresses summary").press("Enter")
    await seen.page.locator("[name=kind]").select_option("school")
    await seen.page.locator("[name=typed]").focus()
    await seen.page.keyboard.type("1 quai")
    await seen.page.get_by_role("radio").first.check()
    await seen.page.locator(
        "form[action*='/adresses?'] button, form[action$='/adresses'] button"
    ).press("Enter")
    await expect(seen.page.locator("#adresses ul")).to_contain_text(school)


async def test_without_a_script_the_same_form_does_all_of_it(
    chromium: Path, town: Ledger, tmp_path: Path
) -> None:
    await put_addresses(town)
    async with served(tmp_path) as url, visit(chromium, url, java_script_enabled=False) as seen:
        await seen.resize(DESK)
        await seen.open(f"/inscription/{COMMUNE}")
        await seen.page.get_by_label("Prénom et nom").fill("Ana Lopez")
        await seen.page.locator("[name=contact]").fill("ana@foyer.example")
        await seen.page.locator("[name=typed]").fill("serolle")
        await seen.page.get_by_role("button", name="Continuer").click()
        await expect(seen.page.get_by_role("alert")).to_contain_text("Choisissez votre adresse")
        await seen.page.get_by_role("radio").first.check()
        await seen.page.get_by_role("button", name="Continuer").click()
        await expect(seen.page.locator("main")).to_contain_text("an•••@foyer.example")
