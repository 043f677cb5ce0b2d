"""A team's phone in a real browser at 390 px: gloves, sun, no network for a while, distress."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect
from sqlalchemy import select

from dispatcher.store.ledger import Ledger
from dispatcher.store.phone_tables import team_links
from dispatcher.store.team_photos import photo_of, photos_of
from dispatcher.store.team_rows import ReportRow, timeline
from dispatcher.store.team_tables import team_alarms, team_trails
from dispatcher.teams.phone_links import revoke_links
from tests.browsing import PHONE, Visit, visit
from tests.consoles import served
from tests.phoned_teams import CHIEF, PhonedTeam, phoned_team
from tests.situations import COMMUNE, office

pytest_plugins = ("tests.console_visits",)
TEAM = "TERRAIN1"
HERE = {"latitude": 47.7803, "longitude": 5.0152, "accuracy": 12}
AWAY_S = 1.5  # at least this long between what is pressed without a network
PHOTO = """() => new Promise((resolve) => {
  const canvas = document.createElement("canvas");
  canvas.width = 3200; canvas.height = 2400;
  canvas.getContext("2d").fillRect(0, 0, 1600, 1200);
  canvas.toBlob(async (blob) => {
    const jpeg = new Uint8Array(await blob.arrayBuffer());
    const exif = new TextEncoder().encode("Exif\\0\\0GPS");
    const part = new Uint8Array([0xff, 0xe1, 0, exif.length + 2, ...exif]);
    const whole = new File([jpeg.slice(0, 2), part, jpeg.slice(2)], "p.jpg", {type: "image/jpeg"});
    const data = new DataTransfer();
    data.items.add(whole);
    document.querySelector("[name=photo]").files = data.files;
    resolve();
  }, "image/jpeg");
})"""


async def test_a_team_works_from_its_phone_even_without_a_network(
    chromium: Path, tmp_path: Path, town: Ledger
) -> None:
    phoned = await phoned_team(office(town), TEAM)
    async with (
        served(tmp_path) as url,
        visit(
            chromium, url, viewport={"width": PHONE[0], "height": PHONE[1]},
            has_touch=True, geolocation=HERE, permissions=["geolocation"],
        ) as seen,
    ):  # fmt: skip
        await seen.open(phoned.path)
        await expect(seen.page.get_by_role("button", name="Mission reçue")).to_be_visible()
        await _sound(seen, tmp_path)
        await seen.page.evaluate("navigator.serviceWorker.ready")
        await seen.page.wait_for_function(
            f"async () => await (await caches.open('tocsin {phoned.path}')).match('{phoned.path}')"
        )
        await _without_network(seen, town, phoned)
        await _distress(seen.page, town)
        await _place_and_photo(seen.page, town, phoned)
        await _cut(seen.page, town, phoned)


async def test_nothing_pressed_is_lost_to_a_full_phone_an_ill_server_or_a_link_that_ends(
    chromium: Path, tmp_path: Path, town: Ledger
) -> None:
    phoned = await phoned_team(office(town), TEAM)
    async with served(tmp_path) as url, visit(chromium, url, service_workers="block") as seen:
        page, told = seen.page, seen.page.locator("[data-call]")
        await seen.open(phoned.path)
        await _ill(page, town)
        await _full(page, town)
        await page.context.set_offline(True)
        await page.get_by_role("button", name="Sur les lieux", exact=True).click()
        async with town.writing() as connection:
            await connection.execute(team_links.update().values(ends_at=time.time()))
        await asyncio.sleep(0.1)
        await page.get_by_role("button", name="Renfort").click()
        await expect(page.locator("#line")).to_have_text("Hors réseau, 2 envois en attente")
        await page.context.set_offline(False)
        await expect(told).to_contain_text(
            "Ce lien a pris fin. Ce qui n'est pas parti", timeout=20_000
        )
        await expect(told).to_contain_text("(1)")
        assert [one.said for one in await _phoned(town)][-1] == "on_scene"
        await page.get_by_role("button", name="DÉTRESSE, appui long").click()
        await page.get_by_role("button", name="Oui, DÉTRESSE").click()
        await _until(lambda: _alarms(town), many=2)
        assert "distress" in await _alarms(town)
        await page.goto(page.url)
        await expect(page.locator("[data-left]")).to_contain_text("reste sur ce téléphone (1)")
        await revoke_links(office(town), TEAM, actor=CHIEF)
        await page.goto(page.url)
        await expect(page.locator("[data-left]")).to_contain_text("en est effacé")
        await page.goto(page.url)
        await expect(page.locator("[data-left]")).to_be_hidden()


async def _ill(page: Page, town: Ledger) -> None:
    """One press at which the server fails holds nothing behind it, stays in sight, leaves later."""

    async def ill(route: Route) -> None:
        if "reinforcement" in (route.request.post_data or ""):
            await route.fulfill(status=500, body="<h1>500</h1>")
        else:
            await route.continue_()

    await page.route("**/t/*", ill)
    await page.get_by_role("button", name="Renfort").click()
    await page.get_by_role("button", name="Parti, 2 à bord").click()
    await _until(lambda: _phoned(town))
    assert [one.said for one in await _phoned(town)] == ["en_route"]
    await expect(page.locator("[data-call]")).to_contain_text("n'a pas pu prendre ce que vous avez")
    await expect(page.locator("[data-call]")).to_contain_text("(1)")
    await page.unroute("**/t/*")
    await _until(lambda: _phoned(town), many=2)
    await expect(page.locator("[data-call]")).to_be_hidden()


async def _full(page: Page, town: Ledger) -> None:
    """Send at once what the phone cannot keep; without a network say that it is nowhere."""
    await page.evaluate(
        """() => { window.real = IDBObjectStore.prototype.add;
          IDBObjectStore.prototype.add = () => { throw new DOMException("", "QuotaExceededError"); }; }"""  # noqa: E501 - a script
    )
    before = len(await _phoned(town))
    await page.get_by_text("Écrire un message").click()
    words = page.get_by_label("Je vois, je prévois")
    await words.fill("digue qui cède")
    await page.get_by_role("button", name="Message", exact=True).click()
    await _until(lambda: _phoned(town), many=before + 1)
    assert "digue qui cède" in [one.note for one in await _phoned(town)]
    await page.context.set_offline(True)
    await page.get_by_text("Écrire un message").click()
    await words.fill("et la route")
    await page.get_by_role("button", name="Message", exact=True).click()
    told = page.locator("[data-call]")
    await expect(told).to_contain_text("NI GARDÉ NI ENVOYÉ")
    await expect(told.get_by_role("link", name="112")).to_be_visible()
    await expect(told.locator("a[href='tel:+33353010002']")).to_be_visible()
    await expect(words).to_have_value("et la route")  # to be sent again
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Message", exact=True).click()
    await expect(told).to_be_hidden()
    await page.evaluate("() => { IDBObjectStore.prototype.add = window.real; }")


async def _sound(seen: Visit, folder: Path) -> None:
    """Look at it in the light and in the dark: for everybody, for gloves, as wide as the screen."""
    for scheme in ("dark", "light"):
        await seen.page.emulate_media(color_scheme=scheme)
        assert await seen.faults() == []
        await seen.page.screenshot(path=folder / f"phone-{scheme}.png", full_page=True)
    assert await seen.overflow_px() == 0
    small = await seen.page.eval_on_selector_all(
        "button.big, summary.big, details.card > summary",
        """(all) => all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 72)
            .map((one) => one.textContent)""",  # noqa: E501 - a script
    )
    assert small == []
    assert seen.problems == []


async def _without_network(seen: Visit, town: Ledger, phoned: PhonedTeam) -> None:
    """Press three buttons without a network, the page opened anew between: all come, in order."""
    page, line = seen.page, seen.page.locator("#line")
    await page.context.set_offline(True)
    pressed: list[float] = []
    for name, left in (
        ("Mission reçue", "Hors réseau, 1 envoi en attente"),
        ("Parti, 2 à bord", "Hors réseau, 2 envois en attente"),
        ("Sur les lieux", "Hors réseau, 3 envois en attente"),
    ):
        pressed.append(time.time())
        await page.get_by_role("button", name=name, exact=True).tap()
        await expect(line).to_have_text(left)
        await page.reload()  # from what the phone keeps
        await expect(line).to_have_text(left)
        await asyncio.sleep(AWAY_S)
    await expect(page.locator("[data-state-line]")).to_contain_text("Sur les lieux depuis")
    assert await _phoned(town) == []
    await page.context.set_offline(False)
    await expect(line).to_contain_text("Reçu par la mairie", timeout=20_000)
    came = await _until(lambda: _phoned(town), many=3)
    assert [(one.said, one.mission_said, one.strength) for one in came] == [
        (None, "accepted", None),
        ("en_route", "in_progress", 2),
        ("on_scene", "in_progress", None),
    ]
    assert [one.at for one in came] == pytest.approx(pressed, abs=2.0)
    assert all(two.at - one.at >= AWAY_S - 0.5 for one, two in itertools.pairwise(came))
    assert [one.recorded_at for one in came] == sorted(one.recorded_at for one in came)
    assert all(one.recorded_at - one.at > 1.0 for one in came)
    assert {one.mission for one in came} == {phoned.mission.mission}
    seen.problems.clear()  # what could not be fetched without a network


async def _distress(page: Page, town: Ledger) -> None:
    """Press short, and it asks; by the keyboard too; hold it, and it calls."""
    button = page.get_by_role("button", name="DÉTRESSE, appui long")
    await button.tap()
    await page.get_by_role("button", name="Non", exact=True).tap()
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Oui, DÉTRESSE")).to_be_focused()
    await page.get_by_role("button", name="Non", exact=True).press("Enter")
    assert await _alarms(town) == []
    await button.focus()
    await page.keyboard.down(" ")
    await expect(page.locator("#now")).to_contain_text("a votre appel de DÉTRESSE")
    await page.keyboard.up(" ")
    assert await _alarms(town) == ["distress"]
    await expect(page.locator("[data-calling]")).to_be_hidden()


async def _place_and_photo(page: Page, town: Ledger, phoned: PhonedTeam) -> None:
    await page.get_by_text("Ma position", exact=True).tap()
    await page.get_by_role("button", name="Je suis d'accord : suivre ma position").tap()
    await page.get_by_text("Ma position", exact=True).tap()
    await expect(page.get_by_role("button", name="Ne plus suivre ma position")).to_be_visible()
    found = await _until(lambda: _trail(town))
    assert [(one.mission, one.lon, one.lat) for one in found] == [
        (phoned.mission.mission, HERE["longitude"], HERE["latitude"])
    ]
    await page.get_by_text("Une photo", exact=True).tap()
    await page.evaluate(PHOTO)
    await page.get_by_role("button", name="Envoyer la photo").tap()
    photos = await _until(lambda: photos_of(town, COMMUNE, TEAM))
    kept = await photo_of(town, COMMUNE, photos[0].photo)
    assert kept is not None
    assert (kept.about.tells_more, b"Exif" in kept.content) == (0, False)
    width = await page.evaluate(
        """async (bytes) => (await createImageBitmap(new Blob([new Uint8Array(bytes)]))).width""",
        list(kept.content),
    )
    assert width == 1600


async def _cut(page: Page, town: Ledger, phoned: PhonedTeam) -> None:
    """Cut the link: the open page says so, and nothing of it stays on the phone."""
    await revoke_links(office(town), TEAM, actor=CHIEF)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.locator("#line")).to_contain_text("Ce lien est coupé")
    await page.goto(page.url)
    await expect(page.get_by_role("heading")).to_have_text("Ce lien d'équipe n'ouvre plus rien")
    assert not await page.evaluate(f"caches.has('tocsin {phoned.path}')")


async def _until(look: Callable[[], Awaitable[Sequence[Any]]], many: int = 1) -> Sequence[Any]:
    """Look again until there are so many, for ten seconds at most."""
    for _ in range(100):
        if len(await look()) >= many:
            break
        await asyncio.sleep(0.1)
    return await look()


async def _phoned(town: Ledger) -> list[ReportRow]:
    """Return what came from phones, as things happened."""
    rows = await timeline(town, COMMUNE, team=TEAM)
    return [one for one in reversed(rows) if one.source == "phone"]


async def _trail(town: Ledger) -> list[Any]:
    async with town.reading() as connection:
        return list((await connection.execute(select(team_trails))).all())


async def _alarms(town: Ledger) -> list[str]:
    async with town.reading() as connection:
        return list((await connection.execute(select(team_alarms.c.kind))).scalars())
