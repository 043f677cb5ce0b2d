"""Layers of the map: each faulty feature is refused on its own line."""

from pathlib import Path

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
