"""Layers as they arrive: without attributes, badly labelled, in no reference system, disguised."""

import os
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas
import pytest
from shapely.geometry import MultiPolygon, box
from shapely.geometry.base import BaseGeometry

from zones.area import AreaRefused, Limits
from zones.atlas import read_area_file, read_layer_file

SQUARE = box(-1.8, 48.0, -1.75, 48.05)
WIDE = box(-179, -15, 179, -14)
NO_TEXT = (
    b'GEOGCS["WGS_\xba",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    b'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
SET_SRS = ("UPDATE gpkg_geometry_columns SET srs_id = ", "UPDATE gpkg_contents SET srs_id = ")
NO_PLACE = 'LOCAL_CS["chantier",UNIT["m",1]]'


def written(path: Path, *, encoding: str | None = None, shape: BaseGeometry = SQUARE) -> Path:
    frame = geopandas.GeoDataFrame({"nom": ["\u00c9t\u00e9"]}, geometry=[shape], crs="EPSG:4326")
    frame.to_file(path, encoding=encoding)
    return path


def changed(path: Path, *statements: str) -> Path:
    """Change a GeoPackage behind the back of its triggers, which need functions of GDAL."""
    with closing(sqlite3.connect(path)) as database:
        triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        for (name,) in database.execute(triggers).fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


@pytest.mark.parametrize("suffix", [".dbf", ".cpg"])
def test_a_shapefile_without_its_attributes_still_has_its_shapes(
    tmp_path: Path, suffix: str
) -> None:
    path = written(tmp_path / "l.shp")
    path.with_suffix(suffix).unlink()
    assert len(read_area_file(path).area.polygons) == 1
    assert len(read_layer_file(path)) == 1


def test_a_text_that_is_not_in_its_announced_encoding_stops_a_layer_but_no_area(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "l.shp", encoding="ISO-8859-1")
    path.with_suffix(".cpg").write_text("UTF-8")
    assert len(read_area_file(path).area.polygons) == 1
    with pytest.raises(AreaRefused, match=r"\.cpg"):
        read_layer_file(path)


@pytest.mark.parametrize(
    ("prj", "words"),
    [(NO_PLACE.encode(), "no place on Earth"), (NO_TEXT, "cannot be read")],
)
def test_a_shapefile_in_no_reference_system_on_earth_is_refused(
    tmp_path: Path, prj: bytes, words: str
) -> None:
    path = written(tmp_path / "l.shp")
    path.with_suffix(".prj").write_bytes(prj)
    with pytest.raises(AreaRefused, match=words):
        read_area_file(path)


@pytest.mark.parametrize("undefined", ["-1", "0"])
def test_a_geopackage_of_undefined_reference_system_is_refused(
    tmp_path: Path, undefined: str
) -> None:
    path = changed(written(tmp_path / "l.gpkg"), *(words + undefined for words in SET_SRS))
    with pytest.raises(AreaRefused, match="does not say its coordinate reference system"):
        read_area_file(path)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW v AS SELECT 'using rtree' AS fid",
        "CREATE VIRTUAL TABLE v USING fts5(a /* using rtree */)",
        'CREATE VIRTUAL TABLE "v using rtree(" USING fts5(a)',
    ],
)
def test_a_view_or_virtual_table_that_only_mentions_the_spatial_index_is_refused(
    tmp_path: Path, statement: str
) -> None:
    with pytest.raises(AreaRefused, match="views or virtual tables"):
        read_area_file(changed(written(tmp_path / "l.gpkg"), statement))


def test_a_geopackage_whose_schema_is_no_text_is_refused(tmp_path: Path) -> None:
    path = changed(written(tmp_path / "l.gpkg"), "CREATE TABLE zzzzzz (a)")
    broken = (
        path.read_bytes().replace(b"zzzzzz", b"zzz\xc2zz").replace(b"\xc2zz (a)", b"\xc2zz ,a)")
    )
    path.write_bytes(broken)  # SQLite's complaint names the table, which is no text
    with pytest.raises(AreaRefused, match="damaged"):
        read_area_file(path)


def test_a_zone_across_the_180th_meridian_is_drawn_on_each_side_of_it(tmp_path: Path) -> None:
    with pytest.raises(AreaRefused, match="180th meridian"):
        read_area_file(written(tmp_path / "wide.gpkg", shape=WIDE))
    sides = MultiPolygon([box(179, -15, 180, -14), box(-180, -15, -179, -14)])
    assert len(read_area_file(written(tmp_path / "sides.gpkg", shape=sides)).area.polygons) == 2


def test_a_zip_from_a_mac_is_read_without_its_finder_notes(tmp_path: Path) -> None:
    path = written(tmp_path / "l.shp")
    with zipfile.ZipFile(tmp_path / "l.zip", "w") as packed:
        for part in path.parent.glob("l.*"):
            if part.suffix != ".zip":
                packed.write(part, part.name)
                packed.writestr(f"__MACOSX/._{part.name}", b"notes")
    assert len(read_area_file(tmp_path / "l.zip").area.polygons) == 1


def test_every_part_of_a_shapefile_is_weighed_before_it_is_opened(tmp_path: Path) -> None:
    path = written(tmp_path / "l.shp")
    path.with_suffix(".dbf").write_bytes(bytes(50_000))
    with pytest.raises(AreaRefused, match=r"l\.dbf.*50,000 bytes"):
        read_area_file(path, limits=Limits(polygons=10, vertices=100, bytes=10_000))


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "l.geojson")
    with pytest.raises(AreaRefused, match="not a file"):
        read_area_file(tmp_path / "l.geojson")
