"""A provider as it is reached over the net: its description, its keys, its token endpoint.

Nothing it answers is trusted: at most 64 kB in 5 s, no redirect, no compression, https (or this
very machine), and its own name in its description. Every failure is ProviderDown.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from dispatcher.access.id_tokens import PublicKey
from dispatcher.access.oidc_refusals import CANCELLED, ProviderDown, ProviderSignInRefused
from dispatcher.settings import OidcSettings, guarded_address

TIMEOUT_S = 5.0  # of each request, from its first byte to its last
LARGEST = 65_536  # bytes of an answer
KEPT_S = 600.0
ALIVE_S = 3.0  # for so long, a provider that answered is taken to be up
MOST_KEYS = 100
Shape = TypeVar("Shape", bound=BaseModel)


class Description(BaseModel):
    """What a provider says of itself (OpenID Connect Discovery §3): what we need of it."""

    model_config = ConfigDict(frozen=True)
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    claims_parameter_supported: bool = False
    authorization_response_iss_parameter_supported: bool = False


class KeysSaid(BaseModel):
    """A key set as it comes: each key is read apart, so that a strange one spoils no other."""

    keys: tuple[object, ...]


class TokensSaid(BaseModel):
    """The answer of a token endpoint; the access token is not used, not even read."""

    id_token: str


@dataclass(frozen=True)
class Grant:
    """What is given for a token: the code, and what shows that it was us who asked for it."""

    code: str
    verifier: str
    return_to: str


class Provider:
    """The configured provider; `opened_provider` makes it, one for the process's life."""

    def __init__(self, settings: OidcSettings, client: httpx.AsyncClient) -> None:
        """Speak to a provider by an open client."""
        self.settings = settings
        self._client = client
        self._described: tuple[float, Description] | None = None
        self._published: tuple[float, tuple[PublicKey, ...]] | None = None

    @property
    def label(self) -> str:
        """Return what people call it."""
        return self.settings.label

    @property
    def issuer(self) -> str:
        """Return what it calls itself."""
        return self.settings.issuer

    async def description(self, *, kept_s: float = KEPT_S) -> Description:
        """Return how it describes itself, no older than `kept_s`; raises ProviderDown.

        Who sends somebody off asks with ALIVE_S: nobody is led to a site that is down.
        """
        if self._described and time.monotonic() - self._described[0] < kept_s:
            return self._described[1]
        url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        said = _read(Description, await self._fetch("GET", url), kind="description")
        if said.issuer != self.issuer:
            raise ProviderDown("other_issuer")
        if not self._goes_together(said):
            raise ProviderDown("plain_endpoint")
        self._described = (time.monotonic(), said)
        return said

    def _goes_together(self, said: Description) -> bool:
        """Tell whether a provider out in the world names no address without TLS, ours above all."""
        here = urlsplit(self.issuer).scheme == "http"
        named = (said.authorization_endpoint, said.token_endpoint, said.jwks_uri)
        return all(guarded_address(url, loopback=here) for url in named)

    async def keys(self, *, anew: bool = False) -> tuple[PublicKey, ...]:
        """Return the keys it signs with, at most ten minutes old; raises ProviderDown."""
        if self._published and not anew and time.monotonic() - self._published[0] < KEPT_S:
            return self._published[1]
        said = await self._fetch("GET", (await self.description()).jwks_uri)
        listed = _read(KeysSaid, said, kind="keys").keys[:MOST_KEYS]
        keys = tuple(key for one in listed if (key := _key(one)) is not None)
        self._published = (time.monotonic(), keys)
        return keys

    async def redeem(self, grant: Grant) -> str:
        """Give the code for an ID token; raises ProviderSignInRefused where it is refused."""
        described = await self.description()
        form = {
            "grant_type": "authorization_code",
            "code": grant.code,
            "redirect_uri": grant.return_to,
            "code_verifier": grant.verifier,
        }
        own, secret = self.settings.client_id, self.settings.client_secret.get_secret_value()
        auth: httpx.BasicAuth | None = None
        if secret and "client_secret_basic" in described.token_endpoint_auth_methods_supported:
            auth = httpx.BasicAuth(quote(own, safe=""), quote(secret, safe=""))  # RFC 6749 §2.3.1
        else:
            form |= {"client_id": own, **({"client_secret": secret} if secret else {})}
        said = await self._fetch("POST", described.token_endpoint, form=form, auth=auth)
        return _read(TokensSaid, said, kind="tokens").id_token

    async def _fetch(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        auth: httpx.BasicAuth | None = None,
    ) -> bytes:
        """Return the body of a plain 200; raises ProviderDown, or of a 400 that it was refused."""
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        content = urlencode(form).encode() if form is not None else None
        if content is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        asked = self._client.build_request(method, url, headers=headers, content=content)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await self._client.send(asked, stream=True, auth=auth)
                try:
                    return await _body(answer)
                finally:
                    await answer.aclose()
                    self._client.cookies.clear()
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:  # a timeout is an OSError
            raise ProviderDown(type(error).__name__) from error


async def _body(answer: httpx.Response) -> bytes:
    if answer.status_code == 400 and answer.request.method == "POST":  # RFC 6749 §5.2: the code
        raise ProviderSignInRefused(CANCELLED)
    if answer.status_code != 200:
        raise ProviderDown(f"http_{answer.status_code}")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise ProviderDown("compressed")  # 64 kB could be gigabytes
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > LARGEST:
            raise ProviderDown("too_large")
    return bytes(body)


def _read(shape: type[Shape], body: bytes, *, kind: str) -> Shape:
    try:
        return shape.model_validate(orjson.loads(body))
    except ValueError as error:  # not JSON, or not of that shape
        raise ProviderDown(kind) from error


def _key(said: object) -> PublicKey | None:
    try:
        return PublicKey.model_validate(said)
    except ValidationError:
        return None


@asynccontextmanager
async def opened_provider(settings: OidcSettings) -> AsyncIterator[Provider | None]:
    """Open the line to the configured provider; None without one. Asks nothing of it yet."""
    if not settings.issuer:
        yield None
        return
    trusted = ssl.create_default_context(cafile=settings.ca_file or None)
    async with httpx.AsyncClient(
        verify=trusted, timeout=TIMEOUT_S, follow_redirects=False, trust_env=False
    ) as client:
        yield Provider(settings, client)
