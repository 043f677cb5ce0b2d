"""Requests that act must come from our own pages (SECURITY T16)."""

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE = ("GET", "HEAD", "OPTIONS")
# Doors that no cookie opens: a signature or an unguessable token does. A resident in danger is
# not turned away because her old telephone sends no Origin; no more is a team in the field.
OWN_PROOF = ("/hooks/", "/a/", "/r/", "/t/")
REFUSAL = (
    "Cette demande ne vient pas d'une page de Tocsin : rien n'a été fait. Rechargez la page.\n"
    "This request does not come from a page of Tocsin: nothing was done. Reload the page.\n"
)


class SameOrigin:
    """ASGI: refuse what acts and was not sent by one of our pages."""

    def __init__(self, app: ASGIApp, *, public_url: str, cookie: str) -> None:
        """Wrap an application known to the world as `public_url`, whose sessions are `cookie`."""
        self._app = app
        self._origin = _origin(public_url)
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse with 403."""
        if scope["type"] == "http" and not self._allows(scope):
            await PlainTextResponse(REFUSAL, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _allows(self, scope: Scope) -> bool:
        path = scope["path"]
        if scope["method"] in SAFE or path.startswith(OWN_PROOF):
            return True
        is_api = path.startswith("/api/")
        if is_api and all(name != b"cookie" for name, _ in scope["headers"]):
            return True  # a tool that signs or brings a token: no browser sends that by itself
        request = Request(scope)
        if is_api and self._cookie not in request.cookies:
            return True
        return sent_by_us(request.headers, scheme=request.url.scheme, origin=self._origin)


def sent_by_us(headers: Headers | Mapping[str, str], *, scheme: str, origin: str) -> bool:
    """Tell whether a browser says that our own page sent this.

    Browsers since 2023 send Sec-Fetch-Site; before, Origin is compared with the configured public
    address, or with the address asked for where none is configured (loopback).
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    sender = headers.get("origin", "")
    return bool(sender) and sender == (origin or f"{scheme}://{headers.get('host', '')}")


def form_token(key: bytes, secret: str) -> str:
    """Return what a form of this browser carries, made from a secret that its cookie holds."""
    return hmac.new(key, b"form\n" + secret.encode(), "sha256").hexdigest()[:32]


def token_fits(key: bytes, secret: str, given: object) -> bool:
    """Tell whether a form came with its token; never for an empty secret."""
    fits = hmac.compare_digest(form_token(key, secret).encode(), str(given).encode())
    return bool(secret) and fits


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
