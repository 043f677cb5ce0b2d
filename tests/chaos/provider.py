"""A pretend SMS operator of Twilio's shape, with a ledger of its own and faults on order.

`python -m tests.chaos.provider LEDGER [--no-records]` prints its port as one JSON line, then obeys
one JSON order a line on stdin: `{"fault": KIND, "count": N}` harms the next N messages (or
look-ups, for `records-down`), and any order is answered by `{"accepted": n}`.
"""

import asyncio
import json
import os
import sys
import time
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import uvloop
from typing_extensions import override

# What a fault does: whether the message is accepted, and what its sender is answered.
ACCEPTED = frozenset(("drop", "error-after", "hang", "cut"))
UNSENT = frozenset(("error-before", "too-fast", "hang-before"))
FAULTS = (*sorted(ACCEPTED), *sorted(UNSENT), "records-down")
REASONS = {
    200: "OK",
    201: "Created",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Server Error",
    503: "Unavailable",
}


class Book:
    """The operator's ledger: one line a message, only ever appended; where each lies is kept."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._end = 0
        self._places: dict[str, list[int]] = {}
        self.accepted = 0

    def add(self, form: dict[str, list[str]]) -> str:
        """Accept a message and return its reference: it is in the file when this returns."""
        to, token = form["To"][0], form["StatusCallback"][0].rpartition("/")[2]
        entry = [round(time.time(), 3), to, token, form["Body"][0]]
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        os.write(self._file, line)
        self._places.setdefault(to, []).append(self._end)
        self._end += len(line)
        self.accepted += 1
        return f"SM{self.accepted:032x}"

    def sent_to(self, to: str) -> list[dict[str, object]]:
        """Return the messages to a number as Twilio lists them, the newest first."""
        found = [os.pread(self._file, 4096, place) for place in self._places.get(to, ())]
        return [_listed(json.loads(one.split(b"\n", 1)[0])) for one in reversed(found)]


def _listed(entry: list[object]) -> dict[str, object]:
    at, to, token, body = entry
    return {
        "sid": f"SM{str(token)[-20:]:0>32}",
        "to": to,
        "body": body,
        "status": "queued",
        "direction": "outbound-api",
        "date_created": formatdate(float(str(at))).replace("-0000", "+0000"),
    }


class Operator:
    """What the operator knows, and how it is to fail."""

    def __init__(self, book: Book, *, records: bool) -> None:
        self.book = book
        self.records = records
        self._orders: list[list[object]] = []
        self._records_down = 0

    def order(self, kind: str, count: int) -> None:
        """Harm the next `count` requests in this way."""
        if kind not in FAULTS:
            raise ValueError(kind)
        if kind == "records-down":
            self._records_down += count
        else:
            self._orders.append([kind, count])

    def next_fault(self) -> str:
        """Return how the next message is harmed; an empty text when it is not."""
        if not self._orders:
            return ""
        order = self._orders[0]
        order[1] = int(str(order[1])) - 1
        if order[1] == 0:
            self._orders.pop(0)
        return str(order[0])

    def readable(self) -> bool:
        """Tell whether this look-up is answered."""
        if self._records_down:
            self._records_down -= 1
            return False
        return self.records


class _Connection(asyncio.Protocol):
    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._read = b""
        self._transport: asyncio.Transport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's own is no subclass

    @override
    def data_received(self, data: bytes) -> None:
        self._read += data
        while True:
            head, found, rest = self._read.partition(b"\r\n\r\n")
            if not found:
                return
            lower = head.lower()
            length = 0
            if (at := lower.find(b"content-length:")) >= 0:
                length = int(lower[at + 15 :].split(b"\r\n", 1)[0])
            if len(rest) < length:
                return
            self._read = rest[length:]
            self._serve(head.split(b"\r\n", 1)[0].decode(), rest[:length].decode())

    def _serve(self, request: str, body: str) -> None:
        method, target, _ = request.split(" ")
        if method == "GET":
            self._look(target)
        else:
            self._take(parse_qs(body))

    def _look(self, target: str) -> None:
        if not self._operator.readable():
            self._answer(503, {"message": "unavailable"})
            return
        path = urlsplit(target).path
        if not path.endswith("/Messages.json"):
            sid = path.rpartition("/")[2].removesuffix(".json")
            self._answer(200, {"sid": sid, "status": "delivered"})
            return
        to = parse_qs(urlsplit(target).query)["To"][0]
        self._answer(200, {"messages": self._operator.book.sent_to(to)})

    def _take(self, form: dict[str, list[str]]) -> None:
        fault = self._operator.next_fault()
        sid = "" if fault in UNSENT else self._operator.book.add(form)
        match fault:
            case "drop":
                self._transport.close()
            case "error-after" | "error-before":
                self._answer(500, {"message": "server error"})
            case "too-fast":
                self._answer(429, {"code": 20429, "message": "too many requests"})
            case "cut":
                self._transport.write(b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{")
                self._transport.close()
            case "hang" | "hang-before":
                pass
            case _:
                self._answer(201, {"sid": sid, "status": "queued"})

    def _answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        head = (
            f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)


async def _obey(operator: Operator) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        if "fault" in order:
            operator.order(order["fault"], order["count"])
        sys.stdout.write(json.dumps({"accepted": operator.book.accepted}) + "\n")
        sys.stdout.flush()


async def serve(path: Path, *, records: bool) -> None:
    """Serve until stdin ends."""
    operator = Operator(Book(path), records=records)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(operator), "127.0.0.1", 0)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    await _obey(operator)


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), records="--no-records" not in sys.argv[2:]))
