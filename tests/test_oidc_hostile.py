"""Whatever a provider answers, the console answers in time, in words, and lets nobody in."""

import asyncio
import gzip
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from dispatcher.access import oidc_provider
from dispatcher.access.oidc_provider import LARGEST, Grant, opened_provider
from dispatcher.access.oidc_refusals import ProviderDown, ProviderSignInRefused
from dispatcher.settings import OidcSettings
from dispatcher.store.ledger import Ledger
from tests.consoles import SAME, console
from tests.oidc_pretender import CLIENT, RETURN, Pretender, http, listening, told

pytest_plugins = ("tests.oidc_fixtures", "tests.console_visits")
DISCOVERY = "/.well-known/openid-configuration"
PATHS = (DISCOVERY, "/token", "/jwks")
SILENT = "ProConnect ne répond pas"

DEEP = b"[" * 60_000
RAW = {
    "nothing": b"",
    "no http": b"\x00\xff\x00 pas du HTTP\r\n\r\n",
    "an endless head": b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 200_000,
    "a lie on its length": b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n{}",
    "an impossible length": b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}",
    "html": http(b"<html>En maintenance</html>"),
    "an error": http(b"{}", "500 Internal Server Error"),
    "a page that is not there": http(b"{}", "404 Not Found"),
    "no content": http(b"", "204 No Content"),
    "a refusal": http(b'{"error": "invalid_grant"}', "400 Bad Request"),
    "unauthorised": http(b'{"error": "invalid_client"}', "401 Unauthorized"),
    "a redirect": http(b"", "302 Found", location="http://169.254.169.254/latest/meta-data"),
    "something huge": http(b'{"a": "' + b"x" * (LARGEST * 20) + b'"}'),
    "something compressed": http(b"\x1f\x8b\x08\x00", content_encoding="gzip"),
    "something deep": http(DEEP),
    "a number": http(b"7"),
    "null": http(b"null"),
    "bad utf-8": http(b'{"issuer": "\xff\xfe"}'),
    "other types": http(b'{"issuer": 1, "keys": 2, "id_token": 3}'),
    "empty": http(b"{}"),
    "strange keys": http(orjson.dumps({"keys": [{"kty": "RSA", "n": "A" * 9000, "e": "AQAB"}]})),
    "odd keys": http(b'{"keys": [{"kty": "EC", "crv": "P-256", "x": "!", "y": ""}, [], 3]}'),
}


@pytest.fixture
async def client(
    tmp_path: Path, town: Ledger, pretender: Pretender, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """Be a stranger at a console whose provider is hostile; it waits for one second at most."""
    monkeypatch.setenv("TOCSIN_OIDC_ISSUER", pretender.url)
    monkeypatch.setenv("TOCSIN_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setattr(oidc_provider, "TIMEOUT_S", 1.0)
    async with console(tmp_path) as one:
        yield one


async def left(client: httpx.AsyncClient) -> httpx.Response:
    """Touch the provider's button."""
    page = (await client.get("/connexion")).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    return await client.post("/connexion/externe", data=hidden, headers=SAME)


async def came_back(client: httpx.AsyncClient, pretender: Pretender) -> httpx.Response:
    """Leave for the provider and come back; the last answer."""
    answer = await left(client)
    found = re.search(r'content="0;url=([^"]+)"', answer.text)
    if found is None:
        return answer
    state = pretender.vouch(found[1].replace("&amp;", "&"))
    return await client.get("/connexion/retour", params={"state": state, "code": "c", "suite": "1"})


def in_words(answer: httpx.Response) -> None:
    """See that an answer is a page that says what to do, with the local ways on it."""
    assert answer.status_code == 401, answer.text
    assert "mot de passe" in re.sub(r"<input.*?>", "", answer.text)
    assert 'name="password"' in answer.text
    assert 'role="alert"' in answer.text
    assert "tocsin" not in answer.cookies


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("what", RAW)
async def test_garbage_is_told_in_words_and_opens_nothing(
    client: httpx.AsyncClient, pretender: Pretender, path: str, what: str
) -> None:
    pretender.raw[path] = RAW[what]
    in_words(await came_back(client, pretender))
    assert not any("169.254" in asked for asked in pretender.asked)


@pytest.mark.parametrize("wrapped", ["too long", "compressed", "redirected", "created"])
async def test_a_sound_answer_that_comes_as_it_must_not_is_not_taken(
    client: httpx.AsyncClient, pretender: Pretender, wrapped: str
) -> None:
    sound = orjson.dumps(pretender.description())
    pretender.raw["/moved"] = http(sound)
    pretender.raw[DISCOVERY] = {
        "too long": http(sound + b" " * LARGEST),
        "compressed": http(gzip.compress(sound), content_encoding="gzip"),
        "redirected": http(b"", "302 Found", location=f"{pretender.url}/moved"),
        "created": http(sound, "201 Created"),
    }[wrapped]
    in_words(await left(client))
    assert "/moved" not in pretender.asked
    pretender.raw[DISCOVERY] = http(sound + b" " * 1000)
    assert (await left(client)).status_code == 200


@pytest.mark.alone("a wait ends within a second of its limit")
@pytest.mark.parametrize("path", PATHS)
async def test_silence_ends_in_time(
    client: httpx.AsyncClient, pretender: Pretender, path: str
) -> None:
    pretender.hangs.add(path)
    began = time.monotonic()
    answer = await came_back(client, pretender)
    assert time.monotonic() - began < 4
    assert SILENT in answer.text
    in_words(answer)


@pytest.mark.alone("a wait ends within two seconds of its limit")
async def test_an_answer_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc_provider, "TIMEOUT_S", 1.0)

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n")
        while True:  # each read of the client comes in time; the whole never does
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.1)

    async with (
        listening(drip) as url,
        opened_provider(OidcSettings(issuer=url, client_id=CLIENT)) as provider,
    ):
        assert provider is not None
        began = time.monotonic()
        with pytest.raises(ProviderDown):
            await provider.description()
        assert time.monotonic() - began < 3


