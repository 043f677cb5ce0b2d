"""One provider's HTTP/1.1 line: connections kept open, and no doubt about what surely never left.

Providers are spoken to under httpx: a posted form costs a tenth of its CPU here, and no library
tells whether a byte of the request had left when the exchange broke. Here nothing has left before
`write`, and everything may have from then on.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple, Self, cast
from urllib.parse import urlsplit

import httptools
from typing_extensions import override

from channels.answers import sentence, unreadable
from channels.contract import NotAccepted, Unavailable, Unknown

IDLE_S: Final = 20.0  # servers hang up on idle clients; not on one as young as this
LONGEST_ANSWER: Final = 1_000_000  # bytes: a page of fifty messages takes a tenth of it
LOOKS: Final = 100  # at what waits, in the time of one exchange: it is late by no more than 1 %
LEAST: Final = 0.1  # of the time of an exchange: with less left, a request would end as Unknown
_KEPT: Final = {b"date": "date", b"retry-after": "retry-after"}


@dataclass(frozen=True)
class Limits:
    """How long a connection and a whole exchange may take (DELIVERY §4), how many there are."""

    connect_s: float = 3.0
    total_s: float = 10.0
    connections: int = 100


LIMITS: Final = Limits()


class Answer(NamedTuple):
    """What came back; of its headers, Date and Retry-After are kept, in small letters."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Line:
    """The connections to one origin, `http` or `https`; the certificate is always checked."""

    def __init__(
        self, base_url: str, *, trust: ssl.SSLContext | None = None, limits: Limits = LIMITS
    ) -> None:
        """Prepare; nothing is connected before the first post. Raises ValueError.

        `trust` is what certificates are checked against, instead of the system's own authorities.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{base_url!r} is no http or https address.")
        tls = parts.scheme == "https"
        self._tls = (trust or ssl.create_default_context()) if tls else None
        self._limits = limits
        self._host = parts.hostname
        self._port = parts.port or (443 if self._tls else 80)
        self.host_header = parts.netloc.rpartition("@")[2]
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._queue: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._making = 0
        self._loop: asyncio.AbstractEventLoop | None = None  # asked once: each asking is a syscall
        self._look: asyncio.TimerHandle | None = None  # one for all: a timer for each costs more

    @classmethod
    @asynccontextmanager
    async def open(
        cls, base_url: str, *, trust: ssl.SSLContext | None = None, limits: Limits = LIMITS
    ) -> AsyncIterator[Self]:
        """Open a line for the life of the process."""
        line = cls(base_url, trust=trust, limits=limits)
        try:
            yield line
        finally:
            if line._look is not None:
                line._look.cancel()
            for connection in set(line._open):
                connection.hang_up()
            await asyncio.sleep(0)  # lets their transports close

    async def ask(self, request: bytes) -> Answer:
        """Send one whole request, and return its answer, within `total_s`.

        Raises Unavailable when nothing left, Unknown when something may have.
        """
        loop = self._loop = self._loop or asyncio.get_running_loop()
        deadline = loop.time() + self._limits.total_s
        if self._look is None:
            self._look = loop.call_later(self._limits.total_s / LOOKS, self._overdue)
        connection = await self._connection(loop, deadline)
        if deadline - loop.time() < self._limits.total_s * LEAST:
            self._free(connection, loop.time())
            raise _nothing_left()
        try:
            answer = await connection.ask(request, deadline=deadline)
        except BaseException:
            connection.hang_up()
            raise
        finally:
            self._free(connection, loop.time())
        return answer

    def _overdue(self) -> None:
        """Fail what has waited too long, for a turn or an answer; look again while more waits."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for deadline, turn in self._queue:
            if now >= deadline and not turn.done():
                turn.set_exception(_nothing_left())
        while self._queue and self._queue[0][1].done():
            self._queue.popleft()
        busy = [one for one in self._open if one.deadline is not None]
        for one in busy:
            one.give_up(now)
        waits = busy or self._queue or self._making
        later = self._limits.total_s / LOOKS
        self._look = loop.call_later(later, self._overdue) if waits else None

    async def _connection(self, loop: asyncio.AbstractEventLoop, deadline: float) -> "_Connection":
        while True:
            while self._idle:
                kept = self._idle.pop()
                if kept.usable and loop.time() - kept.idle_since < IDLE_S:
                    return kept
                kept.hang_up()
            if len(self._open) + self._making < self._limits.connections:
                return await self._connect()
            await self._turn(loop, deadline)

    async def _turn(self, loop: asyncio.AbstractEventLoop, deadline: float) -> None:
        turn: asyncio.Future[None] = loop.create_future()
        self._queue.append((deadline, turn))
        await turn

    async def _connect(self) -> "_Connection":
        self._making += 1
        connection = _Connection(self._open, asyncio.get_running_loop())
        try:
            async with asyncio.timeout(self._limits.connect_s):
                await asyncio.get_running_loop().create_connection(
                    lambda: connection, self._host, self._port, ssl=self._tls
                )
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            self._wake()
            raise _nothing_left() from error
        finally:
            self._making -= 1
        return connection

    def _free(self, connection: "_Connection", now: float) -> None:
        if connection.usable:
            connection.idle_since = now
            self._idle.append(connection)
        self._wake()

    def _wake(self) -> None:
        while self._queue:
            _, turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return


class _Connection(asyncio.Protocol):
    """One connection, one request at a time; the parser's callbacks are its `on_…` methods."""

    def __init__(self, among: "set[_Connection]", loop: asyncio.AbstractEventLoop) -> None:
        self._among = among
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._headers: dict[str, str] = {}
        self.usable = False
        self.idle_since = 0.0
        self.deadline: float | None = None  # of the exchange that waits

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass
        self._among.add(self)
        self.usable = True

    async def ask(self, request: bytes, *, deadline: float) -> Answer:
        """Send a request. From the first byte on, what breaks is Unknown."""
        if self._transport is None or not self.usable:
            raise _nothing_left()
        self._waiting = self._loop.create_future()
        self.deadline = deadline
        try:
            self._transport.write(request)
            return await self._waiting
        finally:
            self.deadline = None
            self._waiting = None

    def give_up(self, now: float) -> None:
        """Let the exchange fail if its deadline has passed."""
        if self.deadline is not None and now >= self.deadline:
            self._fail_lost()

    @override
    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(unreadable())

    def on_header(self, name: bytes, value: bytes) -> None:
        if (kept := _KEPT.get(name.lower())) is not None:
            self._headers[kept] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > LONGEST_ANSWER:
            self._fail(unreadable())

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # 100, 103: the answer itself comes next
            return
        answer = Answer(status, self._body, self._headers)
        self._body, self._headers = b"", {}
        self.usable = self.usable and bool(self._parser.should_keep_alive())
        if self._waiting is None or self._waiting.done():
            self.usable = False  # an answer to nothing: this server does not keep to the protocol
        else:
            self._waiting.set_result(answer)
        if not self.usable:
            self.hang_up()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._among.discard(self)
        self._fail_lost()

    def hang_up(self) -> None:
        """Close without another byte."""
        self.usable = False
        self._among.discard(self)
        if self._transport is not None:
            self._transport.abort()

    def _fail_lost(self) -> None:
        self.usable = False
        if self._waiting is not None and not self._waiting.done():
            self._fail(Unknown("answer-lost", sentence("answer-lost")))

    def _fail(self, why: NotAccepted) -> None:
        self.usable = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(why)


def _nothing_left() -> Unavailable:
    return Unavailable("no-connection", sentence("no-connection"))
