"""Passkeys in a real browser with a virtual device: never a dead button, never a bare error."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Route, expect
from sqlalchemy import delete

from dispatcher.store.ledger import Ledger
from dispatcher.store.passkey_tables import passkeys
from dispatcher.store.passkeys import passkeys_of
from tests.browsing import visit
from tests.consoles import served
from tests.pocket_keys import RING_LIKE, add, device, go, said, sign_out
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits",)
# Chromium 111 to 128 and Safari before 18.4 had keys, and no JSON for them.
OLDER = """
for (const name of ["parseCreationOptionsFromJSON", "parseRequestOptionsFromJSON"]) delete PublicKeyCredential[name];
delete PublicKeyCredential.prototype.toJSON;
"""  # noqa: E501 - a script
UNLISTED = "PublicKeyCredential.isConditionalMediationAvailable = async () => false;"
NONE = "delete window.PublicKeyCredential;"
SHOWN = 5_000


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the town's console at the one host name that browsers trust without https."""
    async with served(tmp_path) as address:
        yield address.replace("127.0.0.1", "localhost")


@pytest.mark.parametrize("script", ["", OLDER], ids=["now", "older"])
async def test_a_key_is_added_and_signs_in_without_a_name_by_keyboard_alone(
    chromium: Path, url: str, town: Ledger, script: str
) -> None:
    async with visit(chromium, url) as seen:
        await seen.page.add_init_script(script)
        phone = await device(seen)
        await seen.sign_in()
        await add(seen, phone, "Mon téléphone")
        await expect(seen.page.get_by_text("Mon téléphone").first).to_be_visible()
        await sign_out(seen)
        await expect(seen.page.locator("[name=login]")).to_be_focused()
        await seen.page.keyboard.press("Shift+Tab")
        await expect(go(seen)).to_be_focused()
        await phone.touch()
        await seen.page.keyboard.press("Enter")
        await seen.page.wait_for_url(url + "/")
        assert seen.problems == []
    (key,) = await passkeys_of(town, COMMUNE, "rac")
    assert key.label == "Mon téléphone"
    assert key.used_at is not None


async def test_the_list_of_names_offers_the_key_before_any_button_is_pressed(
    chromium: Path, url: str, town: Ledger
) -> None:
    async with visit(chromium, url) as seen:
        phone = await device(seen)
        await seen.sign_in()
        await add(seen, phone)
        await phone.touch()  # as choosing the key in the list that the browser shows
        await seen.page.get_by_role("button", name="Se déconnecter").press("Enter")
        await seen.page.wait_for_url(url + "/")
        assert seen.problems == []
    (key,) = await passkeys_of(town, COMMUNE, "rac")
    assert key.used_at is not None


async def test_a_key_that_remembers_no_account_serves_once_the_name_is_typed(
    chromium: Path, url: str
) -> None:
    async with visit(chromium, url) as seen:
        ring = await device(seen, RING_LIKE)
        await seen.sign_in()
        await add(seen, ring)
        (kept,) = await ring.keys()
        assert not kept["isResidentCredential"]
        await sign_out(seen)
        await seen.page.fill("[name=login]", "rac")
        await ring.touch()
        await go(seen).click()
        await seen.page.wait_for_url(url + "/")
        assert seen.problems == []


async def test_who_is_not_recognised_is_told_so_and_may_try_again(chromium: Path, url: str) -> None:
    async with visit(chromium, url) as seen:
        await seen.page.add_init_script(UNLISTED)
        phone = await device(seen)
        await seen.sign_in()
        await add(seen, phone)
        await sign_out(seen)
        await phone.recognises(owner=False)
        await phone.touch()
        await go(seen).click()
        await expect(said(seen)).to_contain_text("Rien n'a été fait : vous avez annulé")
        await expect(go(seen)).to_be_enabled()
        await phone.recognises(owner=True)
        await go(seen).click()
        await seen.page.wait_for_url(url + "/")
        assert seen.problems == []


async def test_a_second_press_begins_anew_while_the_device_waits(chromium: Path, url: str) -> None:
    async with visit(chromium, url) as seen:
        await seen.page.add_init_script(UNLISTED)
        phone = await device(seen)
        await seen.sign_in()
        await add(seen, phone)
        await sign_out(seen)
        await go(seen).focus()
        for _ in range(2):
            async with seen.page.expect_response("**/connexion/cle/options"):
                await seen.page.keyboard.press("Enter")
            await expect(said(seen)).to_contain_text("Votre appareil vous demande de confirmer")
        await phone.touch()
        await seen.page.keyboard.press("Enter")
        await seen.page.wait_for_url(url + "/")
        assert seen.problems == []


async def test_a_device_without_a_key_says_so_and_the_password_still_opens(
    chromium: Path, url: str
) -> None:
    async with visit(chromium, url) as seen:
        phone = await device(seen)
        await phone.touch()
        await seen.open("/connexion")
        await go(seen).click()
        await expect(said(seen)).to_contain_text("n'a pas de clé d'accès pour Tocsin")
        await expect(said(seen)).to_have_attribute("role", "status")
        await seen.sign_in()


