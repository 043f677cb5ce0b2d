"""The pages of the law at work, on a telephone and a desk, light and dark, by keyboard."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.privacy.opening import agree, ask
from dispatcher.privacy.purging import purge
from dispatcher.store.ledger import Ledger
from tests.browsing import DESK, PHONE, visit
from tests.consoles import served
from tests.law import DPO, MAYOR, asked, later, sealed_alert
from tests.outgoing import LOGBOOK_KEY, phone
from tests.situations import add_user, office

pytest_plugins = ("tests.console_visits",)


@pytest.fixture(autouse=True)
def _own_key(tmp_path: Path) -> None:
    """Let the console hold the key that the evidence of tests is made with."""
    path = tmp_path / "keys" / "logbook"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(LOGBOOK_KEY)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_number_is_looked_up_by_keyboard_and_the_pages_can_be_read(
    chromium: Path, tmp_path: Path, town: Ledger, size: tuple[int, int], scheme: str
) -> None:
    await sealed_alert(town)
    await purge(later(town, 366))
    await add_user(town, "dpd", "dpo", "Inès Garnier")
    why = {"reason": "Une famille dit n'avoir rien reçu", "reference": "Réquisition n° 12"}
    await ask(office(town), **why, asked=asked(MAYOR, "waits"))
    ident = await ask(office(town), **why, asked=asked(DPO, "open"))
    await agree(office(town), ident, actor=MAYOR)
    async with served(tmp_path) as url, visit(chromium, url, color_scheme=scheme) as seen:
        await seen.resize(size)
        await seen.sign_in("dpd")
        await seen.open("/donnees")
        await seen.page.screenshot(path=tmp_path / "donnees.png", full_page=True)
        assert (await seen.overflow_px(), await seen.faults()) == (0, [])
        await seen.open("/donnees/preuve")
        field = seen.page.get_by_label("Numéro ou adresse e-mail, en entier")
        await field.focus()
        await seen.page.keyboard.type(phone(3))
        await seen.page.keyboard.press("Enter")
        await expect(seen.page.locator("#trouve")).to_contain_text("Crue de la Lerne")
        await seen.page.screenshot(path=tmp_path / "preuve.png", full_page=True)
        assert (await seen.overflow_px(), await seen.faults()) == (0, [])
        await seen.open("/donnees/preuve?lang=en")
        await expect(seen.page.get_by_role("heading", name="Open by two people")).to_be_visible()
        assert seen.problems == []
