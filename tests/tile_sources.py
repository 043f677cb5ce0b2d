"""Pictures of the ground for tests: a real source of tiles on loopback, a PMTiles archive."""

import asyncio
import struct
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.real_parts import free_port

PINK = (230, 40, 200)  # a colour that nothing else on the map has
SIDE = 256


def picture(colour: tuple[int, int, int] = PINK) -> bytes:
    """Write a PNG of one colour, as large as a tile."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes(colour) * SIDE) * SIDE
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def archive(path: Path) -> None:
    """Write a PMTiles archive (version 3) of one picture: the whole world at zoom 0."""
    tile, metadata = picture(), b"{}"
    directory = bytes((1, 0, 1)) + _varint(len(tile)) + bytes((1,))  # entries, id, run, length, at
    spans: list[int] = []
    at = 127
    for size in (len(directory), len(metadata), 0, len(tile)):
        spans += [at, size]
        at += size
    numbers = struct.pack("<11Q", *spans, 1, 1, 1)
    # clustered; nothing compressed; PNG; zooms 0 to 0; bounds and centre in 1e-7 degrees
    words = struct.pack("<6B4iB2i", 1, 1, 1, 2, 0, 0, -1800000000, -850000000, 1800000000,
                        850000000, 0, 0, 0)  # fmt: skip
    header = b"PMTiles\x03" + numbers + words
    path.write_bytes(header + directory + metadata + tile)


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


@dataclass
class Source:
    """A web server that gives tiles from a folder; `asked` counts what it was asked for."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> str:
        """The setting that names it."""
        return f"http://127.0.0.1:{self.port}/{{z}}/{{x}}/{{y}}.png"

    @property
    def asked(self) -> int:
        """Count the tiles that it was asked for."""
        return self.log.read_text("utf-8").count('"GET /')

    def put(self, z: int, x: int, y: int, content: bytes = b"") -> None:
        """Have a tile to give."""
        path = self.folder / str(z) / str(x) / f"{y}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or picture())

    def stop(self) -> None:
        """Be gone."""
        self.process.kill()
        self.process.wait()


@asynccontextmanager
async def source_of_tiles(folder: Path, *, port: int = 0) -> AsyncIterator[Source]:
    """Run a source of tiles as a process of its own."""
    folder.mkdir(exist_ok=True)
    port, log = port or free_port(), folder / "asked.log"
    argv = [
        sys.executable,
        "-m",
        "http.server",
        str(port),
        "--bind",
        "127.0.0.1",
        "-d",
        str(folder),
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(argv, stdout=out, stderr=out)  # noqa: ASYNC220 - a process of its own
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                for _ in range(200):
                    try:
                        await client.head(f"http://127.0.0.1:{port}/")
                        break
                    except httpx.TransportError:
                        await asyncio.sleep(0.05)
            yield Source(folder, port, process, log)
        finally:
            process.kill()
            process.wait()
