"""Pages with passkeys on every screen: they fit, can be read by all, and have big targets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.store.ledger import Ledger
from tests.browsing import DESK, PHONE, TABLET, Visit, visit
from tests.consoles import served
from tests.pocket_keys import add, device, sign_out

pytest_plugins = ("tests.console_visits",)
LONG = "Téléphone d'astreinte de la cellule de crise, au PCC, bureau 12"
SMALL = """[...document.querySelectorAll("main :is(button, summary, input:not([type=hidden]))")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
  .map((one) => one.outerHTML.slice(0, 80))"""


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the town's console at the one host name that browsers trust without https."""
    async with served(tmp_path) as address:
        yield address.replace("127.0.0.1", "localhost")


async def faults_of(seen: Visit) -> list[object]:
    """Return what is wrong with the page that is open, every part of it unfolded."""
    await expect(seen.page.locator("button.key")).to_be_visible()
    for summary in await seen.page.locator("details > summary").all():
        await summary.click()
    found: list[object] = []
    for size in (DESK, TABLET, PHONE):
        await seen.resize(size)
        found += [(size, one) for one in (await seen.overflow_px(),) if one]
        found += [(size, one) for one in await seen.page.evaluate(SMALL)]
    return found + list(await seen.faults())


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_of_keys_fit_every_screen_and_can_be_read_by_all(
    chromium: Path, url: str, scheme: str
) -> None:
    faults: dict[str, object] = {}
    async with visit(chromium, url, color_scheme=scheme) as seen:
        phone = await device(seen)
        await seen.sign_in()
        await add(seen, phone, LONG)
        for path in ("/compte/cles", "/compte/cles?lang=en", "/confirmer?lang=fr"):
            await seen.open(path)
            faults[path] = await faults_of(seen)
        await sign_out(seen)
        faults["/connexion"] = await faults_of(seen)
        assert seen.problems == []
    assert {path: found for path, found in faults.items() if found} == {}
