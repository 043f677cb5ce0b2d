"""Layers from files: GeoJSON, GeoPackage, Shapefile, any reference system, hostile uploads."""

import gzip
import shutil
import sqlite3
import warnings
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas
import pytest
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from zones import archive
from zones.area import ALERT_LIMITS, Area, AreaRefused, Limits
from zones.atlas import read_area_file, read_layer_file

DATA = Path(__file__).parents[1].parent / "shared" / "data"
MINES = DATA / "hazards" / "isere_pprm_38ddt20180002.gpkg"
ROMANCHE = DATA / "bruz" / "romanche_alea_shifted_to_bruz_FICTITIOUS.geojson.gz"
ONE, OTHER = box(-1.8, 48.0, -1.75, 48.05), box(-1.7, 48.0, -1.65, 48.05)
BOW_TIE = Polygon([(-1.5, 48), (-1.4, 48.1), (-1.4, 48), (-1.5, 48.1), (-1.5, 48)])


def layer(
    path: Path, *geometries: BaseGeometry | None, crs: str | None = "EPSG:4326", name: str = "l"
) -> Path:
    """Write a layer as GIS software does."""
    shapes: list[Any] = list(geometries)  # the stubs know no missing geometry
    frame = geopandas.GeoDataFrame(
        {"nom": [f"n{row}" for row in range(len(geometries))]}, geometry=shapes, crs=crs
    )
    if crs not in ("EPSG:4326", None):
        frame = frame.set_crs("EPSG:4326", allow_override=True).to_crs(crs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL remarks on a missing .prj, which is the point
        frame.to_file(path, layer=name if path.suffix == ".gpkg" else None)
    return path


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2154", "EPSG:3948", "EPSG:3857", "EPSG:4258"])
@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
def test_a_layer_in_any_reference_system_is_brought_to_wgs84(
    tmp_path: Path, crs: str, suffix: str
) -> None:
    reading = read_area_file(layer(tmp_path / f"l{suffix}", ONE, OTHER, crs=crs))
    assert len(reading.area.polygons) == 2
    assert reading.area.bounds == pytest.approx((-1.8, 48.0, -1.65, 48.05), abs=1e-7)


def test_a_shapefile_without_its_prj_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AreaRefused, match=r"\.prj"):
        read_area_file(layer(tmp_path / "l.shp", ONE, crs=None))


def test_the_real_mining_plan_in_lambert_93_is_read_whole_or_by_layer() -> None:
    whole = read_area_file(MINES)
    assert len(whole.layers) == 5
    west, south, east, north = whole.area.bounds
    assert 5.3 < west < east < 5.6
    assert 45.5 < south < north < 45.7
    perimeter = read_area_file(MINES, layer="pprm_38ddt20180002_perimetre_s")
    assert perimeter.layers == ("pprm_38ddt20180002_perimetre_s",)
    peer = geopandas.read_file(MINES, layer="pprm_38ddt20180002_perimetre_s").to_crs(4326)
    assert perimeter.area.bounds == pytest.approx(tuple(peer.total_bounds), abs=1e-9)


def test_a_layer_that_is_not_there_is_refused_with_the_names_of_those_that_are() -> None:
    with pytest.raises(AreaRefused, match="perimetre_s"):
        read_area_file(MINES, layer="zones")


def test_the_features_of_a_layer_come_with_their_properties() -> None:
    (found,) = read_layer_file(MINES, "pprm_38ddt20180002_perimetre_s")
    assert found.properties["etatprocedure"] == "APPROUVE"
    assert isinstance(found.geometry, MultiPolygon)
    with pytest.raises(AreaRefused, match="Say which layer"):
        read_layer_file(MINES)


