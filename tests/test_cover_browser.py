"""The cover in a real browser: three screens, two themes, two languages, by keyboard."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.store.ledger import Ledger
from tests.addressed_town import put_addresses
from tests.browsing import DESK, PHONE, TABLET, visit
from tests.consoles import served
from tests.covered_town import lives, settle
from tests.example_commune import address_rows

pytest_plugins = ("tests.console_visits",)
HERE = "/habitants/couverture"
WORDS = {
    "fr": ("Couverture : qui serait averti", "Sans contact confirmé"),
    "en": ("Cover: who would be warned", "Without a confirmed contact"),
}


@pytest.mark.parametrize(("language", "scheme"), [("fr", "light"), ("en", "dark")])
async def test_the_cover_fits_every_screen_can_be_read_by_all_and_is_sorted_by_a_key(
    chromium: Path, town: Ledger, tmp_path: Path, language: str, scheme: str
) -> None:
    await put_addresses(town)
    rows = address_rows()
    covered = [
        lives(at, f"{row['numero']} {row['voie_nom']}") for at, row in enumerate(rows) if at % 3
    ]
    for start in range(0, len(covered), 500):
        await settle(town, covered[start : start + 500])
    title, column = WORDS[language]
    faults: dict[str, object] = {}
    async with served(tmp_path) as url, visit(chromium, url, color_scheme=scheme) as seen:
        await seen.sign_in()
        await seen.open(f"{HERE}?lang={language}")
        await expect(seen.page.get_by_role("heading", level=2, name=title)).to_be_visible()
        await expect(seen.page.locator(".map[data-drawn]")).to_be_visible()
        assert await seen.colours(seen.page.locator(".map canvas")) > 20
        for size in (DESK, TABLET, PHONE):
            await seen.resize(size)
            if wide := await seen.overflow_px():
                faults[f"{size[0]} px"] = wide
            if broken := await seen.faults():
                faults[f"axe at {size[0]} px"] = broken
        await seen.resize(DESK)
        await seen.page.get_by_role("link", name=column).press("Enter")
        sorted_by = seen.page.get_by_role("columnheader", name=column).first
        await expect(sorted_by).to_have_attribute("aria-sort", "descending")
        assert seen.problems == []
    assert faults == {}