async def test_a_provider_that_is_not_there_is_told(
    tmp_path: Path, town: Ledger, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_OIDC_ISSUER", f"http://127.0.0.1:{unused_tcp_port}")
    monkeypatch.setenv("TOCSIN_OIDC_CLIENT_ID", CLIENT)
    async with console(tmp_path) as client:
        answer = await left(client)
    assert SILENT in answer.text
    in_words(answer)


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "data:text/html,x"},
        {"authorization_endpoint": "//evil.example"},
        {"authorization_endpoint": "http://evil.example/auth"},
        {"token_endpoint": "http://169.254.169.254/"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": "https://user:secret@evil.example/"},
        {"token_endpoint": "https://[::1/"},
        {"jwks_uri": "http://evil.example:99999/"},
        {"jwks_uri": None},
        {"token_endpoint_auth_methods_supported": 7},
    ],
    ids=str,
)
async def test_an_address_that_is_not_guarded_is_not_gone_to(
    client: httpx.AsyncClient, pretender: Pretender, described: dict[str, object]
) -> None:
    pretender.described = described
    answer = await left(client)
    assert SILENT in answer.text
    in_words(answer)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
NAMES = st.sampled_from(
    ("issuer", "keys", "id_token", "kty", "kid", "n", "e", "crv", "x", "y", "jwks_uri")
)
FLAT = PLAIN | st.lists(PLAIN, max_size=4) | st.dictionaries(NAMES, PLAIN, max_size=5)
JSON = FLAT | st.lists(FLAT, max_size=4) | st.dictionaries(NAMES, FLAT, max_size=5)
BODIES = st.binary(max_size=200) | JSON.map(
    lambda value: (
        orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS) if not _too_big(value) else b"{"
    )
)


def _too_big(value: object) -> bool:
    if isinstance(value, int):
        return not -(2**63) <= value < 2**64
    if isinstance(value, str):
        return any("\ud800" <= sign <= "\udfff" for sign in value)
    parts: Iterator[object] = iter(())
    if isinstance(value, dict):
        parts = iter([*value.keys(), *value.values()])
    elif isinstance(value, list):
        parts = iter(value)
    return any(_too_big(part) for part in parts)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from(PATHS), body=BODIES, status=st.sampled_from((200, 201, 302, 400, 503)))
async def test_no_answer_of_a_provider_breaks_a_verb(
    pretender: Pretender, path: str, body: bytes, status: int
) -> None:
    pretender.raw = {path: http(body, f"{status} Said")}
    async with opened_provider(told(pretender)) as provider:
        assert provider is not None
        try:
            token = await provider.redeem(Grant("code", "verifier", RETURN))
            keys = await provider.keys()
        except ProviderSignInRefused:
            return
        assert status == 200
        assert isinstance(token, str)
        assert isinstance(keys, tuple)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    said=st.dictionaries(
        st.sampled_from(("state", "code", "error", "iss", "suite", "lang")),
        st.text(max_size=60) | st.just("1") | st.just("x" * 9000),
    )
)
async def test_whatever_a_stranger_sends_back_is_told_in_words(
    client: httpx.AsyncClient, said: dict[str, str]
) -> None:
    encoded = {name: value.encode("utf-8", "replace").decode() for name, value in said.items()}
    answer = await client.get("/connexion/retour", params=encoded)
    assert answer.status_code in (200, 401)
    assert "tocsin" not in answer.cookies


async def test_what_a_stranger_sends_back_is_text_in_the_page_and_leads_nowhere_else(
    client: httpx.AsyncClient,
) -> None:
    hostile = '"><script>alert(1)</script>;url=https://evil.example'
    answer = await client.get("/connexion/retour", params={"state": hostile, "more": hostile})
    (onward,) = re.findall(r'content="0;url=([^"]+)"', answer.text)
    assert onward.startswith("/connexion/retour?state=%22%3E%3Cscript")
    assert "<script>alert" not in answer.text
    assert unquote(parse_qs(urlsplit(onward.replace("&amp;", "&")).query)["state"][0]) == hostile


async def test_the_log_says_what_failed_and_names_nobody(
    client: httpx.AsyncClient, pretender: Pretender
) -> None:
    pretender.raw[DISCOVERY] = RAW["html"]
    with capture_logs() as lines:
        await left(client)
    assert lines == [{"event": "oidc.provider", "kind": "description", "log_level": "warning"}]
