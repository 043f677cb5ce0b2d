"""Accounts and accesses in a real browser: set up, second factor, invitation, all by keyboard."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import expect

from dispatcher.keys import key
from dispatcher.staff.first_run import set_up_code
from dispatcher.store.ledger import Ledger
from dispatcher.store.migrate import migrate
from tests.browsing import DESK, PHONE, TABLET, Visit, visit
from tests.consoles import served
from tests.sandbox_process import running_sandbox
from tests.signing import code, enrol
from tests.situations import PASSWORD

pytest_plugins = ("tests.console_visits",)
LONG = "quatre mots sans aucun rapport"
PATHS = (
    "/compte",
    "/compte/second-facteur",
    "/compte/codes",
    "/compte/mot-de-passe",
    "/confirmer",
    "/acces",
    "/acces/droits",
    "/acces/inviter",
    "/acces/personnes/helene",
)


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the town's console, with an administrator, a mayor and an operator who use codes."""
    await enrol(town, "isabelle", "administrator", contact="dgs")
    await enrol(town, "helene", "dos", contact="maire")
    await enrol(town, "theo", "operator", contact="urbanisme")
    async with running_sandbox(tmp_path / "sandbox"), served(tmp_path) as address:
        yield address


async def enter(seen: Visit, login: str) -> None:
    """Sign in with the keyboard alone."""
    await seen.open("/connexion")
    await expect(seen.page.locator("[name=login]")).to_be_focused()
    for word in (login, PASSWORD, code()):
        await seen.page.keyboard.type(word)
        await seen.page.keyboard.press("Tab")
    await seen.page.keyboard.press("Enter")
    await seen.page.wait_for_url(seen.url + "/")


@pytest.mark.parametrize("theme", ["dark"])
async def test_every_page_is_readable_at_each_width_and_quiet(
    chromium: Path, url: str, theme: str
) -> None:
    async with visit(chromium, url, color_scheme=theme) as seen:
        await enter(seen, "isabelle")
        for path in PATHS:
            for size in (DESK, TABLET, PHONE):
                await seen.resize(size)
                await seen.open(path)
                assert await seen.overflow_px() <= 0, (path, size)
            assert await seen.faults() == [], path
        assert seen.problems == []


async def test_an_installation_is_set_up_from_nothing_by_keyboard(
    chromium: Path, tmp_path: Path
) -> None:
    await migrate(f"sqlite+aiosqlite:///{tmp_path / 'ledger.sqlite'}")
    start = set_up_code(key(tmp_path, "sessions")).replace(" ", "")
    async with served(tmp_path) as url, visit(chromium, url) as seen:
        await seen.open(f"/installation?code={start}")
        assert await seen.faults() == []
        await seen.page.locator("[name=code]").focus()
        for word in (start, "35047", "Claire MARTIN", "claire.martin", LONG, LONG):
            await seen.page.keyboard.press("Control+A")
            await seen.page.keyboard.type(word)
            await seen.page.keyboard.press("Tab")
        await seen.page.keyboard.press("Enter")
        await seen.page.wait_for_url(url + "/compte/second-facteur")
        shown = await seen.page.locator("#cle").inner_text()
        await seen.page.locator("[name=code]").focus()
        await seen.page.keyboard.type(pyotp.TOTP(shown.replace(" ", "")).now())
        await seen.page.keyboard.press("Enter")
        await seen.page.wait_for_url(url + "/compte/codes")
        await seen.page.get_by_role("button", name="Faire dix codes").press("Enter")
        await expect(seen.page.locator("ol.codes li")).to_have_count(10)
        await seen.page.get_by_role("link", name=re.compile("imprimé")).press("Enter")
        await seen.open("/acces")
        await expect(
            seen.page.get_by_text("Une seule personne peut donner des accès")
        ).to_be_visible()
        assert seen.problems == []


async def test_two_people_give_an_access_each_on_her_own_screen(chromium: Path, url: str) -> None:
    async with visit(chromium, url) as admin, visit(chromium, url) as mayor:
        await enter(admin, "isabelle")
        await admin.open("/acces/inviter")
        await admin.page.get_by_label("Nom").fill("Nora AMRANI")
        await admin.page.get_by_role("textbox", name="E-mail").fill("nora@amrani.example")
        await admin.page.get_by_label("Identifiant").fill("nora")
        await admin.page.get_by_role("button", name="Demander l'accord").click()
        await expect(admin.page.get_by_role("status")).to_contain_text("deuxième personne")
        await mayor.resize(PHONE)
        await enter(mayor, "helene")
        await mayor.open("/acces")
        await mayor.page.get_by_role("link", name=re.compile("Décider")).click()
        await mayor.page.get_by_role("button", name="Donner mon accord").click()
        await expect(mayor.page.get_by_role("status")).to_contain_text("lien est parti")
        assert admin.problems + mayor.problems == []
