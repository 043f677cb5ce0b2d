"""The pages of signing in by a provider: forms, cookies, our own code, and nothing without one."""

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pyotp
import pytest
from sqlalchemy import update

from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import users
from dispatcher.store.users import User
from tests.consoles import SAME, console, form_token, sign_in
from tests.oidc_pretender import CLIENT, Pretender, linked
from tests.situations import COMMUNE

pytest_plugins = ("tests.oidc_fixtures", "tests.console_visits")
RAC = User(COMMUNE, "rac", "Camille Aubry", "rac")
OWN = ("/compte/externe/relier", "/compte/externe/delier", "/compte/externe/confirmer")
STRANGERS = ("/connexion/externe", "/connexion/externe/code", "/connexion/relier")


@pytest.fixture
async def client(
    tmp_path: Path, town: Ledger, pretender: Pretender, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """Be a stranger at a console that people may sign in to by a provider."""
    monkeypatch.setenv("TOCSIN_OIDC_ISSUER", pretender.url)
    monkeypatch.setenv("TOCSIN_OIDC_CLIENT_ID", CLIENT)
    await linked(town, pretender, RAC)
    async with console(tmp_path) as one:
        yield one


def hidden(page: httpx.Response, action: str) -> dict[str, str]:
    """Return what a form of a page carries."""
    (form,) = re.findall(rf'<form[^>]* action="{action}">(.*?)</form>', page.text, re.S)
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


async def returned(
    client: httpx.AsyncClient, pretender: Pretender, vers: str = "/console/alertes"
) -> httpx.Response:
    """Go to the provider and come back from it, as far as our second answer."""
    page = await client.get("/connexion", params={"vers": vers})
    sent = hidden(page, "/connexion/externe")
    left = await client.post("/connexion/externe", data=sent, headers=SAME)
    (address,) = re.findall(r'content="0;url=([^"]+)"', left.text)
    state = pretender.vouch(html.unescape(address))
    first = await client.get("/connexion/retour", params={"state": state, "code": "c"})
    assert "set-cookie" not in first.headers
    (onward,) = re.findall(r'content="0;url=([^"]+)"', first.text)
    return await client.get(html.unescape(onward))


async def test_coming_back_opens_a_session_out_of_reach_of_scripts_and_other_sites(
    client: httpx.AsyncClient, pretender: Pretender
) -> None:
    answer = await returned(client, pretender)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/compte/externe?vers=/console/alertes"
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("tocsin=")]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert (await client.get("/console/alertes")).status_code == 200
    again = await returned_once_more(client, pretender)
    assert again.headers["location"] == "/console/alertes"


async def returned_once_more(client: httpx.AsyncClient, pretender: Pretender) -> httpx.Response:
    token = await form_token(client)
    await client.post("/deconnexion", data={"token": token}, headers=SAME)
    return await returned(client, pretender)


@pytest.mark.parametrize("vers", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_coming_back_never_leads_to_another_site(
    client: httpx.AsyncClient, pretender: Pretender, vers: str
) -> None:
    answer = await returned(client, pretender, vers)
    assert answer.headers["location"] == "/compte/externe?vers=/"
    page = await client.get("/compte/externe", params={"vers": vers})
    assert "evil.example" not in page.text


async def test_our_own_code_is_asked_for_on_a_page_of_its_own(
    client: httpx.AsyncClient, pretender: Pretender, town: Ledger
) -> None:
    secret = pyotp.random_base32()
    async with town.writing() as connection:
        await connection.execute(update(users).values(totp_secret=secret))
    asked = await returned(client, pretender)
    assert asked.status_code == 200
    assert "tocsin" not in client.cookies
    sent = hidden(asked, "/connexion/externe/code")
    wrong = await client.post("/connexion/externe/code", data={**sent, "code": "12"}, headers=SAME)
    assert wrong.status_code == 401
    assert html.escape("Ce code est faux", quote=False) in wrong.text
    sent = hidden(wrong, "/connexion/externe/code")
    code = pyotp.TOTP(secret).now()
    spaced = f"{code[:3]} {code[3:]}"
    right = await client.post(
        "/connexion/externe/code", data={**sent, "code": spaced}, headers=SAME
    )
    assert (right.status_code, right.headers["location"]) == (303, "/console/alertes")
    assert (await client.get("/console/alertes")).status_code == 200


@pytest.mark.parametrize("path", STRANGERS + OWN)
async def test_a_form_without_its_token_or_from_another_site_does_nothing(
    client: httpx.AsyncClient, pretender: Pretender, path: str
) -> None:
    await client.get("/connexion")
    if path in OWN:
        assert (await client.post(path, headers=SAME)).status_code == 401
        await sign_in(client)
    for token in ("", "0" * 32):
        assert (await client.post(path, data={"token": token}, headers=SAME)).status_code == 403
    cross = await client.post(path, headers={"sec-fetch-site": "cross-site"})
    assert cross.status_code == 403
    assert pretender.asked == []


async def test_the_account_page_says_what_stands_and_links_nothing_by_itself(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/compte/externe")).status_code == 303
    await sign_in(client)
    page = await client.get("/compte/externe")
    assert html.escape("Préparez le jour où ProConnect sera en panne.") in html.escape(page.text)
    assert "Confirmer avec" not in page.text  # the provider does not count as two factors here
    token = hidden(page, "/compte/externe/delier")
    answer = await client.post("/compte/externe/delier", data=token, headers=SAME)
    assert (answer.status_code, answer.headers["location"]) == (303, "/compte/externe")
    again = await client.post("/compte/externe/delier", data=token, headers=SAME)
    assert again.status_code == 409
    assert "relié à aucun compte ProConnect" in html.unescape(again.text)
    english = await client.get("/compte/externe", params={"lang": "en"})
    assert "Link my ProConnect account" in english.text


async def test_a_page_opened_by_a_pass_does_nothing_before_its_button(
    client: httpx.AsyncClient, pretender: Pretender
) -> None:
    answer = await client.get("/connexion/relier/inconnu")
    assert answer.status_code == 401
    assert "Ce lien a déjà servi" in answer.text
    assert pretender.asked == []


async def test_without_a_provider_there_is_no_button_and_no_way(
    visitor: httpx.AsyncClient,
) -> None:
    assert "/connexion/externe" not in (await visitor.get("/connexion")).text
    assert (await visitor.get("/connexion/retour?state=x&code=y&suite=1")).status_code == 404
    await sign_in(visitor)
    assert (await visitor.get("/compte/externe")).status_code == 404
