"""Following an alert in a real browser: sound, summary on a key, keyboard alone, the wall."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from dispatcher.store import help_calls
from dispatcher.store.following_tables import help_calls as rows
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.receipts import record_answer
from tests.browsing import DESK, PHONE, TABLET, Visit, visit
from tests.consoles import served
from tests.keyring import sent_to
from tests.situations import COMMUNE, Planned, Written, write_alert

pytest_plugins = ("tests.console_visits",)

LINES = (
    ("sms", "delivered", 60),
    ("sms", "accepted", 9),
    ("sms", "ready", 6),
    ("voice", "failed", 2),
)
AFTER = 15_000
WALLS = ((1920, 1080), (3840, 2160), (1280, 720))


@pytest.fixture
async def alert(town: Ledger) -> Written:
    """Write an alert under way with one call for help that has waited for four minutes."""
    written = await write_alert(town, Planned(lines=LINES, unreachable={"no_contact": 3}))
    await cries(town, written, 1)
    async with town.writing() as connection:
        await connection.execute(update(rows).values(came_at=rows.c.came_at - 240))
    return written


async def cries(town: Ledger, written: Written, number: int) -> None:
    ident = written.deliveries[number]
    await record_answer(town, commune=COMMUNE, delivery_id=ident, kind="help", via="page")


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the town's console."""
    async with served(tmp_path) as address:
        yield address


