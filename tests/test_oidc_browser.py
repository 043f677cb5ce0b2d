"""Signing in by a provider in a real browser: linked, gone through, confirmed, down, back."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.access.oidc_provider import ALIVE_S
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from tests.browsing import DESK, PHONE, TABLET, Visit, visit
from tests.consoles import ROOT, served
from tests.oidc_judge import CLIENT, SECRET, judge
from tests.real_parts import free_port
from tests.situations import COMMUNE, PASSWORD

pytest_plugins = ("tests.console_visits",)
LABEL = "ProConnect"
ACCOUNT = "/compte/externe"
SIGN_IN = f"Se connecter avec {LABEL}"


@dataclass
class House:
    """A served console, and the provider that its people may sign in by."""

    url: str
    start: Callable[[], AbstractContextManager[str]]
    environ: dict[str, str]
    running: ExitStack = field(default_factory=ExitStack)

    def up(self) -> None:
        """Start the provider, with new keys."""
        self.running.enter_context(self.start())

    def down(self) -> None:
        """Kill the provider."""
        self.running.close()


@pytest.fixture
async def house(tmp_path: Path, town: Ledger) -> AsyncIterator[House]:
    """Serve the town's console beside a provider that is up; they are two sites."""
    port, theirs = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {
        "TOCSIN_PUBLIC_URL": url,
        "TOCSIN_OIDC_ISSUER": f"http://localhost:{theirs}",
        "TOCSIN_OIDC_CLIENT_ID": CLIENT,
        "TOCSIN_OIDC_CLIENT_SECRET": SECRET,
        "TOCSIN_OIDC_SECOND_FACTOR": "yes",
    }
    start = partial(judge, tmp_path, theirs, return_to=f"{url}/connexion/retour")
    async with served(tmp_path, environ=environ, port=port):
        one = House(url, start, environ)
        one.up()
        try:
            yield one
        finally:
            one.down()


async def press(seen: Visit, name: str) -> None:
    await seen.page.get_by_role("button", name=name).click()


async def at_the_judge(
    seen: Visit, account: str = "claire.martin", *, mfa: bool = False, agree: bool = True
) -> None:
    """Be known by the provider, in its own page."""
    await seen.page.wait_for_url("http://localhost:*/interaction/*")
    await seen.page.fill("[name=account]", account)
    if mfa:
        await seen.page.check("[name=mfa]")
    await press(seen, "Continuer" if agree else "Refuser")


def said_by_pages(seen: Visit) -> list[str]:
    """Return what went wrong in pages, answers that say no aside (the provider has no icon)."""
    return [one for one in seen.problems if not one.startswith("Failed to load resource")]


async def linked(seen: Visit) -> None:
    """Sign in by the password, link the account, sign out."""
    await seen.sign_in()
    await seen.open(ACCOUNT)
    await press(seen, f"Relier mon compte {LABEL}")
    await at_the_judge(seen)
    await seen.page.wait_for_url(f"{seen.url}{ACCOUNT}")
    await expect(seen.page.locator(".pill.ok")).to_have_text("Relié")
    await press(seen, "Se déconnecter")
    await seen.page.wait_for_url("**/connexion")
    await seen.page.context.clear_cookies(domain="localhost")


async def test_she_links_her_account_and_gets_in_by_it_and_is_told_to_keep_a_local_way(
    chromium: Path, house: House, town: Ledger
) -> None:
    async with visit(chromium, house.url) as seen:
        await linked(seen)
        await seen.open("/connexion?vers=/console/alertes")
        await press(seen, SIGN_IN)
        await at_the_judge(seen, mfa=True)
        await seen.page.wait_for_url(f"**{ACCOUNT}?vers=/console/alertes")
        advice = seen.page.get_by_role("note")
        await expect(advice).to_contain_text("Préparez le jour où ProConnect sera en panne")
        await seen.page.get_by_role("link", name="Plus tard : aller à la console").click()
        await seen.page.wait_for_url("**/console/alertes")
        (cookie,) = [one for one in await seen.page.context.cookies() if one["name"] == "tocsin"]
        assert (cookie["sameSite"], cookie["httpOnly"]) == ("Strict", True)
        await press(seen, "Se déconnecter")
        await press(seen, SIGN_IN)  # the provider knows her still, and she was advised once
        await seen.page.wait_for_url(f"{house.url}/")
        await seen.open(ACCOUNT)
        await press(seen, f"Délier mon compte {LABEL}")
        await press(seen, "Se déconnecter")
        await press(seen, SIGN_IN)
        await expect(seen.page.get_by_role("alert")).to_contain_text("rien n'a été créé")
        assert said_by_pages(seen) == []
    kinds = [line.kind for line in await logbook.read(town, COMMUNE)]
    assert kinds[-2:] == ["access.identity_linked", "access.identity_unlinked"]


