"""Passkeys through the doors of the console: requests of scripts, forms, refusals in words."""

import re
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from dispatcher.access import ceremony, passkeys
from dispatcher.store.ledger import Ledger
from dispatcher.store.passkey_tables import passkeys as kept
from dispatcher.store.passkeys import Addition, Passkey, passkeys_of
from operator_ui.passkeys import NO_NAME
from operator_ui.vocabulary import VOCABULARY
from operator_ui.words import sentence
from tests.consoles import SAME, console, sign_in
from tests.key_scripts import LOOPBACK, Script, add_key, entering, leave, own
from tests.situations import COMMUNE, add_user
from tests.software_key import Lie, SoftwareKey, broken

pytest_plugins = ("tests.console_visits",)
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
async def stranger(visitor: httpx.AsyncClient) -> httpx.AsyncClient:
    """Be somebody who has seen the sign-in page."""
    await visitor.get("/connexion")
    return visitor


async def test_a_key_added_by_its_owner_signs_her_in(operator: httpx.AsyncClient) -> None:
    key = await add_key(operator, "Mon téléphone")
    await leave(operator)
    script = entering(operator)
    entered = await script.answer(key.get(await script.options()), vers="/console/alertes")
    assert entered.json() == {"then": "/console/alertes"}
    (cookie,) = [one for one in entered.headers.get_list("set-cookie") if "tocsin=" in one]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    page = (await operator.get("/compte/cles")).text
    assert "Camille Aubry" in page
    assert "Mon téléphone" in page
    assert "Utilisée le" in page


async def test_the_secret_of_the_sign_in_form_is_taken_back(operator: httpx.AsyncClient) -> None:
    key = await add_key(operator)
    await leave(operator)
    script = entering(operator)
    await script.answer(key.get(await script.options()))
    assert "tocsin-form" not in operator.cookies


async def test_a_refused_key_is_told_in_the_readers_language(stranger: httpx.AsyncClient) -> None:
    script = entering(stranger)
    key = SoftwareKey(LOOPBACK)
    refused = await script.answer(key.get(await script.options()))
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"] == ceremony.NOT_ACCEPTED
    stranger.cookies.set("tocsin-lang", "en")
    for _ in range(3):
        refused = await script.answer(key.get(await script.options()))
    assert refused.json()["detail"].startswith("This passkey was not accepted")
    refused = await script.answer(key.get(await script.options()))
    assert re.fullmatch(r"Too many attempts: wait \d+ seconds?\.", refused.json()["detail"])
    assert "tocsin" not in stranger.cookies


@pytest.mark.parametrize("steps", ["/connexion/cle", "/compte/cles", "/confirmer/cle"])
@pytest.mark.parametrize("step", ["options", "verification"])
async def test_a_request_without_the_token_of_its_page_does_nothing(
    operator: httpx.AsyncClient, steps: str, step: str
) -> None:
    for headers in ({}, {"x-tocsin-token": "0" * 32}):
        sent = await operator.post(f"{steps}/{step}", json={}, headers={**SAME, **headers})
        assert sent.status_code == 403
    token = {"x-tocsin-token": "0" * 32, "sec-fetch-site": "cross-site"}
    assert (await operator.post(f"{steps}/{step}", json={}, headers=token)).status_code == 403


@pytest.mark.parametrize("steps", ["/compte/cles", "/confirmer/cle"])
async def test_a_stranger_neither_adds_nor_confirms(visitor: httpx.AsyncClient, steps: str) -> None:
    sent = await visitor.post(f"{steps}/options", json={}, headers=SAME)
    assert sent.status_code == 401


BODIES = (
    *(b"", b"null", b"[]", b"[" * 60_000, b"\xff", b"{" + b" " * 100_000 + b"}"),
    b'{"credential": 3}',
    b'{"credential": {"id": 1, "response": []}}',
    b'{"login": 4, "commune": ["x"], "vers": {}}',
)


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_a_body_that_is_no_answer_is_refused(
    stranger: httpx.AsyncClient, body: bytes
) -> None:
    shown = (await stranger.get("/connexion")).text
    token = re.search(r'data-token="(\w+)"', shown)
    assert token is not None
    headers = {**SAME, "x-tocsin-token": token[1]}
    for step, status in (("options", 200), ("verification", 401)):
        sent = await stranger.post(f"/connexion/cle/{step}", content=body, headers=headers)
        assert sent.status_code == status


async def test_what_is_too_long_is_not_read(stranger: httpx.AsyncClient) -> None:
    script = entering(stranger)
    read = await script.options(login="rac", commune=COMMUNE, padding="x" * 60_000)
    assert len(read["allowCredentials"]) == 10
    unread = await script.options(login="rac", commune=COMMUNE, padding="x" * 70_000)
    assert unread["allowCredentials"] == []


async def test_names_and_communes_that_cannot_be_are_answered_like_others(
    stranger: httpx.AsyncClient,
) -> None:
    script = entering(stranger)
    for login, commune in (("a\0b", COMMUNE), ("x" * 900, "9" * 900), ("rac", "\0"), ("rac", "")):
        options = await script.options(login=login, commune=commune)
        assert len(options["allowCredentials"]) == 10
        answer = SoftwareKey(LOOPBACK).get(options)
        refused = await script.answer(answer, login=login, commune=commune)
        assert refused.status_code == 401


async def test_keys_are_bound_to_the_public_address_whatever_the_request_says(
    tmp_path: Path, town: Ledger
) -> None:
    url = "https://alerte.vaubrenne.example"
    async with console(tmp_path, public_url=url) as client:
        await sign_in(client)
        key = await add_key(client, origin=url)
        await leave(client)
        script = entering(client)
        client.headers["host"] = "evil.example"
        options = await script.options()
        assert options["rpId"] == "alerte.vaubrenne.example"
        lie = Lie(origin="https://evil.example", rp_id="evil.example")
        assert (await script.answer(key.get(options, lie))).status_code == 401
        assert (await script.answer(key.get(await script.options()))).status_code == 200


