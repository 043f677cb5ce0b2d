"""Signed posts to the application: status callbacks, keypad answers, TwiML fetched by URL."""

import asyncio
import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.request import RequestBuilder

from dispatcher.sandbox.twiml import Unreachable

RETRY_DELAYS_S = (0.2, 0.5, 1.0, 2.0, 4.0)
TIMEOUT = timedelta(seconds=15)  # Twilio's own patience
AT_ONCE = 64


@dataclass
class Tally:
    """How the callbacks went: received with a 2xx, given up, or not sent because of their host."""

    posted: int = 0
    failed: int = 0
    refused: int = 0


def sign(auth_token: str, url: str, fields: Mapping[str, str]) -> str:
    """Compute X-Twilio-Signature: HMAC-SHA1 over the URL and the sorted names and values."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.digest(auth_token.encode(), signed.encode(), "sha1")).decode()


class Caller:
    """Posts to the application's URLs and to nothing else.

    With `base`, every URL keeps its path and query but is reached there, while the signature
    covers the URL as it was given: the public name need not resolve. Without it only loopback
    addresses are reached, because nothing of a sandbox leaves the machine.
    """

    def __init__(self, auth_token: str, base: str | None) -> None:
        self._auth_token = auth_token
        self._base = base
        self._gate = asyncio.Semaphore(AT_ONCE)
        self.tally = Tally()
        builder = ClientBuilder().no_proxy().follow_redirects(False).timeout(TIMEOUT)
        self._client = builder.user_agent("TwilioProxy/1.1").build()

    async def __aenter__(self) -> Self:
        """Open."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.close()

    async def tell(self, url: str, fields: Mapping[str, str]) -> bool:
        """Post a callback, a few times when the receiver is down; say whether it was taken."""
        signed = {"X-Twilio-Signature": sign(self._auth_token, url, fields)}
        return await self.post(url, lambda one: one.headers(signed).form(list(fields.items())))

    async def post(self, url: str, dress: Callable[[RequestBuilder], RequestBuilder]) -> bool:
        """Post what `dress` puts into the request, a few times when the receiver is down."""
        target = self._target(url)
        if target is None:
            self.tally.refused += 1
            return False
        for delay_s in (*RETRY_DELAYS_S, None):
            status, _ = await self._sent(dress(self._client.request("POST", target)))
            if 0 < status < 500:
                break
            if delay_s is not None:
                await asyncio.sleep(delay_s)
        else:
            status = 0
        taken = 200 <= status < 300
        self.tally.posted += taken
        self.tally.failed += not taken
        return taken

    async def fetch(self, url: str, method: str, fields: Mapping[str, str]) -> str:
        """Get a TwiML document. Raises Unreachable."""
        target = self._target(url)
        if target is None:
            self.tally.refused += 1
            raise Unreachable(f"the host of {url!r} is not reached from a sandbox")
        status, text = await self._request(method, target, url, fields)
        if not 200 <= status < 300:
            self.tally.failed += 1
            raise Unreachable(f"HTTP retrieval failure: {url!r} answered {status}")
        self.tally.posted += 1
        return text

    async def _request(
        self, method: str, target: str, url: str, fields: Mapping[str, str]
    ) -> tuple[int, str]:
        signed = fields if method == "POST" else {}
        request = self._client.request(method, target).headers(
            {"X-Twilio-Signature": sign(self._auth_token, url, signed)}
        )
        if method == "POST":
            request = request.form(list(fields.items()))
        return await self._sent(request)

    async def _sent(self, request: RequestBuilder) -> tuple[int, str]:
        async with self._gate:
            try:
                response = await request.build().send()
                return response.status, await response.text()
            except PyreqwestError:
                return 0, ""

    def _target(self, url: str) -> str | None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            return None
        if self._base is not None:
            query = f"?{parts.query}" if parts.query else ""
            return self._base.rstrip("/") + parts.path + query
        return url if _is_loopback(parts.hostname) else None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