async def test_grave_acts_ask_the_provider_anew_and_take_two_factors(
    chromium: Path, house: House
) -> None:
    async with visit(chromium, house.url) as seen:
        await linked(seen)
        await press(seen, SIGN_IN)
        await at_the_judge(seen)
        await seen.page.wait_for_url(f"**{ACCOUNT}?vers=/")
        await seen.open(ACCOUNT)
        for mfa in (False, True):  # she is signed in there, and is asked all the same
            await press(seen, f"Confirmer avec {LABEL}")
            await at_the_judge(seen, mfa=mfa)
            await seen.page.wait_for_url(f"{house.url}/**")
            refused = seen.page.get_by_role("alert")
            if mfa:
                await seen.page.wait_for_url(f"{house.url}{ACCOUNT}")
                await expect(refused).to_have_count(0)
            else:
                await expect(refused).to_contain_text("ne suffit pas ici")
        await press(seen, f"Confirmer avec {LABEL}")
        await at_the_judge(seen, account="quelqu'un d'autre", mfa=True)
        await expect(seen.page.get_by_role("alert")).to_contain_text("n'est pas celui")


async def test_on_the_day_the_provider_is_down_the_password_on_the_same_page_works(
    chromium: Path, house: House
) -> None:
    async with visit(chromium, house.url) as seen:
        await linked(seen)
        house.down()
        await asyncio.sleep(ALIVE_S)
        await press(seen, SIGN_IN)
        told = seen.page.get_by_role("alert")
        await expect(told).to_contain_text(f"{LABEL} ne répond pas : connectez-vous avec")
        await seen.page.fill("[name=login]", "rac")
        await seen.page.fill("[name=password]", PASSWORD)
        await seen.page.get_by_role("button", name="Se connecter", exact=True).click()
        await seen.page.wait_for_url(f"{house.url}/")
        await press(seen, "Se déconnecter")
        house.up()  # with new keys: those that the console knows have ended
        await press(seen, SIGN_IN)
        await at_the_judge(seen)
        await seen.page.wait_for_url(f"**{ACCOUNT}?vers=/")


async def test_who_says_no_at_the_provider_or_uses_an_answer_twice_gets_the_form_again(
    chromium: Path, house: House
) -> None:
    async with visit(chromium, house.url) as seen:
        await linked(seen)
        await press(seen, SIGN_IN)
        await at_the_judge(seen, agree=False)
        told = seen.page.get_by_role("alert")
        await expect(told).to_contain_text("n'a pas confirmé votre identité")
        answers: list[str] = []
        seen.page.on(
            "request",
            lambda sent: answers.append(sent.url) if "/connexion/retour" in sent.url else None,
        )
        await press(seen, SIGN_IN)
        await at_the_judge(seen)
        await seen.page.wait_for_url(f"**{ACCOUNT}?vers=/")
        await press(seen, "Se déconnecter")
        await seen.page.goto(answers[0])
        await expect(told).to_contain_text("a déjà servi")


async def test_a_link_from_the_server_ties_her_account_to_her_access(
    chromium: Path, house: House, tmp_path: Path
) -> None:
    words = ("-m", "dispatcher.cli", "access", "link", "rac", "--json")
    told = subprocess.run(  # noqa: ASYNC221 - a command that ends at once
        ["env", f"TOCSIN_DATA_DIR={tmp_path}", *(f"{k}={v}" for k, v in house.environ.items()),
         sys.executable, *words],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    given = json.loads(told.stdout)
    assert given["login"] == "rac"
    async with visit(chromium, house.url) as seen:
        await seen.page.goto(given["url"])
        await expect(seen.page.locator("main")).to_contain_text("L'accès « rac » s'ouvrira")
        assert await seen.faults() == []
        await press(seen, f"Relier mon compte {LABEL}")
        await at_the_judge(seen)
        await expect(seen.page.get_by_role("status")).to_contain_text(
            "ouvre maintenant votre accès"
        )
        assert await seen.faults() == []
        await seen.page.get_by_role("link", name="Se connecter").click()
        await press(seen, SIGN_IN)
        await seen.page.wait_for_url(f"**{ACCOUNT}?vers=/")
        assert said_by_pages(seen) == []
        await seen.page.goto(given["url"])
        await expect(seen.page.get_by_role("alert")).to_contain_text("Ce lien a déjà servi")


@pytest.mark.parametrize("scheme", ["dark"])
async def test_its_pages_can_be_read_on_any_screen_by_anybody(
    chromium: Path, house: House, scheme: str, tmp_path: Path
) -> None:
    async with visit(chromium, house.url, color_scheme=scheme) as seen:

        async def readable(name: str) -> None:
            for width in (DESK, TABLET, PHONE):
                await seen.resize(width)
                assert await seen.overflow_px() == 0
                await seen.page.screenshot(path=tmp_path / f"{name}-{scheme}-{width[0]}.png")
            assert await seen.faults() == []

        await seen.open("/connexion")
        await readable("connexion")
        await seen.sign_in()
        await seen.open(ACCOUNT)
        await readable("non-relie")
        await press(seen, f"Relier mon compte {LABEL}")
        await at_the_judge(seen)
        await expect(seen.page.locator(".pill.ok")).to_have_text("Relié")
        await seen.open(f"{ACCOUNT}?vers=/console/alertes")
        await readable("relie")
        await seen.open(ACCOUNT)
        house.down()
        await asyncio.sleep(ALIVE_S)
        await press(seen, f"Confirmer avec {LABEL}")
        await expect(seen.page.get_by_role("alert")).to_contain_text("votre session reste ouverte")
        await readable("panne-confirmer")
        await press(seen, "Se déconnecter")
        await press(seen, SIGN_IN)
        await readable("panne")