def test_points_and_lines_are_features_of_a_plan_but_no_area(tmp_path: Path) -> None:
    points = layer(tmp_path / "p.gpkg", Point(-1.7, 48.0), crs="EPSG:2154")
    (found,) = read_layer_file(points)
    assert isinstance(found.geometry, Point)
    assert (found.geometry.x, found.geometry.y) == pytest.approx((-1.7, 48.0), abs=1e-9)
    assert found.properties == {"nom": "n0"}
    lines = layer(tmp_path / "r.shp", LineString([(-1.7, 48.0), (-1.6, 48.0)]))
    assert read_layer_file(lines)[0].geometry.geom_type == "LineString"
    for path in (points, lines):
        with pytest.raises(AreaRefused, match="no layer of polygons"):
            read_area_file(path)


def test_an_invalid_feature_is_refused_by_its_number_or_left_out_and_told(tmp_path: Path) -> None:
    path = layer(tmp_path / "l.gpkg", ONE, BOW_TIE)
    with pytest.raises(AreaRefused, match="Feature 2 of 2"):
        read_area_file(path)
    reading = read_area_file(path, without_invalid=True)
    assert [fault.place for fault in reading.left_out] == ["l[1]"]
    assert reading.area.digest() == Area.of(ONE).digest()
    with pytest.raises(AreaRefused):
        read_area_file(layer(tmp_path / "x.gpkg", BOW_TIE), without_invalid=True)


def test_a_missing_geometry_is_refused_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(AreaRefused, match=r"Feature 2 of 3.*missing or empty"):
        read_area_file(layer(tmp_path / "l.gpkg", ONE, None, OTHER))


@pytest.mark.parametrize(
    "limits",
    [
        Limits(polygons=1, vertices=1_000, bytes=10_000_000),
        Limits(polygons=10, vertices=9, bytes=10_000_000),
        Limits(polygons=10, vertices=1_000, bytes=1_000),
    ],
)
def test_a_layer_above_the_limits_is_refused(tmp_path: Path, limits: Limits) -> None:
    with pytest.raises(AreaRefused, match=r"at most|more than"):
        read_area_file(layer(tmp_path / "l.gpkg", ONE, OTHER), limits=limits)


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return path


def shape_files(folder: Path) -> dict[str, bytes]:
    layer(folder / "zone.shp", ONE, crs="EPSG:2154")
    return {file.name: file.read_bytes() for file in folder.glob("zone.*")}


def test_a_zipped_shapefile_is_read_with_folders_and_capitals(tmp_path: Path) -> None:
    files = {f"Export/{name.upper()}": data for name, data in shape_files(tmp_path).items()}
    reading = read_area_file(zipped(tmp_path / "z.zip", files))
    assert reading.area.bounds == pytest.approx(ONE.bounds, abs=1e-7)


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"../evil.shp": b"x"}, "leads out"),
        ({"/etc/evil.shp": b"x"}, "leads out"),
        ({"..\\evil.shp": b"x"}, "leads out"),
        ({"C:evil.shp": b"x"}, "leads out"),
        ({f"{n}.txt": b"x" for n in range(101)}, "at most 100"),
        ({"bomb.dbf": bytes(30_000_000)}, "packed too tightly"),
        ({"b/zone.shp": b"x"}, "same name"),
    ],
)
def test_a_hostile_zip_is_refused(tmp_path: Path, extra: dict[str, bytes], words: str) -> None:
    path = zipped(tmp_path / "z.zip", {**shape_files(tmp_path), **extra})
    with pytest.raises(AreaRefused, match=words):
        read_area_file(path)
    assert not list(tmp_path.parent.glob("evil*"))


def test_a_zip_with_a_link_a_broken_one_and_one_without_shapes_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("zone.shp")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "l.zip", "w") as out:
        out.writestr(link, "/etc/passwd")
    with pytest.raises(AreaRefused, match="link"):
        read_area_file(tmp_path / "l.zip")
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(AreaRefused, match="damaged"):
        read_area_file(tmp_path / "b.zip")
    with pytest.raises(AreaRefused, match=r"no \.shp"):
        read_area_file(zipped(tmp_path / "n.zip", {"readme.txt": b"x"}))


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "b.geojson.gz"
    with gzip.open(path, "wb") as out:
        for _ in range(20):
            out.write(bytes(10_000_000))
    with pytest.raises(AreaRefused, match="unpacks to more than 100,000,000"):
        read_area_file(path)


