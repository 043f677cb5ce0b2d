"""The line to a provider: what surely never left is told from what may have, on real sockets."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from channels.contract import NotAccepted, Unavailable, Unknown
from channels.http_line import Limits, Line
from dispatcher.sandbox.certificates import mail_tls

REQUEST = b"POST /x HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\nhi"
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
OK = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Served:
    """Where a server listens, and what it saw."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


Manner = Callable[[asyncio.StreamWriter, int], None]


@asynccontextmanager
async def serving(manner: Manner, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Served]:
    """Answer each request (the nth, from 1) in this manner."""
    seen = Served()
    writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        writers.add(writer)
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\nhi")
                seen.requests.append(request)
                manner(writer, len(seen.requests))
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)


def says(*pieces: bytes) -> Manner:
    def manner(writer: asyncio.StreamWriter, _number: int) -> None:
        for piece in pieces:
            writer.write(piece)

    return manner


async def failure(manner: Manner) -> NotAccepted:
    async with serving(manner) as served, Line.open(served.url) as line:
        with pytest.raises(NotAccepted) as caught:
            await line.ask(REQUEST)
    assert len(served.requests) == 1
    return caught.value


@pytest.mark.parametrize(
    "pieces",
    [
        (OK,),
        (CHUNKED,),
        (b"HTTP/1.1 100 Continue\r\n\r\n", OK),
        (OK[:9], OK[9:40], OK[40:]),
    ],
)  # fmt: skip
async def test_an_answer_is_read_whole_however_it_comes(pieces: tuple[bytes, ...]) -> None:
    async with serving(says(*pieces)) as served, Line.open(served.url) as line:
        for _ in range(3):
            answer = await line.ask(REQUEST)
            assert (answer.status, answer.body) == (201, b"{}")
    assert (served.connections, len(served.requests)) == (1, 3)  # kept open between them


async def test_the_wait_that_a_provider_asks_for_is_heard() -> None:
    slow = b"HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
    async with serving(says(slow)) as served, Line.open(served.url) as line:
        assert dict((await line.ask(REQUEST)).headers) == {"retry-after": "7"}


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 201 Created\r\nContent-Length: 200\r\n\r\n{}",
        b"SMTP is another protocol\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 201 Created\r\nContent-Length: 1000001\r\n\r\n" + b"x" * 1_000_001,
        b"",
    ],
)
async def test_an_answer_cut_or_without_sense_leaves_a_doubt(answer: bytes) -> None:
    def manner(writer: asyncio.StreamWriter, _number: int) -> None:
        writer.write(answer)
        writer.close()

    assert isinstance(await failure(manner), Unknown)


async def test_a_connection_closed_after_each_answer_is_made_anew() -> None:
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    async with serving(says(closing)) as served, Line.open(served.url) as line:
        assert [(await line.ask(REQUEST)).status for _ in range(3)] == [201, 201, 201]
    assert served.connections == 3


async def test_more_at_once_than_connections_wait_for_their_turn() -> None:
    few = Limits(connections=4)
    async with serving(says(OK)) as served, Line.open(served.url, limits=few) as line:
        answers = await asyncio.gather(*(line.ask(REQUEST) for _ in range(50)))
    assert [one.status for one in answers] == [201] * 50
    assert served.connections == 4


async def test_who_never_gets_a_turn_has_sent_nothing() -> None:
    one = Limits(connections=1, total_s=3.0)

    async def soon_after(line: Line) -> object:
        await asyncio.sleep(0.05)  # its turn comes when the first is given up: too late to be asked
        return await line.ask(REQUEST)

    async with serving(says()) as served, Line.open(served.url, limits=one) as line:
        both = await asyncio.gather(line.ask(REQUEST), soon_after(line), return_exceptions=True)
    assert [type(one) for one in both] == [Unknown, Unavailable]
    assert len(served.requests) == 1


async def test_nobody_listening_means_that_nothing_left(unused_tcp_port: int) -> None:
    async with Line.open(f"http://127.0.0.1:{unused_tcp_port}") as line:
        with pytest.raises(Unavailable):
            await line.ask(REQUEST)


async def test_a_certificate_is_checked_before_a_byte_leaves(tmp_path: Path) -> None:
    server = mail_tls(tmp_path)
    trust = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    async with serving(says(OK), tls=server) as served:
        url = f"https://localhost:{served.port}"
        async with Line.open(url, trust=trust) as line:
            assert (await line.ask(REQUEST)).status == 201
        async with Line.open(url) as stranger:
            with pytest.raises(Unavailable):
                await stranger.ask(REQUEST)
    assert len(served.requests) == 1


@pytest.mark.parametrize("url", ["ftp://x", "https://", "twilio.com", ""])
def test_an_address_that_is_none_is_refused_at_opening(url: str) -> None:
    with pytest.raises(ValueError, match="no http"):
        Line(url)
