"""Layers of the map: each faulty feature is refused on its own line."""

from pathlib import Path
from typing import Any

import geopandas
import pytest

from tests.plan_folders import copy_of_model, only, read_from, redraw


def test_a_feature_is_refused_on_its_own_line(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "secteurs", lambda features: features[1]["geometry"]["coordinates"][0].pop())
    reading = read_from(folder)
    assert {(fault.file, fault.line) for fault in reading.faults} == {("geo/secteurs.geojson", 3)}
    assert reading.faults[0].path.startswith("features[1].geometry")


def test_a_layer_that_is_no_json_is_refused_on_the_line_where_it_breaks(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    path = folder / "geo" / "enjeux.geojson"
    path.write_text(path.read_text().replace('"id": "camping",', '"id": camping,'))
    fault = only(read_from(folder).faults, "geo/enjeux.geojson", "")
    assert "camping" in path.read_text().splitlines()[fault.line - 1]


@pytest.mark.parametrize(
    ("layer", "key", "value"),
    [
        ("secteurs", "id", None),
        ("secteurs", "priorite", "haute"),
        ("secteurs", "point_rassemblement", "pr_gare"),
        ("zones_alea", "risque", "seisme"),
        ("enjeux", "type", "chateau"),
        ("enjeux", "contact", "personne"),
    ],
)
def test_a_faulty_property_is_told_with_its_feature(
    tmp_path: Path, layer: str, key: str, value: str | None
) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, layer, lambda features: features[0]["properties"].update({key: value}))
    fault = read_from(folder).faults[0]
    place = (f"geo/{layer}.geojson", 2, f"features[0].properties.{key}")
    assert (fault.file, fault.line, fault.path) == place


def test_a_feature_of_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    point = {"type": "Point", "coordinates": [4.6, 45.52]}
    redraw(folder, "secteurs", lambda features: features[2].update(geometry=point))
    assert (
        "polygone" in only(read_from(folder).faults, "geo/secteurs.geojson", "features[2]").message
    )


def test_a_faulty_drawing_does_not_hide_the_faults_of_the_other_features(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)

    def spoil(features: list[dict[str, Any]]) -> None:
        features[0].update(geometry=None)
        features[0]["properties"]["priorite"] = "haute"
        features[1]["properties"]["population"] = -4

    redraw(folder, "secteurs", spoil)
    told = {(fault.line, fault.path) for fault in read_from(folder).faults}
    assert told == {
        (2, "features[0].geometry"),
        (2, "features[0].properties.priorite"),
        (3, "features[1].properties.population"),
    }


def test_a_faulty_feature_of_a_geopackage_is_told_with_its_layer(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    for layer in ("secteurs", "zones_alea"):
        path = folder / "geo" / f"{layer}.geojson"
        frame = geopandas.read_file(path).to_crs(2154)
        if layer == "secteurs":
            frame.loc[0, "population"] = -4
            frame.loc[1, "geometry"] = None
        frame.to_file(folder / "geo" / "pcs.gpkg", layer=layer, driver="GPKG")
        path.unlink()
    reading = read_from(folder)
    told = {(fault.file, fault.path) for fault in reading.faults}
    assert told == {
        ("geo/pcs.gpkg", "secteurs[0].properties.population"), ("geo/pcs.gpkg", "secteurs[1]")
    }  # fmt: skip


def test_what_a_geopackage_lacks_or_gives_twice_is_told(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    frame = geopandas.read_file(folder / "geo" / "secteurs.geojson")
    frame.to_file(folder / "geo" / "pcs.gpkg", layer="secteurs", driver="GPKG")
    (folder / "geo" / "enjeux.geojson").unlink()
    reading = read_from(folder)
    assert "d'abord" in only(reading.warnings, "geo/pcs.gpkg", "enjeux").message
    assert "geo/pcs.gpkg" in only(reading.warnings, "geo/secteurs.geojson", "").message


@pytest.mark.parametrize(("layer", "refused"), [("enjeux", False), ("secteurs", True)])
def test_an_empty_layer_is_a_fault_only_where_a_plan_cannot_do_without(
    tmp_path: Path, layer: str, *, refused: bool
) -> None:
    folder = copy_of_model(tmp_path)
    file = f"geo/{layer}.geojson"
    (folder / file).write_text('{"type": "FeatureCollection", "features": []}')
    reading = read_from(folder)
    assert only(reading.faults if refused else reading.warnings, file, "").line == 1
    assert reading.valid is not refused


def test_a_key_given_twice_is_told_on_the_line_of_its_feature(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "secteurs", lambda _: None)
    path = folder / "geo" / "secteurs.geojson"
    path.write_text(path.read_text().replace('{"id": "prairie"', '{"id": "x", "id": "prairie"'))
    assert only(read_from(folder).faults, "geo/secteurs.geojson", "").line == 3


def test_bytes_that_are_not_utf8_are_told_on_their_line(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "secteurs", lambda _: None)
    path = folder / "geo" / "secteurs.geojson"
    path.write_bytes(path.read_bytes().replace(b'"Plateau"', b'"Pl\xe2teau"'))
    fault = only(read_from(folder).faults, "geo/secteurs.geojson", "")
    assert fault.line == 4
    assert "UTF-8" in fault.message
