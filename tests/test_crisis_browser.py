"""A crisis in a real browser: three screens, two themes, the keyboard alone, no script, live."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.crisis import opening, relief
from dispatcher.store.crises import Event, open_event_of
from dispatcher.store.ledger import Ledger
from tests.browsing import DESK, PHONE, TABLET, visit
from tests.called_people import answer_call, turned
from tests.consoles import served
from tests.crises import CALL_FROM, MAYOR, OPERATOR, activated, by
from tests.situations import COMMUNE, add_user, office

pytest_plugins = ("tests.console_visits",)

AFTER_S = 15_000


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the town's console; the mayor has access to it."""
    await add_user(town, "maire", "dos", "Hélène Vasseur")
    async with served(tmp_path) as address:
        yield address


@pytest.fixture
async def crisis(town: Ledger) -> Event:
    """Activate the plan: some come, one cannot, the RAC is relieved."""
    desk = office(town)
    event = await activated(desk)
    await answer_call(town, event, {"contact:dgs": "coming", "contact:ccas": "unable"})
    await turned(town)
    for holder in ("contact:dgs", "contact:dst"):
        await relief.hold(desk, event.event_id, "RAC", holder=holder, asked=by(MAYOR))
    return event


@pytest.mark.parametrize("scheme", ["dark"])
async def test_every_page_of_a_crisis_fits_every_screen_and_can_be_read_by_all(
    chromium: Path, url: str, crisis: Event, scheme: str
) -> None:
    here = f"/evenements/{crisis.event_id}"
    paths = [
        *("/", "/evenements", here, "/evenements/alerte-recue", "/evenements/ouvrir"),
        *(f"{here}/phase", f"{here}/niveau", f"{here}/prefet", f"{here}/lever"),
        *(f"{here}/fonctions/DOS", f"{here}/releve/3", f"{here}/taches/FA-CRUE/1"),
        f"{here}?lang=en",
    ]
    faults: dict[str, object] = {}
    async with visit(chromium, url, color_scheme=scheme) as seen:
        await seen.sign_in("maire")
        for path in paths:
            await seen.open(path)
            for size in (DESK, TABLET, PHONE):
                await seen.resize(size)
                if wide := await seen.overflow_px():
                    faults[f"{path} at {size[0]} px"] = wide
            if found := await seen.faults():
                faults[path] = found
        assert seen.problems == []
    assert faults == {}


async def test_the_keyboard_alone_notes_an_alert_and_activates_the_plan(
    chromium: Path, url: str, town: Ledger
) -> None:
    async with visit(chromium, url) as seen:
        keyboard = seen.page.keyboard
        await seen.sign_in("maire")
        await seen.page.get_by_role("link", name="Alerte reçue").focus()
        await keyboard.press("Enter")
        await expect(seen.page.locator("[name=sender]")).to_be_focused()
        await keyboard.type("Préfecture")
        await keyboard.press("Tab")
        await keyboard.type("Crue de la Sérolle")
        await seen.page.get_by_role("button", name="Noter l'alerte").focus()
        await keyboard.press("Enter")
        await seen.page.wait_for_url("**/evenements/*")
        await seen.page.get_by_role("link", name="Activer le plan").focus()
        await keyboard.press("Enter")
        await seen.page.locator("[name=scenario]").focus()
        await keyboard.type("Crue cent")
        await seen.page.get_by_role("button", name="Activer le plan").focus()
        await keyboard.press("Enter")
        await expect(seen.page.locator("#t-FA-CRUE")).to_be_visible()
        await seen.page.locator("#t-FA-CRUE button[value=take]").first.focus()
        await keyboard.press("Enter")
        await expect(seen.page.locator("#t-FA-CRUE .task").first).to_contain_text("Hélène Vasseur")
        assert seen.problems == []
    event = await open_event_of(town, COMMUNE)
    assert event is not None
    assert (event.state, event.scenario) == ("active", "serolle_q100")


async def test_answers_and_tasks_come_to_the_screen_without_a_reload(
    chromium: Path, url: str, town: Ledger
) -> None:
    event = await activated(office(town))
    async with visit(chromium, url) as seen:
        await seen.sign_in("maire")
        await seen.open(f"/evenements/{event.event_id}")
        row = seen.page.locator("tr", has_text="Isabelle MARCHAL").first
        await expect(row).to_contain_text("On l'appelle")
        await answer_call(town, event, {"contact:dgs": "coming"})
        await expect(row).to_contain_text("Vient", timeout=AFTER_S)
        await seen.page.evaluate("window.stayed = true")
        await answer_call(town, event, {"contact:adj1": "unable"})
        await turned(town)
        refused = seen.page.locator("tr.unable", has_text="Bruno OUDOT")
        await expect(refused).to_contain_text("Ne peut pas venir", timeout=AFTER_S)
        assert await seen.page.evaluate("window.stayed")
        # What the stream of parts brought still acts: its forms carry this session's token.
        async with seen.page.expect_response("**/vivant?part=taches*"):
            pass
        await seen.page.locator("#t-FA-CRUE button[value=take]").first.click()
        await expect(seen.page.locator("#t-FA-CRUE .task").first).to_contain_text("Hélène Vasseur")
        assert seen.problems == []


async def test_a_crisis_is_led_without_any_script(chromium: Path, url: str, town: Ledger) -> None:
    event = await opening.receive(office(town), CALL_FROM, asked=by(OPERATOR))
    async with visit(chromium, url, java_script_enabled=False) as seen:
        await seen.open("/connexion")
        await seen.page.fill("[name=login]", "maire")
        await seen.page.fill("[name=password]", "quatre mots sans rapport")
        await seen.page.click("button.primary")
        await seen.page.get_by_role("link", name="Conduire l'événement").click()
        await seen.page.get_by_role("button", name="J'évalue").click()
        await expect(seen.page.locator("#vivant")).to_contain_text("En évaluation")
        await seen.page.get_by_role("link", name="Classer sans suite").click()
        await seen.page.fill("[name=reason]", "le niveau baisse")
        await seen.page.get_by_role("button", name="Classer sans suite").click()
        await expect(seen.page.locator("#vivant")).to_contain_text("Sans suite")
    assert await open_event_of(town, COMMUNE) is None
    assert event.title == "Alerte reçue de Préfecture de la Haute-Marne"


async def test_the_big_buttons_are_big_on_a_phone(chromium: Path, url: str, town: Ledger) -> None:
    async with visit(chromium, url) as seen:
        await seen.resize(PHONE)
        await seen.sign_in("maire")
        for name in ("Alerte reçue", "Ouvrir un événement"):
            box = await seen.page.get_by_role("link", name=name).bounding_box()
            assert box is not None
            assert box["height"] >= 80
            assert box["width"] >= 300
            assert box["y"] < 844  # seen without scrolling
    assert await open_event_of(town, COMMUNE) is None
