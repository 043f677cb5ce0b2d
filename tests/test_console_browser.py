"""The console in a real browser: drawn, live, readable, reachable by keyboard, and quiet."""

import gzip
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.delivery.content import Texts
from dispatcher.store.ledger import Ledger
from dispatcher.store.situation import progress
from tests.browsing import DESK, PHONE, TABLET, visit
from tests.consoles import served
from tests.situations import (
    COMMUNE,
    Planned,
    Written,
    add_user,
    answer,
    move,
    write_alert,
)

pytest_plugins = ("tests.console_visits",)

LINES = (
    ("sms", "delivered", 70),
    ("sms", "accepted", 18),
    ("sms", "ready", 16),
    ("voice", "failed", 4),
    ("email", "accepted", 41),
)
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
AFTER_S = 15_000


@pytest.fixture
async def crisis(town: Ledger) -> Written:
    """Write an alert under way, with answers."""
    written = await write_alert(town, Planned(lines=LINES, unreachable={"no_contact": 3}))
    await answer(town, written.deliveries[0], "understood")
    await answer(town, written.deliveries[1], "help")
    return written


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the town's console."""
    async with served(tmp_path) as address:
        yield address


async def test_the_map_is_drawn_and_its_layers_obey_the_keyboard(
    chromium: Path, url: str, crisis: Written
) -> None:
    async with visit(chromium, url) as seen:
        await seen.resize(DESK)
        async with seen.page.expect_response("**/carte/equipes.geojson"):
            await seen.sign_in()
        await seen.page.wait_for_selector(".map[data-drawn]")
        canvas = seen.page.locator(".map canvas.maplibregl-canvas")
        drawn = await seen.colours(canvas)
        for box in await seen.page.locator("[data-map-layer]").all():
            await box.focus()
            await seen.page.keyboard.press("Space")
            await expect(box).not_to_be_checked()
        await seen.page.wait_for_timeout(500)
        bare = await seen.colours(canvas)
        assert seen.problems == []
    assert drawn > 200
    assert bare < drawn / 1.5


