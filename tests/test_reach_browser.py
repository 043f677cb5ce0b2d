"""The reach step, the other means and the FR-Alert sheet in a real browser, on three screens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.alerts import sketching
from dispatcher.crisis.means import means_of
from dispatcher.store.ledger import Ledger
from tests.browsing import DESK, PHONE, TABLET, visit
from tests.consoles import served
from tests.peopled_town import people_the_town
from tests.situations import office
from tests.written_alerts import begun, launched

pytest_plugins = ("tests.console_visits",)


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the town's console, its people at home."""
    await people_the_town(town)
    async with served(tmp_path) as address:
        yield address


@pytest.mark.parametrize("scheme", ["dark"])
async def test_every_page_fits_every_screen_and_can_be_read_by_all(
    chromium: Path, url: str, town: Ledger, scheme: str
) -> None:
    draft, drill = await begun(town), await begun(town, mode="exercise")
    alert = await launched(town, "siren", "fr_alert", "plan:megaphones")
    paths = (
        f"/console/alertes/{draft}/portee",
        f"/console/alertes/{draft}/portee?lang=en",
        f"/console/alertes/{drill}/portee",
        f"/console/alertes/{alert}/moyens",
        f"/console/alertes/{alert}/fr-alert",
    )
    faults: dict[str, object] = {}
    async with visit(chromium, url, color_scheme=scheme) as seen:
        await seen.sign_in()
        for path in paths:
            await seen.open(path)
            for size in (DESK, TABLET, PHONE):
                await seen.resize(size)
                if wide := await seen.overflow_px():
                    faults[f"{path} {size}"] = wide
            if found := await seen.faults():
                faults[path] = found
        assert faults == {}
        assert seen.problems == []


async def test_the_numbers_follow_what_is_ticked_and_the_keyboard_alone_keeps_it(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await begun(town)
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.open(f"/console/alertes/{alert}/portee")
        facts = seen.page.locator("#chiffres .reach-facts").first
        await expect(facts).to_contain_text("SMS")
        await seen.page.locator("[name=media][value=sms]").focus()
        await seen.page.keyboard.press("Space")
        await expect(facts).not_to_contain_text("SMS")
        await seen.page.locator("[name=means][value=siren]").focus()
        await seen.page.keyboard.press("Space")
        await seen.page.locator("[name=next] ~ button").focus()
        await seen.page.keyboard.press("Enter")
        await expect(seen.page.locator("[name=means][value=siren]")).to_be_checked()
        await expect(seen.page.locator("[name=media][value=sms]")).not_to_be_checked()
        assert seen.problems == []
    chosen = (await sketching.sketch_of(office(town), alert)).chosen
    assert chosen.means == ("siren",)
    assert "sms" not in chosen.media


async def test_without_a_script_everything_is_done_all_the_same(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await launched(town, "siren")
    async with visit(chromium, url, java_script_enabled=False) as seen:
        await seen.open("/connexion")
        await seen.page.fill("[name=login]", "rac")
        await seen.page.fill("[name=password]", "quatre mots sans rapport")
        await seen.page.locator("[name=password]").press("Enter")
        await seen.open(f"/console/alertes/{alert}/moyens")
        await seen.page.fill("[name=reason]", "entendue jusqu'au pont")
        await seen.page.locator("button[value=done]").click()
        await expect(seen.page.locator("#m-1")).to_contain_text("entendue jusqu'au pont")
    assert (await means_of(office(town), alert)).open == 0
