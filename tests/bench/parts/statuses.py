"""Partners' systems posting statuses: requests signed beforehand, sent as fast as they are taken.

`python -m tests.bench.parts.statuses URL COUNT [RATE]` posts to `/api/v1/teams/…/status` over kept
connections and prints how many were answered 200, in how long, and each latency where it keeps a
rate: from the moment at which a request was due, so that a slow answer delays no clock.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from dispatcher.partners.signatures import secret_of

COMMUNE, PARTNER = "99117", "sdis"
MASTER = b"m" * 32
TEAMS = 50
CONNECTIONS = 32
_WORDS = ("alerted", "en_route", "on_scene", "returning", "available")
OK = b"HTTP/1.1 200"


def requests(host: str, count: int) -> Iterator[bytes]:
    """Give whole requests, each signed under an id of its own, as vendors' software makes them."""
    secret = secret_of(MASTER, commune=COMMUNE, partner=PARTNER, serial=1)
    now = time.time()
    run = secrets.token_hex(4)  # two runs of one second are two runs: an id is used once
    for number in range(count):
        at = datetime.fromtimestamp(now - 600 + number * 0.001, UTC).isoformat()
        word = _WORDS[(number // TEAMS) % len(_WORDS)]
        told = {"status": word, "at": at, "note": "Rue de la Lerne", "position": [4.6, 45.52]}
        body = json.dumps(told).encode()
        ident, sent = f"msg-{run}-{number}", int(now)
        signed = hmac.digest(secret, f"{ident}.{sent}.".encode() + body, hashlib.sha256)
        yield (
            f"POST /api/v1/teams/T{number % TEAMS}/status HTTP/1.1\r\nHost: {host}\r\n"
            f"content-type: application/json\r\nwebhook-id: {ident}\r\n"
            f"webhook-timestamp: {sent}\r\n"
            f"webhook-signature: v1,{base64.b64encode(signed).decode()}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body


@dataclass
class Posted:
    """What came of it: good answers and others, and each latency in seconds, in the order asked."""

    good: int = 0
    bad: int = 0
    latencies_s: list[float] = field(default_factory=list)
    lags_s: list[float] = field(default_factory=list)  # how late the one who asks was himself


class _Line:
    """A kept connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def post(self, wire: bytes, ok: tuple[bytes, ...]) -> bool:
        self._writer.write(wire)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await self._reader.readexactly(int(length))
        return head.startswith(ok)


async def _lines(url: str) -> list[_Line]:
    parts = urlsplit(url)
    return [
        _Line(*await asyncio.open_connection(parts.hostname, parts.port))
        for _ in range(CONNECTIONS)
    ]


async def posted(
    url: str, wires: list[bytes], *, rate: float | None, ok: tuple[bytes, ...] = (OK,)
) -> Posted:
    """Post them all: as fast as they are answered, or each at its own moment of `rate` a second.

    An answer that begins as none of `ok` is a bad one.
    """
    found, lines = Posted(latencies_s=[0.0] * (len(wires) if rate else 0)), await _lines(url)
    free: asyncio.Queue[_Line] = asyncio.Queue()
    for line in lines:
        free.put_nowait(line)
    began = time.monotonic() + 0.1

    async def one(number: int, wire: bytes) -> None:
        due = began + number / rate if rate else 0.0
        if rate:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            found.lags_s.append(max(0.0, time.monotonic() - due))
        line = await free.get()
        if await line.post(wire, ok):
            found.good += 1
        else:
            found.bad += 1
        free.put_nowait(line)
        if rate:
            found.latencies_s[number] = time.monotonic() - due

    await asyncio.gather(*(one(number, wire) for number, wire in enumerate(wires)))
    return found


def main(url: str, count: int, rate: float | None) -> dict[str, object]:
    """Sign, post, and tell."""
    wires = list(requests(urlsplit(url).netloc, count))
    began = time.monotonic()
    found = asyncio.run(posted(url, wires, rate=rate))
    told = {"good": found.good, "bad": found.bad, "seconds": time.monotonic() - began}
    return told | {"latencies_ms": sorted(1000 * one for one in found.latencies_s)}


if __name__ == "__main__":
    address, many, *rest = sys.argv[1:]
    print(json.dumps(main(address, int(many), float(rest[0]) if rest else None)))  # noqa: T201