async def test_figures_move_when_the_ledger_does_without_a_reload(
    chromium: Path, url: str, town: Ledger, crisis: Written
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        figure = seen.page.locator("[data-figures=messages] div", has_text="remis").locator("dd")
        await expect(figure.first).to_have_text("70")
        await expect(seen.page.locator("[data-live-state]")).to_have_text("En direct")
        await move(town, crisis, to="delivered", first=88)
        await expect(figure.first).to_have_text("88", timeout=AFTER_S)
        await answer(town, crisis.deliveries[2], "help")
        await expect(seen.page.locator(".help")).to_contain_text("2", timeout=AFTER_S)
        assert seen.problems == []


async def test_a_cut_line_is_said_and_figures_are_not_passed_off_as_live(
    chromium: Path, tmp_path: Path, url: str, crisis: Written
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        pill = seen.page.locator("[data-live-state]")
        await expect(pill).to_have_text("En direct")
        os.kill(int((tmp_path / "console.pid").read_text("utf-8")), signal.SIGTERM)
        await expect(pill).to_have_text("Liaison coupée : chiffres figés", timeout=AFTER_S)


async def test_a_server_that_stands_still_is_told_within_seconds_and_forgiven_when_it_goes_on(
    chromium: Path, tmp_path: Path, url: str, crisis: Written
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        pill = seen.page.locator("[data-live-state]")
        await expect(pill).to_have_text("En direct")
        server = int((tmp_path / "console.pid").read_text("utf-8"))
        os.kill(server, signal.SIGSTOP)  # nothing is closed: only silence tells
        try:
            await expect(pill).to_have_text("Liaison coupée : chiffres figés", timeout=15_000)
        finally:
            os.kill(server, signal.SIGCONT)
        await expect(pill).to_have_text("En direct", timeout=15_000)


@pytest.mark.alone("a lost network is told within a second")
async def test_a_screen_that_loses_its_network_says_so_at_once(
    chromium: Path, url: str, crisis: Written
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        pill = seen.page.locator("[data-live-state]")
        await expect(pill).to_have_text("En direct")
        await expect(seen.page.locator("html")).to_have_attribute("data-line", "on")  # heard once
        said = await seen.page.evaluate(  # at once: the server's next word may come right after
            """() => {
              window.dispatchEvent(new Event("offline"));
              return document.querySelector("[data-live-state]").textContent;
            }"""
        )
        assert said == "Liaison coupée : chiffres figés"


@pytest.mark.parametrize("scheme", ["dark"])
async def test_every_page_fits_every_screen_and_can_be_read_by_all(
    chromium: Path, url: str, crisis: Written, scheme: str
) -> None:
    token = crisis.tokens[crisis.deliveries[5]]
    paths = [
        *("/", "/console/alertes", f"/console/alertes/{crisis.alert_id}", "/console/bac-a-sable"),
        *(f"/a/{token}", f"/a/{token}?lang=en"),
    ]
    faults: dict[str, object] = {}
    async with visit(chromium, url, color_scheme=scheme) as seen:
        await seen.open("/connexion")
        if found := await seen.faults():
            faults["/connexion"] = found
        await seen.sign_in()
        for path in paths:
            await seen.open(path)
            for size in (DESK, TABLET, PHONE):
                await seen.resize(size)
                if wide := await seen.overflow_px():
                    faults[f"{path} at {size[0]} px"] = wide
            for twin in await seen.page.locator("details:not([open]) > summary").all():
                await twin.click()
            if found := await seen.faults():
                faults[path] = found
        assert seen.problems == []
    assert faults == {}


async def test_hostile_words_run_nothing(chromium: Path, url: str, town: Ledger) -> None:
    bad = Texts(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    written = await write_alert(
        town,
        Planned(title=HOSTILE, issuer=HOSTILE, texts={"fr": bad}, lines=(("sms", "ready", 1),)),
    )
    await add_user(town, login="mallory", name=HOSTILE)
    (token,) = written.tokens.values()
    async with visit(chromium, url) as seen:
        await seen.sign_in("mallory")
        await seen.page.wait_for_selector(".map[data-drawn]")
        await move(town, written, to="delivered", first=1)  # the same words by the stream
        await expect(seen.page.locator("[data-medium=sms] td").nth(2)).to_have_text(
            "1", timeout=AFTER_S
        )
        for path in (f"/console/alertes/{written.alert_id}", f"/a/{token}"):
            await seen.open(path)
        assert await seen.page.locator("h1").inner_text() == HOSTILE
        assert seen.problems == []


async def test_the_console_serves_without_any_script(
    chromium: Path, url: str, crisis: Written
) -> None:
    async with visit(chromium, url, java_script_enabled=False) as seen:
        await seen.open("/connexion")
        await seen.page.fill("[name=login]", "rac")
        await seen.page.fill("[name=password]", "quatre mots sans rapport")
        await seen.page.click("button.primary")
        await expect(seen.page.locator("[data-figures=people]")).to_contain_text("152")
        await seen.page.locator("details.twin summary").click()
        await expect(
            seen.page.get_by_role("rowheader", name="Bas-Bourg", exact=True)
        ).to_be_visible()


async def test_a_resident_answers_on_her_phone(
    chromium: Path, url: str, town: Ledger, crisis: Written
) -> None:
    before = await progress(town, COMMUNE, crisis.version_id)
    async with visit(chromium, url) as seen:
        await seen.resize(PHONE)
        await seen.open(f"/a/{crisis.tokens[crisis.deliveries[9]]}")
        button = seen.page.get_by_role("button", name="J'ai besoin d'aide")
        box = await button.bounding_box()
        assert box is not None
        assert box["height"] >= 80
        assert box["width"] >= 340
        await button.click()
        await expect(seen.page.get_by_role("status")).to_contain_text("a votre demande d'aide")
        assert seen.problems == []
    after = await progress(town, COMMUNE, crisis.version_id)
    assert after.need_help == before.need_help + 1


async def test_the_keyboard_reaches_everything_in_order(
    chromium: Path, url: str, crisis: Written
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.page.wait_for_selector(".map[data-drawn]")
        reached = []
        for _ in range(40):
            await seen.page.keyboard.press("Tab")
            reached.append(await seen.page.evaluate(FOCUSED))
    assert reached[0] == "Aller au contenu"
    order = ["English", "Se déconnecter", "Situation", "Alertes", "Bac à sable", "canvas"]
    places = [reached.index(one) for one in order]
    assert places == sorted(places)
    assert "La carte en tableaux" in reached


FOCUSED = """document.activeElement.tagName === "CANVAS" ? "canvas"
  : document.activeElement.innerText.trim()"""


def test_the_first_screen_asks_for_little_script() -> None:
    static = Path(__file__).parents[1] / "operator_ui" / "static"
    (script,) = static.glob("console-*.js")  # the map comes later, where there is one
    assert len(gzip.compress(script.read_bytes())) <= 40_000
