"""The ground under the map: fetched and kept by our server, or read from a file of our own."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from dispatcher.settings import MapSettings
from dispatcher.store.ledger import Ledger
from operator_ui.tiles import LARGEST, REST_S, Tile, Tiles, kind_of, opened_tiles
from tests.consoles import console, sign_in
from tests.tile_sources import Source, archive, picture, source_of_tiles

pytest_plugins = ("tests.console_visits",)

HERE = Tile(14, 8419, 5710)  # Vaubrenne
ABROAD = Tile(14, 8800, 5373)


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[Source]:
    """Run a source that has one tile."""
    async with source_of_tiles(tmp_path / "source") as one:
        one.put(HERE.z, HERE.x, HERE.y)
        yield one


@pytest.fixture
async def tiles(tmp_path: Path, source: Source) -> AsyncIterator[Tiles]:
    """Open what fetches from it."""
    settings = MapSettings(tiles=source.address)
    async with opened_tiles(settings, tmp_path) as one:
        yield one


async def test_a_tile_is_fetched_once_and_outlives_its_source(tiles: Tiles, source: Source) -> None:
    assert await tiles.get(HERE) == picture()
    assert await tiles.get(HERE) == picture()
    assert source.asked == 1
    source.stop()
    assert await tiles.get(HERE) == picture()
    assert await tiles.get(Tile(14, 1, 1)) is None


async def test_a_source_that_does_not_answer_is_left_alone_for_a_while(
    tiles: Tiles, source: Source
) -> None:
    source.stop()
    assert await tiles.get(HERE) is None
    async with source_of_tiles(source.folder, port=source.port) as again:
        assert await tiles.get(HERE) is None
        assert again.asked == 0
        assert 0 < tiles.rests_until - time.monotonic() <= REST_S
        tiles.rests_until = time.monotonic()  # half a minute later
        assert await tiles.get(HERE) == picture()


async def test_what_is_no_picture_or_far_too_large_is_not_kept(
    tiles: Tiles, source: Source
) -> None:
    source.put(14, 1, 1, picture() + b"\0" * LARGEST)
    assert await tiles.get(Tile(14, 1, 1)) is None
    (source.folder / "14" / "1" / "2.png").mkdir()
    assert await tiles.get(Tile(14, 1, 2)) is None  # a page in the place of a picture
    assert not (tiles.folder / "14" / "1").exists()


@pytest.mark.parametrize(
    "address",
    ["http://tiles.example/{z}/{x}/{y}", "https://tiles.example/", "ftp://h/{z}{x}{y}", "IGN"],
)
def test_an_address_that_is_not_guarded_or_has_no_blanks_is_no_setting(address: str) -> None:
    with pytest.raises(ValidationError):
        MapSettings(tiles=address)


def test_only_the_ground_around_the_commune_is_served() -> None:
    around = (4.95, 47.75, 5.06, 47.82)
    west, south, east, north = HERE.bounds
    assert west < 5.0 < east
    assert south < 47.78 < north
    assert HERE.serves(around)
    assert not ABROAD.serves(around)
    assert not HERE.serves(None)
    assert not Tile(2, 4, 0).serves(around)


async def test_tiles_come_from_our_own_address_to_who_is_signed_in(
    tmp_path: Path, town: Ledger, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_MAP_TILES", source.address)
    async with console(tmp_path) as client:
        path = f"/carte/tuiles/{HERE.z}/{HERE.x}/{HERE.y}"
        assert (await client.get(path)).status_code == 303
        await sign_in(client)
        answer = await client.get(path)
        assert answer.content == picture()
        assert answer.headers["content-type"] == "image/png"
        far = await client.get(f"/carte/tuiles/{ABROAD.z}/{ABROAD.x}/{ABROAD.y}")
        assert far.status_code == 404
        page = (await client.get("/")).text
        assert "/carte/tuiles/{z}/{x}/{y}" in page
        assert source.address not in page
    assert source.asked == 1


async def test_without_a_setting_nothing_is_asked_from_anyone(
    operator: httpx.AsyncClient,
) -> None:
    assert (await operator.get(f"/carte/tuiles/{HERE.z}/{HERE.x}/{HERE.y}")).status_code == 404
    assert (await operator.get("/carte/fond.pmtiles")).status_code == 404
    assert "data-tiles" not in (await operator.get("/")).text


async def test_an_archive_is_given_by_ranges(
    tmp_path: Path, town: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(tmp_path / "sol.pmtiles")
    monkeypatch.setenv("TOCSIN_MAP_PMTILES", str(tmp_path / "sol.pmtiles"))
    async with console(tmp_path) as client:
        await sign_in(client)
        part = await client.get("/carte/fond.pmtiles", headers={"range": "bytes=0-6"})
        assert part.status_code == 206
        assert part.content == b"PMTiles"
        assert "fond.pmtiles" in (await client.get("/")).text


def test_a_picture_is_known_by_its_first_bytes() -> None:
    assert kind_of(picture()) == "image/png"
    assert kind_of(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"
    assert kind_of(b"\xff\xd8\xff\xe0") == "image/jpeg"
