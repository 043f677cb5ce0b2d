"""A server of raw bytes: gives each request one answer, cut or late as asked, and counts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_SAME = b"the same"


@dataclass
class OneAnswer:
    """Where it listens, and what it was sent."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many whole requests came."""
        return len(self.bodies)


@asynccontextmanager
async def running_answer(
    answer: bytes | None, *, then: bytes | None = _SAME, hold_s: float = 0.0
) -> AsyncIterator[OneAnswer]:
    """Answer the first request with `answer`, the others with `then`; None closes the connection.

    Connections are kept while the answer is whole (its Content-Length is met).
    """
    seen = OneAnswer()
    tasks: set[asyncio.Task[None]] = set()

    def start(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(_serve(seen, (answer, then, hold_s), reader, writer)))

    server = await asyncio.start_server(start, "127.0.0.1", 0)
    seen.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield seen
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(
    seen: OneAnswer,
    manner: tuple[bytes | None, bytes | None, float],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    answer, then, hold_s = manner
    try:
        while (request := await _read(reader)) is not None:
            seen.heads.append(request[0])
            seen.bodies.append(request[1])
            given = answer if seen.requests == 1 or then is _SAME else then
            await asyncio.sleep(hold_s)
            if given is None:
                break
            writer.write(given)
            await writer.drain()
            if not _whole(given):
                break
    except (asyncio.LimitOverrunError, ConnectionError):
        pass
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> tuple[bytes, bytes] | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    return head, await reader.readexactly(_length(head))


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.startswith(b"HTTP/1.1 ") and len(body) == _length(head)
