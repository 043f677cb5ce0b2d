"""A provider that costs next to nothing: answers each Twilio message, counts, refuses nothing.

Run as `python -m tests.bench.parts.sink PORT [RATE]`; with a rate, it answers 429 to what comes
above rate + 1 within any second. Raw asyncio, so that what is measured is the client.
`GET /count` answers the messages accepted, and when the first and the last came (monotonic, s);
`GET /watch/99990` counts from then on, apart, those to numbers that begin so.
"""

import asyncio
import json
import sys
import time
from collections import deque
from dataclasses import dataclass, field

from typing_extensions import override

_HEAD = b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
_TOLD = ("count", "first", "last", "watched", "first_watched", "busiest", "refused")
_SLOW_DOWN = b"HTTP/1.1 429 Slow down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Tally:
    """What came."""

    count: int = 0
    first: float = 0.0
    last: float = 0.0
    wanted: bytes = b"nobody"
    watched: int = 0
    first_watched: float = 0.0
    rate: int = 0
    busiest: int = 0
    refused: int = 0
    second: deque[float] = field(default_factory=deque)

    def message(self, form: bytes) -> bytes:
        """Count one message, and word Twilio's answer to it."""
        if self.rate and not self._admitted(time.monotonic()):
            return _SLOW_DOWN
        self.count += 1
        self.last = time.monotonic()
        if self.count == 1:
            self.first = self.last
        if self.wanted in form:
            self.watched += 1
            self.first_watched = self.first_watched or self.last
        body = b'{"sid": "SM%032x", "status": "queued", "error_code": null}' % self.count
        return _HEAD % (201, b"Created", len(body), body)

    def _admitted(self, now: float) -> bool:
        while self.second and now - self.second[0] >= 1.0:
            self.second.popleft()
        if len(self.second) >= self.rate + 1:
            self.refused += 1
            return False
        self.second.append(now)
        self.busiest = max(self.busiest, len(self.second))
        return True

    def told(self, head: bytes) -> bytes:
        """Word what came; a number to watch is watched from now on."""
        path = head.split(b" ", 2)[1]
        if path.startswith(b"/watch/"):
            self.wanted = b"To=%2B" + path.removeprefix(b"/watch/")
            self.watched, self.first_watched = 0, 0.0
        counted = {name: getattr(self, name) for name in _TOLD}
        body = json.dumps(counted).encode()
        return _HEAD % (200, b"OK", len(body), body)


class Server(asyncio.Protocol):
    """One connection: requests whole, answered in order."""

    def __init__(self, tally: Tally) -> None:
        """Count in `tally`."""
        self._tally = tally
        self._buffer = b""
        self._transport: asyncio.WriteTransport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            whole, self._buffer = self._buffer[: end + 4 + length], self._buffer[end + 4 + length :]
            told = self._tally.told if head.startswith(b"get ") else self._tally.message
            self._transport.write(told(whole))


async def serve(port: int, rate: int) -> None:
    """Serve for ever on loopback."""
    tally = Tally(rate=rate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(tally), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