async def test_a_key_that_was_removed_here_is_refused_in_words(
    chromium: Path, url: str, town: Ledger
) -> None:
    async with visit(chromium, url) as seen:
        await seen.page.add_init_script(UNLISTED)
        phone = await device(seen)
        await seen.sign_in()
        await add(seen, phone)
        await sign_out(seen)
        async with town.writing() as connection:
            await connection.execute(delete(passkeys))
        await phone.touch()
        await go(seen).click()
        await expect(said(seen)).to_contain_text("n'a pas été acceptée")
        await expect(go(seen)).to_be_enabled()
        assert [one for one in seen.problems if "401" not in one] == []


async def test_a_device_that_has_a_key_already_says_so(chromium: Path, url: str) -> None:
    async with visit(chromium, url) as seen:
        phone = await device(seen)
        await seen.sign_in()
        await add(seen, phone)
        await phone.touch()
        await seen.page.get_by_role("button", name="Ajouter une clé d'accès").click()
        await expect(said(seen)).to_contain_text("a déjà une clé d'accès pour votre compte")
        await phone.touch(willing=False)
        assert len(await phone.keys()) == 1


async def test_a_confirmation_goes_where_the_act_waits(chromium: Path, url: str) -> None:
    async with visit(chromium, url) as seen:
        phone = await device(seen)
        await seen.sign_in()
        await add(seen, phone)
        await seen.open("/confirmer?vers=/console/alertes")
        await phone.touch()
        await seen.page.get_by_role("button", name="Confirmer avec une clé d'accès").press("Enter")
        await seen.page.wait_for_url(url + "/console/alertes")
        assert seen.problems == []


async def test_the_loopback_by_its_number_leads_to_its_name(chromium: Path, url: str) -> None:
    async with visit(chromium, url.replace("localhost", "127.0.0.1")) as seen:
        await seen.open("/connexion")
        link = seen.page.get_by_role("link", name=url)
        await expect(link).to_be_visible()
        await expect(go(seen)).to_be_hidden()
        await seen.sign_in()
        await seen.open("/compte/cles")
        await expect(seen.page.get_by_role("link", name=url)).to_have_attribute(
            "href", f"{url}/compte/cles"
        )
        await expect(seen.page.locator("button.key")).to_be_hidden()
        assert seen.problems == []


async def test_a_browser_without_keys_shows_no_button_for_them(chromium: Path, url: str) -> None:
    async with visit(chromium, url) as seen:
        await seen.page.add_init_script(NONE)
        await seen.open("/connexion")
        await expect(seen.page.locator(".key-door")).to_have_attribute("data-state", "none")
        await expect(go(seen)).to_be_hidden()
        await expect(seen.page.get_by_text("ou avec un mot de passe")).to_be_hidden()
        await seen.sign_in()
        await seen.open("/compte/cles")
        await expect(seen.page.get_by_text("ne sait pas faire de clé d'accès ici")).to_be_visible()
        await expect(seen.page.locator("button.key")).to_be_hidden()
        assert seen.problems == []


async def test_without_its_script_the_page_shows_no_dead_button(chromium: Path, url: str) -> None:
    async with visit(chromium, url) as seen:
        await seen.page.route("**/passkeys-*.js", lambda route: route.abort())
        await seen.open("/connexion")
        await expect(seen.page.locator(".key-door")).to_have_attribute("data-state", "none")
        await expect(go(seen)).to_be_hidden()
        await seen.sign_in()
    async with visit(chromium, url, java_script_enabled=False) as seen:
        await seen.open("/connexion")
        await expect(seen.page.locator(".key-door")).to_be_hidden()


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        ("cut", "Tocsin ne répond pas : rien n'a été fait."),
        ("down", "Tocsin ne répond pas : rien n'a été fait."),
        ("stale", "Cette page a trop attendu : rechargez-la"),
        ("late", "Le délai de deux minutes est passé"),
    ],
)
async def test_what_goes_wrong_on_the_way_is_said_and_mended_by_a_second_press(
    chromium: Path, url: str, trouble: str, sentence: str
) -> None:
    async def meddle(route: Route) -> None:
        if trouble == "cut":
            await route.abort()
        elif trouble == "late":
            reply = await route.fetch()
            await route.fulfill(response=reply, json={**await reply.json(), "timeout": 1})
        else:
            await route.fulfill(status=503 if trouble == "down" else 403, body="<p>non</p>")

    async with visit(chromium, url) as seen:
        await seen.page.add_init_script(UNLISTED)
        phone = await device(seen)
        await seen.sign_in()
        await add(seen, phone)
        await sign_out(seen)
        await seen.page.route("**/connexion/cle/options", meddle)
        await phone.recognises(owner=trouble != "late")
        await phone.touch()
        await go(seen).click()
        await expect(said(seen)).to_contain_text(sentence, timeout=SHOWN)
        await seen.page.unroute("**/connexion/cle/options")
        await phone.recognises(owner=True)
        await go(seen).click()
        await seen.page.wait_for_url(url + "/")
