"""A small application that receives the sandbox's callbacks and answers TwiML."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


@dataclass(frozen=True)
class Post:
    """One request received: path with query, form fields, the signature it carried."""

    method: str
    path: str
    fields: dict[str, str]
    signature: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Receiver:
    """What was received, in order; `twiml` maps a path to the document to answer with."""

    base: str = ""
    posts: list[Post] = field(default_factory=list)
    twiml: dict[str, str] = field(default_factory=dict)
    refuse_next: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep the request and answer it."""
        request = Request(scope, receive)
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        body = await request.body()
        fields = parse_qsl(body.decode(), keep_blank_values=True)
        signature = request.headers.get("x-twilio-signature", "")
        if self.refuse_next:
            self.refuse_next -= 1
            await Response(status_code=503)(scope, receive, send)
            return
        self.posts.append(
            Post(request.method, path, dict(fields), signature, body, dict(request.headers))
        )
        document = self.twiml.get(request.url.path)
        answer = Response(status_code=204)
        if document is not None:
            answer = Response(document, media_type="text/xml")
        await answer(scope, receive, send)

    async def received(self, number: int, *, path: str = "") -> list[Post]:
        """Wait for this many requests (whose path starts so)."""
        async with asyncio.timeout(15):
            while (
                len(found := [post for post in self.posts if post.path.startswith(path)]) < number
            ):
                await asyncio.sleep(0.01)
        return found


@asynccontextmanager
async def running_receiver() -> AsyncIterator[Receiver]:
    """Serve a receiver on a free loopback port."""
    receiver = Receiver()
    listener = socket.create_server(("127.0.0.1", 0))
    receiver.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(receiver, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield receiver
    finally:
        server.should_exit = True
        await serving
