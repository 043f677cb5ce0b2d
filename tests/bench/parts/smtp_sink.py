"""A mail server that costs next to nothing: `python -m tests.bench.parts.smtp_sink PORT`.

It takes commands one by one or pipelined, and every mail; it offers neither TLS nor AUTH.
"""

import asyncio
import sys

from typing_extensions import override

_ANSWERS = {
    b"EHLO": b"250-sink\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SIZE 10000000\r\n",
    b"MAIL": b"250 sender\r\n",
    b"RCPT": b"250 recipient\r\n",
    b"RSET": b"250 reset\r\n",
    b"NOOP": b"250 here\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Server(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        """Begin with a command."""
        self._buffer = b""
        self._data = False
        self._transport: asyncio.WriteTransport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(b"220 sink\r\n")

    @override
    def data_received(self, data: bytes) -> None:
        """Answer every command, and every mail, that is whole."""
        self._buffer += data
        answers = []
        while answer := self._next():
            answers.append(answer)
        if answers:
            self._transport.write(b"".join(answers))

    def _next(self) -> bytes:
        if self._data:
            end = self._buffer.find(b"\r\n.\r\n")
            if end < 0:
                return b""
            self._buffer, self._data = self._buffer[end + 5 :], False
            return b"250 taken\r\n"
        line, found, rest = self._buffer.partition(b"\r\n")
        if not found:
            return b""
        self._buffer = rest
        verb = line[:4].upper()
        self._data = verb == b"DATA"
        return b"354 go on\r\n" if self._data else _ANSWERS.get(verb, b"500 what?\r\n")


async def serve(port: int) -> None:
    """Serve for ever on loopback."""
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