async def test_the_sound_is_off_until_somebody_turns_it_on_and_then_rings_for_a_late_call(
    chromium: Path, url: str, alert: Written
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        button, state = seen.page.locator("[data-sound]"), seen.page.locator("[data-sound-state]")
        await expect(state).to_contain_text("Son coupé")
        rang = "document.documentElement.dataset.rang ?? '0'"
        await seen.page.wait_for_timeout(6_500)
        assert await seen.page.evaluate(rang) == "0"
        await button.focus()
        await seen.page.keyboard.press("Enter")
        await expect(state).to_contain_text("Son actif")
        await expect(button).to_have_attribute("aria-pressed", "true")
        await seen.page.wait_for_function(f"Number({rang}) > 0")
        await button.click()
        await expect(state).to_contain_text("Son coupé")
        assert seen.problems == []


async def test_taking_a_call_by_keyboard_alone_silences_it(
    chromium: Path, url: str, town: Ledger, alert: Written
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.page.locator("[data-sound]").press("Enter")
        await seen.page.get_by_role("button", name="Je m'en occupe").press("Enter")
        await expect(seen.page.get_by_role("link", name="Rappeler le")).to_be_visible()
        await seen.page.get_by_role("button", name="Équipe envoyée").press("Enter")
        await expect(seen.page.get_by_text("Aucune demande d'aide n'attend.")).to_be_visible()
        await seen.open("/")
        await expect(seen.page.locator(".following-help")).to_have_count(0)
        assert seen.problems == []
    assert await help_calls.open_calls(town, COMMUNE) == []


@pytest.mark.alone("a screen is told within three seconds")
async def test_a_new_call_comes_to_the_top_without_a_reload_and_is_assertive(
    chromium: Path, url: str, town: Ledger, alert: Written
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await expect(seen.page.locator("[data-live-state]")).to_have_text("En direct")
        began = time.monotonic()
        await cries(town, alert, 2)
        title = seen.page.locator("#t-aide")
        await expect(title).to_contain_text("2 demandes d'aide", timeout=AFTER)
        assert time.monotonic() - began < 3.0
        urgent = seen.page.locator("main [role=alert], main [aria-live=assertive]")
        await expect(urgent).to_have_count(1)  # one call is announced once
        await expect(seen.page.locator(".following-help [role=alert]")).to_contain_text("2 sans")
        loud = seen.page.locator(
            "[data-live][aria-live], .figures [aria-live], [data-live] [role=status]"
        )
        await expect(loud).to_have_count(0)  # figures that move are no live region
        assert seen.problems == []


@pytest.mark.alone("distress is told within three seconds")
async def test_the_summary_is_said_at_most_every_thirty_seconds_and_distress_at_once(
    chromium: Path, url: str, town: Ledger, alert: Written
) -> None:
    async with visit(chromium, url) as seen:
        await seen.page.clock.install()
        await seen.sign_in()
        said = seen.page.locator("[data-summary-said]")
        await expect(seen.page.locator("[data-live-state]")).to_have_text("En direct")
        shown_ms = await seen.page.evaluate("Date.now()")
        later = datetime.fromtimestamp(shown_ms / 1000 + 65, UTC)
        await seen.page.clock.pause_at(later)  # from here on it is told, however slow the machine
        assert await said.text_content() == ""  # nobody asked
        heard = []
        for after_ms in (0, 1_000, 28_000, 1_500, 29_000, 1_500):
            await seen.page.clock.fast_forward(after_ms)
            await seen.page.keyboard.press("Alt+r")
            heard.append("messages remis" in (await said.text_content() or ""))
        assert heard == [True, False, False, True, False, True]
        await seen.page.clock.resume()
        await cries(town, alert, 2)  # less than 30 s after the last word
        await expect(seen.page.locator(".following-help [role=alert]")).to_contain_text(
            "2 sans", timeout=3_000
        )
        assert seen.problems == []


async def fits(seen: Visit) -> bool:
    whole: bool = await seen.page.evaluate(
        "[...document.querySelectorAll('.following-wall .card')].every(one =>"
        " one.scrollHeight <= one.clientHeight + 1 && one.scrollWidth <= one.clientWidth + 1)"
        " && document.documentElement.scrollHeight <= innerHeight"
    )
    return whole


@pytest.mark.parametrize("scheme", ["dark"])
async def test_the_wall_fits_its_screen_has_nothing_to_press_and_axe_finds_nothing(
    chromium: Path, url: str, alert: Written, scheme: str
) -> None:
    async with visit(chromium, url, color_scheme=scheme) as seen:
        await seen.sign_in()
        await seen.open("/console/mur")
        await expect(seen.page.locator("[data-live-state]")).to_have_text("En direct")
        for size in WALLS:
            await seen.resize(size)
            assert await seen.overflow_px() == 0
            assert await fits(seen), size
            figure = await seen.page.locator(".big dd").first.evaluate("one => one.offsetHeight")
            assert figure > size[1] * 0.07  # of the height: read at four metres
        assert await seen.page.locator("form, input, main button").count() == 0
        assert await seen.faults() == []
        assert seen.problems == []


async def test_the_pages_of_following_are_sound_on_every_screen(
    chromium: Path, url: str, town: Ledger, alert: Written
) -> None:
    (call,) = await help_calls.open_calls(town, COMMUNE)
    at = f"/console/alertes/{alert.alert_id}"
    pages = ("/console/aide", f"/console/aide/{call.call_id}", f"{at}/fausse-alerte",
             f"{at}/arreter", f"{at}/fin", f"{at}/non-joints", "/")  # fmt: skip
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        for path in pages:
            await seen.open(path)
            for size in (DESK, TABLET, PHONE):
                await seen.resize(size)
                assert await seen.overflow_px() == 0, (path, size)
            faults = [one for one in await seen.faults() if "mode-band" not in one]
            assert faults == [], path
        assert seen.problems == []


async def test_on_a_telephone_help_comes_before_decisions_and_these_before_figures(
    chromium: Path, url: str, alert: Written
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.resize(PHONE)
        tops: list[float] = await seen.page.evaluate(
            "['.following-help', '#evenement', '#live', '.map'].map(place =>"
            " document.querySelector(place).getBoundingClientRect().top)"
        )
        assert tops == sorted(tops)


async def test_a_long_address_to_write_back_to_fits_on_a_telephone(
    chromium: Path, url: str, town: Ledger, alert: Written
) -> None:
    ident = alert.deliveries[1]
    long = sent_to(COMMUNE, ident, "jeanfrancois.delatourdupin.1958@courriel.example")
    async with town.writing() as connection:
        this = update(deliveries).where(deliveries.c.delivery_id == ident)
        await connection.execute(this.values(**long))
    (call,) = await help_calls.open_calls(town, COMMUNE)
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.open(f"/console/aide/{call.call_id}")
        await seen.resize(PHONE)
        await expect(seen.page.locator("a.danger")).to_contain_text("courriel.example")
        assert await seen.overflow_px() == 0
