"""Another house that keeps what is sent to it over TLS."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from tests.tls_servers import Certificate

NAMED = "Basic " + base64.b64encode(b"mairie:mot-secret").decode()
Scope = dict[str, Any]


@dataclass
class Store:
    """A store that takes files by PUT, and lines by POST, from who signs in."""

    files: dict[str, bytes] = field(default_factory=dict)
    posts: list[bytes] = field(default_factory=list)
    answers: int = 201

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        status, body, more = self.answers, b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        if dict(scope["headers"]).get(b"authorization", b"").decode() != NAMED:
            status = 401
        elif status == 201 and scope["method"] == "PUT":
            self.files[scope["path"]] = body
        elif status == 201 and scope["method"] == "POST":
            self.posts.append(body)
        moved = [(b"location", b"https://127.0.0.1:1/elsewhere")] if status == 307 else []
        await send({"type": "http.response.start", "status": status, "headers": moved})
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def serving(store: Store, given: Certificate) -> AsyncIterator[int]:
    """Serve a store over TLS while the block runs; give its port."""
    config = uvicorn.Config(
        store, port=0, lifespan="off", log_level="critical", ssl_certfile=given.chain
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task