async def test_without_a_host_name_the_pages_say_what_to_set(tmp_path: Path, town: Ledger) -> None:
    async with console(tmp_path, public_url="http://192.0.2.7:8700") as client:
        await sign_in(client)
        page = (await client.get("/compte/cles")).text
        assert "réglez TOCSIN_PUBLIC_URL" in page
        refused = await own(client).ask("options", {})
        assert refused.status_code == 409
        assert refused.json()["detail"] == NO_NAME
        await leave(client)
        assert "clé d'accès" not in (await client.get("/connexion")).text


async def test_a_console_of_one_commune_is_not_opened_by_a_key_of_another(
    tmp_path: Path, operator: httpx.AsyncClient
) -> None:
    key = await add_key(operator)
    async with console(tmp_path, commune="35047") as theirs:
        script = entering(theirs)
        options = await script.options()
        assert (await script.answer(key.get(options))).status_code == 401
    async with console(tmp_path, commune=COMMUNE) as ours:
        script = entering(ours)
        assert (await script.answer(key.get(await script.options()))).status_code == 200


async def test_signing_in_by_a_key_never_leads_to_another_site(operator: httpx.AsyncClient) -> None:
    key = await add_key(operator)
    for vers in ("https://evil.example", "//evil.example", "/\\evil.example", 7, None):
        await leave(operator)
        script = entering(operator)
        entered = await script.answer(key.get(await script.options()), vers=vers)
        assert entered.json() == {"then": "/"}


async def test_a_confirmation_leads_on_and_says_nothing_to_others(
    operator: httpx.AsyncClient,
) -> None:
    script = Script(operator, "/compte/cles", "/confirmer/cle")
    assert "data-passkey" not in (await operator.get("/confirmer")).text
    none = await script.ask("options", {})
    assert none.status_code == 409
    assert "n'a pas de clé d'accès" in none.json()["detail"]
    key = await add_key(operator)
    assert 'data-passkey="confirm"' in (await operator.get("/confirmer")).text
    wrong = await script.answer(broken(key.get(await script.options()), "signature"))
    assert wrong.status_code == 422
    right = await script.answer(key.get(await script.options()), vers="/console/alertes")
    assert right.json() == {"then": "/console/alertes"}


async def form(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    shown = (await client.get("/compte/cles")).text
    token = re.search(r'name="token" value="(\w+)"', shown)
    assert token is not None
    return await client.post(path, data={"token": token[1], **fields}, headers=SAME)


async def mine(town: Ledger) -> list[Passkey]:
    return await passkeys_of(town, COMMUNE, "rac")


async def test_a_key_is_renamed_and_removed_by_plain_forms(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await add_key(operator)
    await add_key(operator)
    first, second = await mine(town)
    path = f"/compte/cles/{first.credential_hash}"
    done = await form(operator, f"{path}/nom", label=HOSTILE)
    assert done.headers["location"] == "/compte/cles?fait=nom"
    page = (await operator.get("/compte/cles?fait=nom")).text
    assert "La clé d&#39;accès a un nouveau nom." in page
    assert "&lt;script&gt;alert" in page
    assert HOSTILE not in page
    done = await form(operator, f"{path}/suppression")
    assert done.headers["location"] == "/compte/cles?fait=retrait"
    assert await mine(town) == [second]


async def test_the_last_key_stays_and_the_page_says_why(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await add_key(operator)
    (key,) = await mine(town)
    refused = await form(operator, f"/compte/cles/{key.credential_hash}/suppression")
    assert refused.status_code == 409
    assert "seule seconde preuve" in refused.text
    assert await mine(town) == [key]


async def test_another_persons_key_is_out_of_reach(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await add_key(operator, "à Camille")
    (key,) = await mine(town)
    await add_user(town, login="autre", function="operator")
    await leave(operator)
    await sign_in(operator, "autre")
    assert "à Camille" not in (await operator.get("/compte/cles")).text
    for act in ("nom", "suppression"):
        refused = await form(operator, f"/compte/cles/{key.credential_hash}/{act}", label="pris")
        assert refused.status_code == 409
    assert await mine(town) == [key]


async def test_a_form_without_its_token_changes_no_key(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await add_key(operator)
    (key,) = await mine(town)
    for act in ("nom", "suppression"):
        sent = await operator.post(
            f"/compte/cles/{key.credential_hash}/{act}", data={"label": "x"}, headers=SAME
        )
        assert sent.status_code == 403
    assert await mine(town) == [key]


async def test_a_suspect_key_is_shown_as_such(operator: httpx.AsyncClient, town: Ledger) -> None:
    await add_key(operator)
    assert "peut-être été copiée" not in (await operator.get("/compte/cles")).text
    async with town.writing() as connection:
        await connection.execute(update(kept).values(suspect_at=1.0))
    assert "peut-être été copiée" in (await operator.get("/compte/cles")).text


def test_every_refusal_has_its_english() -> None:
    said = [
        *(ceremony.NOT_ACCEPTED, ceremony.NO_KEY, NO_NAME, passkeys.GONE, passkeys.LAST),
        *passkeys.ADDITION.values(),
        *VOCABULARY["key_done"].values(),
    ]
    assert [one for one in said if sentence(one, "en") == one] == []
    assert sentence(passkeys.ADDITION[Addition.TOO_MANY], "en").startswith(
        "An account has at most 10"
    )
