"""A TCP proxy that harms what passes: `python -m tests.chaos.proxy HOST PORT` (HOST: or a socket).

It prints its own port as one JSON line, then obeys one JSON order a line on stdin, each answered
by `{}`: `{"do": "pass"}` ends all harm; `refuse` hangs up on all who
are there and who come; `cut` hangs up on everyone
in the middle of an answer, once; `swallow` keeps every connection open and lets no byte through
(half-open); `slow` holds every piece back for `delay_s`.
"""

import asyncio
import json
import sys
from collections.abc import Callable

import uvloop
from typing_extensions import override

HARMS = ("pass", "refuse", "cut", "swallow", "slow")


class Harm:
    """How what passes is harmed now."""

    def __init__(self) -> None:
        self.kind = "pass"
        self.delay_s = 0.0
        self.pairs: set[_Inward] = set()

    def order(self, kind: str, delay_s: float) -> None:
        """Change the harm."""
        if kind not in HARMS:
            raise ValueError(kind)
        if kind == "pass" and self.kind == "swallow":
            self.hang_up()  # bytes were lost: these connections cannot go on
        if kind == "refuse":
            self.hang_up()
        self.kind, self.delay_s = kind, delay_s

    def hang_up(self) -> None:
        """End every connection at once, without a goodbye."""
        for pair in set(self.pairs):
            pair.end()

    def carry(self, write: Callable[[bytes], None], data: bytes) -> None:
        """Let a piece through, late, or not at all."""
        if self.kind == "swallow":
            return
        if self.kind == "slow":
            asyncio.get_running_loop().call_later(self.delay_s, write, data)
            return
        write(data)


class _Outward(asyncio.Protocol):
    """Our connection to the server."""

    def __init__(self, pair: "_Inward") -> None:
        self._pair = pair

    @override
    def data_received(self, data: bytes) -> None:
        self._pair.answered(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._pair.end()


class _Inward(asyncio.Protocol):
    """A client's connection to us; what it says waits until the server is reached."""

    def __init__(self, harm: Harm, host: str, port: int) -> None:
        self._harm = harm
        self._server = (host, port)
        self._waiting: list[bytes] = []
        self._client: asyncio.Transport | None = None
        self._outward: asyncio.Transport | None = None
        self._reaching: asyncio.Task[None] | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._client = transport  # type: ignore[assignment]  # uvloop's own is no subclass
        if self._harm.kind == "refuse":
            self.end()
            return
        self._harm.pairs.add(self)
        self._reaching = asyncio.get_running_loop().create_task(self._reach())

    async def _reach(self) -> None:
        try:
            outward = await self._connected()
        except OSError:
            self.end()
            return
        self._outward = outward
        for data in self._waiting:
            self._say(data)
        self._waiting.clear()

    async def _connected(self) -> asyncio.Transport:
        loop, (host, port) = asyncio.get_running_loop(), self._server
        if host.startswith("/"):
            unix, _ = await loop.create_unix_connection(lambda: _Outward(self), host)
            return unix
        tcp, _ = await loop.create_connection(lambda: _Outward(self), host, port)
        return tcp

    @override
    def data_received(self, data: bytes) -> None:
        self._harm.carry(self._say, data)

    def _say(self, data: bytes) -> None:
        if self._outward is None:
            self._waiting.append(data)
        elif not self._outward.is_closing():
            self._outward.write(data)

    def answered(self, data: bytes) -> None:
        """Hand an answer on, or half of it and then nothing more to anyone."""
        if self._harm.kind == "cut":
            self._hand_on(data[: len(data) // 2])
            self._harm.kind = "pass"
            asyncio.get_running_loop().call_later(0.01, self._harm.hang_up)
            return
        self._harm.carry(self._hand_on, data)

    def _hand_on(self, data: bytes) -> None:
        if self._client is not None and not self._client.is_closing():
            self._client.write(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.end()

    def end(self) -> None:
        """Hang up on both sides."""
        self._harm.pairs.discard(self)
        for transport in (self._client, self._outward):
            if transport is not None:
                transport.abort()


async def serve(host: str, port: int) -> None:
    """Carry bytes to and from a server until stdin ends."""
    harm = Harm()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Inward(harm, host, port), "127.0.0.1", 0)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        harm.order(order["do"], order.get("delay_s", 0.0))
        sys.stdout.write("{}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], int(sys.argv[2])))