def test_a_geopackage_with_a_view_is_refused(tmp_path: Path) -> None:
    path = layer(tmp_path / "l.gpkg", ONE)
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE VIEW v AS SELECT 1")
        database.commit()
    with pytest.raises(AreaRefused, match="views"):
        read_area_file(path)


def test_a_file_that_only_bears_the_name_of_a_geopackage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "l.gpkg"
    path.write_bytes(b"%PDF-1.7 and so on")
    with pytest.raises(AreaRefused, match="not a GeoPackage"):
        read_area_file(path)


@pytest.mark.parametrize("damage", [100, 4_000, 40_000])
def test_a_damaged_geopackage_is_refused_never_an_accident(tmp_path: Path, damage: int) -> None:
    path = tmp_path / "l.gpkg"
    content = bytearray(layer(tmp_path / "whole.gpkg", ONE).read_bytes())
    content[damage : damage + 3_000] = b"\xff" * 3_000
    path.write_bytes(bytes(content))
    with pytest.raises(AreaRefused):
        read_area_file(path)


def test_a_geopackage_damaged_in_the_names_of_its_tables_is_refused(tmp_path: Path) -> None:
    path = layer(tmp_path / "l.gpkg", ONE)
    names = b"gpkg_contentsgpkg_contents"
    content = path.read_bytes()
    assert names in content
    path.write_bytes(content.replace(names, names.replace(b"g", b"\xff")))
    with pytest.raises(AreaRefused, match="damaged"):
        read_area_file(path)


def test_reading_leaves_the_file_and_its_folder_as_they_were(tmp_path: Path) -> None:
    path = layer(tmp_path / "l.gpkg", ONE)
    before = path.read_bytes()
    read_area_file(path)
    assert [file.name for file in tmp_path.iterdir()] == ["l.gpkg"]
    assert path.read_bytes() == before


def test_what_is_no_file_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.kml").write_text("<kml/>")
    with pytest.raises(AreaRefused, match="Areas are read from"):
        read_area_file(tmp_path / "a.kml")
    (tmp_path / "folder.shp").mkdir()
    with pytest.raises(AreaRefused, match="not a file"):
        read_area_file(tmp_path / "folder.shp")
    with pytest.raises(FileNotFoundError):
        archive.read_bounded(tmp_path / "none.geojson", most=10)


@pytest.mark.parametrize(
    ("name", "invalid"),
    [
        ("hazards/isere_bourg-d-oisans_pprn_zone_alea.geojson.gz", 0),
        ("hazards/isere_romanche-aval_ppri_zone_alea.geojson.gz", 0),
        ("hazards/isere_romanche-aval_ppri_zone_reg.geojson.gz", 2),
        ("hazards/strasbourg_zones_inondables_simpl1m.geojson.gz", 0),
        ("boundaries/communes-35-ille-et-vilaine.geojson", 0),
        ("boundaries/communes-974-la-reunion.geojson", 0),
        ("boundaries/communes_isere_ppr.geojson", 0),
    ],
)
def test_the_real_layers_are_read_as_geopandas_judges_them(name: str, invalid: int) -> None:
    reading = read_area_file(DATA / name, without_invalid=True)
    peer = geopandas.read_file(f"/vsigzip/{DATA / name}" if name.endswith("gz") else DATA / name)
    assert len(reading.left_out) == invalid == int((~peer.is_valid).sum())
    sound = peer[peer.is_valid]
    assert len(reading.area.polygons) == int(sound.count_geometries().sum())


def test_a_real_layer_is_too_large_for_an_alert() -> None:
    with pytest.raises(AreaRefused, match="unpacks to more than 1,000,000 bytes"):
        read_area_file(ROMANCHE, limits=ALERT_LIMITS)


def test_a_shapefile_without_its_other_parts_is_refused(tmp_path: Path) -> None:
    layer(tmp_path / "l.shp", ONE)
    shutil.copy(tmp_path / "l.shp", tmp_path / "alone.shp")
    with pytest.raises(AreaRefused):
        read_area_file(tmp_path / "alone.shp")
