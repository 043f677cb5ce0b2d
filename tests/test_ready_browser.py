"""« Prêt ? » in a real browser: three screens, two themes, the keyboard alone, no script."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.readiness import judging_people
from dispatcher.readiness.judging_machine import Copy, judge_backup, judge_clock, judge_disk
from dispatcher.readiness.lines import Line, unknown
from dispatcher.store import readiness
from dispatcher.store.ledger import Ledger
from tests.browsing import DESK, PHONE, TABLET, visit
from tests.consoles import served
from tests.situations import COMMUNE, add_user

pytest_plugins = ("tests.console_visits",)


def found() -> list[Line]:
    """Return lines of every state, as judges say them."""
    hers = [judging_people.Approver("Hélène Vasseur", phone=True, account=False)]
    return [
        *judging_people.judge_approvers(hers),
        judge_backup(Copy(wanted=False)),
        judging_people.judge_trial(None, now=0.0),
        unknown("tls", "Cette vérification n'a pas abouti.",
                "Vérifiez de nouveau ; si cela dure, regardez le journal du service."),
        judging_people.judge_cover(42, 100, sure=31),
        judge_disk(80 * 10**9, 100 * 10**9),
        judge_clock(0.01),
    ]  # fmt: skip


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the town's console; the mayor has access to it, and a round was gone."""
    await add_user(town, "maire", "dos", "Hélène Vasseur")
    await readiness.keep(town, COMMUNE, found())
    async with served(tmp_path) as address:
        yield address


@pytest.mark.parametrize("scheme", ["dark"])
async def test_it_fits_every_screen_and_can_be_read_by_all(
    chromium: Path, url: str, scheme: str
) -> None:
    faults: dict[str, object] = {}
    async with visit(chromium, url, color_scheme=scheme) as seen:
        await seen.sign_in("maire")
        for path in ("/pret", "/pret?lang=en"):
            await seen.open(path)
            for size in (DESK, TABLET, PHONE):
                await seen.resize(size)
                if wide := await seen.overflow_px():
                    faults[f"{path} at {size[0]} px"] = wide
                if broken := await seen.faults():
                    faults[f"{path} axe at {size[0]} px"] = broken
        assert seen.problems == []
    assert faults == {}


async def test_the_keyboard_alone_asks_to_go_live(chromium: Path, url: str) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in("maire")
        await seen.open("/pret")
        button = seen.page.get_by_role("button", name="Demander la mise en service")
        await button.focus()
        await seen.page.keyboard.press("Enter")
        await expect(seen.page.get_by_role("status")).to_contain_text("deuxième personne")
        assert seen.problems == []


async def test_a_page_that_waits_shows_the_round_when_it_is_done(
    chromium: Path, url: str, town: Ledger
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in("maire")
        await seen.open("/pret")
        await seen.page.get_by_role("button", name="Vérifier maintenant").click()
        await expect(seen.page.locator("#pret")).to_contain_text("Vérification en cours")
        assert await readiness.take(town, COMMUNE)
        await readiness.keep(town, COMMUNE, [judge_clock(0.01)])
        await expect(seen.page.locator(".ready-sentence")).to_have_text("Prêt", timeout=10_000)
        assert seen.problems == []


async def test_it_is_read_and_asked_for_without_script(
    chromium: Path, url: str, town: Ledger
) -> None:
    async with visit(chromium, url, java_script_enabled=False) as seen:
        await seen.page.goto(f"{url}/connexion?vers=/pret")
        await seen.sign_in("maire")
        await seen.page.goto(f"{url}/pret")
        await seen.page.get_by_role("button", name="Vérifier maintenant").click()
        await expect(seen.page.locator("#pret")).to_contain_text("Vérification en cours")
    assert (await readiness.round_of(town, COMMUNE)).waits
