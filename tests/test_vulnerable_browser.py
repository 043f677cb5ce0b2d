"""The register in a real browser: by keyboard at the town hall, on a telephone in the heat."""

from pathlib import Path

from playwright.async_api import expect

from dispatcher.ciphers import Ring
from dispatcher.keys import ring
from dispatcher.store import vulnerable_looks
from dispatcher.store.ledger import Ledger
from dispatcher.vulnerable import agents
from dispatcher.vulnerable.register import Register
from tests.browsing import PHONE, Visit, visit
from tests.consoles import served
from tests.crises import MAYOR
from tests.registers import DOORS, PARIS, know_doors
from tests.situations import COMMUNE, add_user, office

pytest_plugins = ("tests.console_visits",)


async def unsound(seen: Visit) -> list[str]:
    """Return what is wrong with the page on the screen."""
    wide = await seen.overflow_px()
    return [*await seen.faults(), *([f"{wide} px too wide"] if wide else []), *seen.problems]


async def test_a_daughter_s_request_is_enrolled_and_her_mother_is_reached_in_the_heat(
    chromium: Path, town: Ledger, tmp_path: Path
) -> None:
    await know_doors(town, DOORS)
    await add_user(town, "maire", "dos", "Hélène Vasseur")
    await add_user(town, "ccas", "operator", "Chloé Caron")
    found = Register(office(town), Ring(ring(tmp_path, "vulnerable")), PARIS)
    await agents.name(found, "ccas", actor=MAYOR)
    faults = []
    async with served(tmp_path) as url:
        async with visit(chromium, url) as seen:
            await seen.sign_in("ccas")
            await _enrol_by_keyboard(seen)
            faults.append(await unsound(seen))
            await seen.page.get_by_role("link", name="Ouvrir la demande n° 1").press("Enter")
            await expect(seen.page.locator("main")).to_contain_text("Léa Maréchal")
            await expect(seen.page.locator("main")).not_to_contain_text("99 00 01 02")
            await seen.page.get_by_label("Remise").select_option("post")
            await seen.page.get_by_role("button", name="Noter qu'elle est remise").press("Enter")
            await expect(seen.page.locator("main")).to_contain_text("Tous sont remis")
        async with visit(chromium, url) as seen:
            await seen.sign_in("maire")
            await _open(seen)
        async with visit(chromium, url, color_scheme="dark") as seen:
            await seen.resize(PHONE)
            await seen.sign_in("ccas")
            await _reach(seen)
            faults.append(await unsound(seen))
    assert faults == [[], []]
    looks = await vulnerable_looks.journal_of(town, COMMUNE)
    assert [one.what for one in reversed(looks)] == [
        "card", "list", "card", "numbers", "list"
    ]  # fmt: skip


async def _enrol_by_keyboard(seen: Visit) -> None:
    """Fill the form in its own order, by the Tab key alone."""
    await seen.open("/registre/inscrire")
    await seen.page.get_by_label("Nom de famille").focus()
    typed = (
        "Maréchal", "Léa", "02/05/1938", "65", "12 rue de la Sérolle", "01 99 00 01 02", "", "", "",
        "", "Ana Lopez", "06 39 98 01 03", "enfant", "Un tiers", "", "Ana Lopez", "06 39 98 01 03",
        "enfant",
    )  # fmt: skip
    for one in typed:
        if one:
            await seen.page.keyboard.type(one)
        await seen.page.keyboard.press("Tab")
    await expect(seen.page.get_by_role("button", name="Inscrire")).to_be_focused()
    await seen.page.keyboard.press("Enter")
    await expect(seen.page.get_by_role("status")).to_contain_text("demande n° 1")


async def _open(seen: Visit) -> None:
    """Open the register on the prefect's message."""
    await seen.open("/registre")
    await seen.page.get_by_label("Message du préfet").fill("14 h 10, message n° 3")
    await seen.page.get_by_role("button", name="Ouvrir le registre").click()
    await expect(seen.page.locator("main")).to_contain_text("Le registre est ouvert")


async def _reach(seen: Visit) -> None:
    """Find her on the list, see her number, note that she is well."""
    await seen.open("/registre")
    await seen.page.get_by_role("link", name="La liste par secteur").click()
    await expect(seen.page.locator("main")).to_contain_text("1 à joindre")
    await seen.page.get_by_role("link", name="Léa Maréchal").click()
    await seen.page.get_by_role("button", name="Montrer les numéros").click()
    await expect(seen.page.locator("#numeros")).to_contain_text("+33 1 99 00 01 02")
    await seen.page.get_by_role("button", name="Va bien").click()
    await expect(seen.page.locator("main")).to_contain_text("0 à joindre")
