"""A decision in a real browser: on a phone, by the keyboard alone, while something runs out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from dispatcher.alerts import judging, life, sketching
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketching import Start
from dispatcher.crisis import overriding
from dispatcher.crisis.overriding import Emergency
from dispatcher.store import overrides
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from tests.browsing import DESK, PHONE, TABLET, visit
from tests.consoles import served
from tests.crises import MAYOR, OPERATOR
from tests.peopled import people_in
from tests.situations import COMMUNE, add_user, office

pytest_plugins = ("tests.console_visits",)
CHOSEN = Chosen(template="fin_alerte", sectors=("bas_bourg",), hours=2.0, night_confirmed=True)
DANGER = Emergency("danger_immediat", ("bas_bourg",), "La digue vient de céder")
AFTER_S = 15_000


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the town's console: 27 people in the Bas-Bourg, a mayor, a clerk."""
    await people_in(town, 23)
    await add_user(town, "maire", "dos", "Hélène Vasseur")
    await add_user(town, "etat_civil", "operator", "Odile Perrin")
    async with served(tmp_path) as address:
        yield address


async def submitted(town: Ledger) -> str:
    """Write an alert and submit it."""
    desk = office(town)
    alert = await sketching.begin(desk, Start(chosen=CHOSEN), actor=OPERATOR)
    await sketching.freeze(desk, alert, revision=1, actor=OPERATOR)
    await life.submit(desk, alert, actor=OPERATOR)
    return alert


@pytest.mark.parametrize("scheme", ["dark"])
async def test_every_state_of_a_decision_fits_every_screen_and_can_be_read_by_all(
    chromium: Path, url: str, town: Ledger, scheme: str
) -> None:
    desk = office(town)
    waits, approved, returned = [await submitted(town) for _ in range(3)]
    await life.approve(desk, approved, actor=MAYOR)
    await judging.send_back(desk, returned, actor=MAYOR, reason="Le gymnase est fermé")
    lacks = await sketching.begin(desk, Start(), actor=OPERATOR)
    await overriding.hold(desk, DANGER, actor=MAYOR)
    states = [f"/console/alertes/{one}/decision" for one in (waits, approved, returned, lacks)]
    faults: dict[str, object] = {}
    for login, more in (("etat_civil", ()), ("maire", ("/console/urgence",))):
        async with visit(chromium, url, color_scheme=scheme) as seen:
            await seen.sign_in(login)
            for path in (*states, *more):
                await seen.open(path)
                for size in (DESK, TABLET, PHONE):
                    await seen.resize(size)
                    if wide := await seen.overflow_px():
                        faults[f"{path} at {size[0]} px"] = wide
                if found := await seen.faults():
                    faults[f"{login} {path}"] = found
            assert seen.problems == []
    assert faults == {}


async def test_by_the_keyboard_alone_on_a_phone_it_is_read_counted_approved_and_launched(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await submitted(town)
    async with visit(chromium, url) as seen:
        await seen.resize(PHONE)
        keyboard = seen.page.keyboard
        await seen.sign_in("maire")
        await seen.open(f"/console/alertes/{alert}/decision")
        await expect(seen.page.locator(".decision-words")).to_contain_text("Vingt-sept personnes")
        await seen.page.locator("#people").focus()
        await keyboard.type("27")
        await keyboard.press("Enter")  # a mere Enter sends nothing
        await seen.page.wait_for_timeout(500)
        assert (await life.find(office(town), alert)).state == "pending_approval"
        await keyboard.press("Tab")
        await expect(seen.page.get_by_text("Valider et lancer maintenant")).to_be_focused()
        await keyboard.press("Enter")
        await seen.page.wait_for_url(f"{url}/console/alertes/{alert}")
        assert seen.problems == []
    assert (await life.find(office(town), alert)).state == "launched"


async def test_the_half_hour_runs_out_before_the_eyes_and_is_said_politely(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await submitted(town)
    await life.approve(office(town), alert, actor=MAYOR)
    async with town.writing() as connection:  # 10 min and 2 s are left
        mine = versions.c.alert_id == alert
        earlier = versions.c.approved_at - (20 * 60 - 2)
        await connection.execute(update(versions).where(mine).values(approved_at=earlier))
    async with visit(chromium, url) as seen:
        await seen.sign_in("maire")
        await seen.open(f"/console/alertes/{alert}/decision")
        counted = seen.page.locator("#validite [data-count]")
        first = await counted.inner_text()
        said = seen.page.locator("#annonce")
        await expect(said).to_have_text("La validation vaut encore dix minutes.", timeout=AFTER_S)
        await expect(counted).not_to_have_text(first, timeout=AFTER_S)
        assert await said.get_attribute("role") == "status"


async def test_the_minute_of_an_emergency_is_on_a_page_that_was_open_before_and_is_stopped_there(
    chromium: Path, url: str, town: Ledger
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in("etat_civil")
        await seen.open("/main-courante")
        assert await seen.page.locator(".override").count() == 0
        alert = await overriding.hold(office(town), DANGER, actor=MAYOR)
        await expect(seen.page.locator(".override")).to_contain_text(
            "La digue vient de céder", timeout=AFTER_S
        )
        said = seen.page.locator("#urgence-dite")
        await expect(said).to_contain_text("soixante secondes", timeout=AFTER_S)
        assert await said.get_attribute("aria-live") == "assertive"
        await seen.page.locator(".override-stop").focus()
        await seen.page.keyboard.press("Enter")
        await seen.page.wait_for_url(f"{url}/console/alertes/{alert}")
        assert await seen.page.locator(".override").count() == 0
        assert seen.problems == []
    one = await overrides.override_of(town, COMMUNE, alert)
    assert one is not None
    assert (one.state, one.ended_by) == ("stopped", "etat_civil")
