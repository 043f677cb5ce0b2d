"""A partner's own server: https on loopback, which checks what it is posted by the standard."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from standardwebhooks import Webhook
from typing_extensions import override

from channels.public_addresses import PublicOnly
from channels.webhook import webhook_client
from tests.tls_servers import certificate

OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


def answering(status: str, *headers: str) -> bytes:
    """Return a whole answer without a body."""
    return "\r\n".join((f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "", "")).encode()


@dataclass
class Receiver:
    """What came, in order; what it answers, in turn, then OK."""

    http: httpx.AsyncClient
    url: str = "https://localhost/tocsin"
    answers: list[bytes] = field(default_factory=list)
    hold_s: float = 0.0
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    together: int = 0
    most_together: int = 0

    @property
    def events(self) -> list[dict[str, Any]]:
        """Return the bodies."""
        return [json.loads(one) for one in self.bodies]

    @property
    def ids(self) -> list[str]:
        """Return the webhook-ids, in order."""
        return [one["webhook-id"] for one in self.heads]

    def verified(self, secret: str) -> int:
        """Count the requests that this secret proves, by the reference library."""
        return sum(_verifies(secret, *one) for one in zip(self.heads, self.bodies, strict=True))


def _verifies(secret: str, head: dict[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, head)
    except Exception:  # noqa: BLE001 - the library's own, of whatever kind
        return False
    return True


class _Towards(httpx.AsyncBaseTransport):
    """Takes what is for port 443 of loopback to the port where a test listens."""

    def __init__(self, trust: ssl.SSLContext, port: int) -> None:
        once = httpx.Limits(max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(verify=trust, limits=once)
        self._port = port

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=self._port)
        return await self._inner.handle_async_request(request)

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()


@asynccontextmanager
async def receiving(folder: Path) -> AsyncIterator[Receiver]:
    """Serve as a partner does, and give a client that takes this machine for the internet."""
    given = certificate(folder, days=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given.chain)
    trust = ssl.create_default_context(cafile=str(given.ca_file))

    async def names(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _serve(got, reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    inside = PublicOnly(_Towards(trust, port), resolve=names, permitted=lambda _: True)
    async with server, webhook_client(inside) as http:
        got = Receiver(http)
        yield got


async def _serve(got: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    got.together += 1
    got.most_together = max(got.most_together, got.together)
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        lower = {name.lower(): value for name, value in fields.items()}
        got.bodies.append(await reader.readexactly(int(lower["content-length"])))
        got.heads.append(lower)
        await asyncio.sleep(got.hold_s)
        writer.write(got.answers.pop(0) if got.answers else OK)
        await writer.drain()
    finally:
        got.together -= 1
        writer.close()
