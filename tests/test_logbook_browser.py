"""The main courante in a real browser: by keyboard alone, two writers, three screens, no fault."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.logbook.books import Keeper, Spot, Told, correct_line, open_books, write_line
from dispatcher.store import logbook
from dispatcher.store.books import NewBook
from dispatcher.store.ledger import Ledger
from tests.browsing import DESK, PHONE, TABLET, visit
from tests.consoles import served
from tests.hostile import HOSTILE
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits",)

HERE = Spot("pcc", "crue")
PAGES = ("/main-courante", "/main-courante/lignes/{line}", "/main-courante/point-de-situation")


@pytest.fixture
async def kept(town: Ledger) -> Keeper:
    """Keep a crisis's books, with a story in them."""
    keeper = Keeper(town, COMMUNE, b"k" * 32)
    books = [NewBook("pcc", "Poste de commandement", "general"), NewBook("log", "Logistique")]
    await open_books(keeper, books, event_id="crue", by="maire")
    told = Told("Rue Basse sous 40 cm d'eau", "SDIS", "radio", "Barrières", "Fermer", "DOS", "ST1")
    await write_line(keeper, told, spot=HERE, by="rac")
    first = await write_line(keeper, Told("Pont fermé"), spot=HERE, by="rac")
    await correct_line(keeper, Told("Pont ouvert"), number=first, spot=HERE, by="rac")
    return keeper


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    async with served(tmp_path) as address:
        yield address


async def test_a_line_is_written_by_keyboard_alone_and_the_next_one_follows(
    chromium: Path, url: str, town: Ledger, kept: Keeper
) -> None:
    async with visit(chromium, url) as seen:
        await seen.resize(DESK)
        await seen.sign_in()
        await seen.open("/main-courante")
        await seen.page.keyboard.press("Alt+n")
        await expect(seen.page.locator("[name=text]")).to_be_focused()
        for said in ("Pompe demandée", "Pompe arrivée"):
            await seen.page.keyboard.type(said)
            await seen.page.keyboard.press("Enter")
            await expect(seen.page.locator("#lignes")).to_contain_text(said)
            await expect(seen.page.locator("[name=text]")).to_be_focused()
        assert seen.problems == []
    newest = await logbook.read(town, COMMUNE, limit=2, newest=True)
    assert [line.text for line in newest] == ["Pompe arrivée", "Pompe demandée"]
    assert newest[0].book == "pcc"


async def test_the_foot_of_another_page_is_a_key_away(
    chromium: Path, url: str, town: Ledger, kept: Keeper
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.open("/console/alertes")
        await seen.page.keyboard.press("Alt+n")
        await seen.page.keyboard.type("SDIS : VSAV 2 parti")
        await seen.page.keyboard.press("Enter")
        await expect(seen.page.locator(".noting .last")).to_contain_text("VSAV 2 parti")
        assert seen.page.url == f"{url}/console/alertes"


@pytest.mark.alone("what another writes is there within five seconds")
async def test_two_writers_see_each_other_within_5_s_and_lose_nothing_that_they_type(
    chromium: Path, url: str, kept: Keeper
) -> None:
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.open("/main-courante")
        field = seen.page.locator("[name=text]")
        await field.focus()
        await seen.page.keyboard.type("Je suis en train d'éc")
        await write_line(kept, Told("Écrite par une autre"), spot=HERE, by="autre")
        await expect(seen.page.locator("#lignes")).to_contain_text("une autre", timeout=5000)
        await seen.page.keyboard.type("rire")
        await expect(field).to_have_value("Je suis en train d'écrire")
        await expect(field).to_be_focused()
        assert seen.problems == []


@pytest.mark.parametrize("scheme", ["dark"])
async def test_axe_finds_nothing_and_no_screen_is_too_narrow(
    chromium: Path, url: str, kept: Keeper, scheme: str
) -> None:
    async with visit(chromium, url, color_scheme=scheme) as seen:
        await seen.sign_in()
        for path in PAGES:
            await seen.open(path.format(line=4))
            for size in (DESK, TABLET, PHONE):
                await seen.resize(size)
                assert await seen.faults() == []
                assert await seen.overflow_px() <= 0, (path, size)


async def test_hostile_lines_run_nothing(chromium: Path, url: str, kept: Keeper) -> None:
    for said in HOSTILE:
        told = Told(said, said[:100], "radio", said, said, said, said)
        await write_line(kept, told, spot=HERE, by="rac")
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        for path in ("/main-courante", "/main-courante/point-de-situation"):
            await seen.open(path)
            await seen.resize(PHONE)
            assert await seen.overflow_px() <= 0
            assert await seen.page.locator("main img, main script").count() == 0
        assert seen.problems == []


async def test_a_focused_link_is_never_under_the_line_to_write(
    chromium: Path, url: str, kept: Keeper
) -> None:
    async with visit(chromium, url) as seen:
        await seen.resize(PHONE)
        await seen.sign_in()
        await seen.open("/main-courante/lignes/4")
        line = seen.page.locator(".noting")
        hidden = 0
        for _ in range(20):
            await seen.page.keyboard.press("Tab")
            hidden += await seen.page.evaluate(
                """(line) => { const one = document.activeElement;
                if (!one || line.contains(one) || one === document.body) return 0;
                const box = one.getBoundingClientRect(), over = line.getBoundingClientRect();
                return box.bottom > over.top && box.top < over.bottom ? 1 : 0; }""",
                await line.element_handle(),
            )
        assert hidden == 0
