"""The ground under the map: tiles that our server fetches and keeps, so that no browser does.

Without a setting nothing is asked from anyone. What was fetched once is shown for good when the
network is gone; a source that does not answer rests for half a minute.
"""

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import structlog

from dispatcher.settings import MapSettings
from zones.area import Bounds

# Géoplateforme (data.geopf.fr): the plan IGN in Web Mercator, open licence Etalab 2.0, no key.
IGN = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&STYLE=normal&FORMAT=image/png"
    "&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)
IGN_THANKS = "© IGN – Géoplateforme"
TIMEOUT_S = 5.0
LARGEST = 1_000_000  # bytes of a tile
MOST_KEPT = 500_000_000  # bytes on the disk; the oldest half goes then
FRESH_S = 30 * 24 * 3600.0
REST_S = 30.0  # that a source is left alone after it did not answer
AT_ONCE = 8  # fetches; a browser asks for about thirty tiles in one go
AROUND_DEGREES = 0.3  # of the commune: about 30 km, what a screen shows around it
KINDS = ("image/png", "image/jpeg", "image/webp")

log = structlog.get_logger()


@dataclass(frozen=True)
class Tile:
    """A tile of the Web Mercator grid."""

    z: int
    x: int
    y: int

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north in degrees."""
        side = 2**self.z

        def lat(row: int) -> float:
            return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / side))))

        west, east = self.x / side * 360 - 180, (self.x + 1) / side * 360 - 180
        return west, lat(self.y + 1), east, lat(self.y)

    def serves(self, around: Bounds | None) -> bool:
        """Tell whether it exists, and shows ground around a commune rather than the world."""
        if not (0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z) or around is None:
            return False
        west, south, east, north = self.bounds
        aside = AROUND_DEGREES
        return (
            west <= around[2] + aside
            and east >= around[0] - aside
            and south <= around[3] + aside
            and north >= around[1] - aside
        )


@dataclass
class Tiles:
    """The installation's ground, if it has one."""

    settings: MapSettings
    folder: Path
    client: httpx.AsyncClient
    kept_bytes: int = -1  # unknown until the first tile is kept
    rests_until: float = 0.0
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    @property
    def shown(self) -> Mapping[str, object] | None:
        """What the map is told of it; None where there is none."""
        thanks = self.settings.attribution or (IGN_THANKS if self.settings.tiles == "ign" else "")
        told = {"maxzoom": self.settings.maxzoom, "attribution": thanks}
        if self.settings.pmtiles is not None:
            return {"pmtiles": "/carte/fond.pmtiles", **told}
        if self.settings.tiles:
            return {"raster": "/carte/tuiles/{z}/{x}/{y}", **told}
        return None

    async def get(self, tile: Tile) -> bytes | None:
        """Return a picture: kept, else fetched; an old one where the source does not answer."""
        path = self.folder / str(tile.z) / str(tile.x) / f"{tile.y}"
        old, age_s = await asyncio.to_thread(_read, path)
        if old is not None and age_s < FRESH_S:
            return old
        async with self.turns:
            fetched = await self._fetch(tile)
        if fetched is None:
            return old
        self.kept_bytes = await asyncio.to_thread(
            _write, path, fetched, folder=self.folder, kept=self.kept_bytes
        )
        return fetched

    async def _fetch(self, tile: Tile) -> bytes | None:
        if time.monotonic() < self.rests_until:
            return None
        address = IGN if self.settings.tiles == "ign" else self.settings.tiles
        for name, value in (("{z}", tile.z), ("{x}", tile.x), ("{y}", tile.y)):
            address = address.replace(name, str(value))
        try:
            async with asyncio.timeout(TIMEOUT_S), self.client.stream("GET", address) as answer:
                kind = answer.headers.get("content-type", "").partition(";")[0]
                if answer.status_code != 200 or kind not in KINDS:
                    return None
                whole = bytearray()
                async for piece in answer.aiter_bytes():
                    whole += piece
                    if len(whole) > LARGEST:
                        return None
        except (httpx.HTTPError, TimeoutError) as error:
            self.rests_until = time.monotonic() + REST_S
            log.warning("map.tiles_down", kind=type(error).__name__)
            return None
        return bytes(whole)


@asynccontextmanager
async def opened_tiles(settings: MapSettings, data_dir: Path) -> AsyncIterator[Tiles]:
    """Open the client that fetches tiles; it asks nothing until a map does."""
    async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as client:
        yield Tiles(settings, data_dir / "tiles", client)


def kind_of(picture: bytes) -> str:
    """Say what a picture is by its first bytes; its source's word is not kept."""
    if picture.startswith(b"\x89PNG"):
        return "image/png"
    return "image/webp" if picture[8:12] == b"WEBP" else "image/jpeg"


def _read(path: Path) -> tuple[bytes | None, float]:
    try:
        return path.read_bytes(), time.time() - path.stat().st_mtime
    except OSError:
        return None, math.inf


def _write(path: Path, picture: bytes, *, folder: Path, kept: int) -> int:
    """Keep a picture, swapped in whole; return how much is kept. A full disk keeps nothing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        fresh.write_bytes(picture)
        fresh.replace(path)
        kept = _weigh(folder) if kept < 0 else kept + len(picture)
        return _thin(folder) if kept > MOST_KEPT else kept
    except OSError as error:
        log.warning("map.tile_not_kept", kind=type(error).__name__)
        return kept


def _weigh(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def _thin(folder: Path) -> int:
    """Forget the oldest half."""
    files = sorted(
        (one for one in folder.rglob("*") if one.is_file()), key=lambda one: one.stat().st_mtime
    )
    for old in files[: len(files) // 2 + 1]:
        old.unlink(missing_ok=True)
    return _weigh(folder)
