"""A provider that says what a test makes it say: sound answers, forged tokens, garbage, silence."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.registry import HeaderParameter
from pydantic import SecretStr

from dispatcher.access.oidc import Back, Outcome, come_back
from dispatcher.access.oidc_leaving import Browser, Gate, to_sign_in
from dispatcher.access.oidc_provider import opened_provider
from dispatcher.access.oidc_refusals import ProviderSignInRefused
from dispatcher.access.sessions import session_of
from dispatcher.access.signing_in import NewUser, create_user, session_user, sign_in
from dispatcher.settings import OidcSettings
from dispatcher.store.identities import Identity, link_identity
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.sessions import Session
from dispatcher.store.users import User

CLIENT = "tocsin"
COMMUNE, OTHER_COMMUNE = "99042", "99043"
KEY = b"k" * 32
PASSWORD = "quatre mots sans rapport"
RETURN = "http://127.0.0.1:8700/connexion/retour"
SUBJECT = "8f14e45f"
MAYOR = User(COMMUNE, "claire", "Claire MARTIN", "dos")
BROWSER = Browser("secret de ce navigateur", source="192.0.2.1", agent="Firefox")
RSA, OTHER_RSA = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("rsa", "other"))
EC = ECKey.generate_key("P-256", {"kid": "ec"})
Key = RSAKey | ECKey | OctKey


def signed(claims: Mapping[str, object] | bytes, key: Key = EC, **header: object) -> str:
    """Sign claims as a provider does; `header` changes or adds to its head."""
    alg = "ES256" if isinstance(key, ECKey) else "RS256"
    head = {"alg": alg, "kid": key.kid, **header}
    body = claims if isinstance(claims, bytes) else orjson.dumps(claims)
    return jws.serialize_compact(
        {name: value for name, value in head.items() if value is not None},
        body,
        key,
        registry=jws.JWSRegistry(
            {"x": HeaderParameter("x", "int")}, [str(head["alg"])], strict_check_header=False
        ),
    )


@dataclass(frozen=True)
class FromNow:
    """An instant of a claim, from when it is made: no test's name may hold the clock."""

    seconds: int


@dataclass
class Pretender:
    """What it answers. `raw` are whole answers by path; it never ends those of `hangs`."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    token: str | None = None  # instead of one signed from `claims`
    described: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    hangs: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)

    def answer(self, path: str) -> bytes:
        """Return the whole answer to a request."""
        if path in self.raw:
            return self.raw[path]
        if path == "/token":
            said = self.token or signed(self.claims)
            return http(orjson.dumps({"id_token": said, "access_token": "x"}))
        if path == "/jwks":
            return http(orjson.dumps({"keys": self.keys}))
        return http(orjson.dumps(self.description()))

    def description(self) -> dict[str, Any]:
        """Return how it describes itself."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            **self.described,
        }

    def vouch(self, address: str, **changes: object) -> str:
        """Prepare sound claims for somebody sent to `address`, then changed; return the state."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        now = int(time.time())
        sound = {
            "iss": self.url,
            "sub": SUBJECT,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": sent["nonce"],
            **changes,
        }
        self.claims = {
            name: now + value.seconds if isinstance(value, FromNow) else value
            for name, value in sound.items()
            if value is not None
        }
        return sent["state"]


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """Return a whole answer."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@asynccontextmanager
async def listening(serve: Handler) -> AsyncIterator[str]:
    """Give the address of a server on loopback; whatever it still serves at the end is cut."""
    serving: set[asyncio.Task[None]] = set()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            writer.transport.abort()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.create_task(served(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)
        await asyncio.sleep(0)


@asynccontextmanager
async def pretending() -> AsyncIterator[Pretender]:
    """Serve a pretender on loopback."""
    one = Pretender(keys=[key.as_dict(private=False) for key in (RSA, EC)])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1]
        length = [line for line in head.lower().split("\r\n") if line.startswith("content-length")]
        body = await reader.readexactly(int(length[0].split(":")[1])) if length else b""
        one.asked.append(path)
        one.forms.append(parse_qs(body.decode()))
        if path in one.hangs:
            await asyncio.Event().wait()
        writer.write(one.answer(path))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with listening(serve) as one.url:
        yield one


def told(pretender: Pretender, **more: Any) -> OidcSettings:  # noqa: ANN401 - settings of any type
    """Return the settings that name a pretender."""
    secret = SecretStr("un secret")
    return OidcSettings(
        **{"issuer": pretender.url, "client_id": CLIENT, "client_secret": secret, **more}
    )


@asynccontextmanager
async def gate_to(pretender: Pretender, ledger: Ledger, **more: object) -> AsyncIterator[Gate]:
    """Open the way in by a pretender."""
    async with opened_provider(told(pretender, **more)) as provider:
        assert provider is not None
        yield Gate(ledger, provider, RETURN, KEY)


async def enrol(ledger: Ledger, user: User = MAYOR, totp_secret: str | None = None) -> None:
    """Give somebody access with PASSWORD."""
    await create_user(ledger, NewUser(user, PASSWORD, totp_secret), by="maire", key=KEY)


async def linked(
    ledger: Ledger, pretender: Pretender, user: User = MAYOR, subject: str = SUBJECT
) -> None:
    """Link a user to her account at a pretender."""
    entry = Entry(user.login, "access.identity_linked", "Compte externe relié")
    identity = Identity(pretender.url, subject)
    await link_identity(ledger, identity, user, line=(entry, KEY))


async def signed_in_browser(ledger: Ledger, user: User = MAYOR) -> Browser:
    """Return a browser in which somebody has signed in by her password."""
    session = await sign_in(ledger, commune=user.commune, login=user.login, password=PASSWORD)
    assert await session_user(ledger, session) == user
    return replace(BROWSER, session=session)


async def held(ledger: Ledger, browser: Browser) -> Session:
    """Return the session that a browser holds."""
    session = await session_of(ledger, browser.session)
    assert session is not None
    return session


async def tried(
    gate: Gate,
    pretender: Pretender,
    changes: Mapping[str, object] | None = None,
    *,
    browser: Browser = BROWSER,
) -> Outcome:
    """Sign in by a pretender that vouches for the mayor, its claims changed."""
    address = await to_sign_in(gate, COMMUNE, browser, vers="/console/alertes")
    state = pretender.vouch(address, **(changes or {}))
    return await come_back(gate, Back(state, "code"), browser)


async def refusal(trial: Awaitable[object]) -> str:
    """Return the sentence that a trial is refused with."""
    with pytest.raises(ProviderSignInRefused) as said:
        await trial
    return str(said.value)
