"""Checks of the ground: sectors in the commune and apart, assets that can be alerted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.plan_folders import copy_of_model, only, read_from, redraw

Change = Callable[[list[dict[str, Any]]], None]


def _moved(index: int, *, lon: float) -> Change:
    def change(features: list[dict[str, Any]]) -> None:
        ring = features[index]["geometry"]["coordinates"][0]
        features[index]["geometry"]["coordinates"] = [[[x + lon, y] for x, y in ring]]

    return change


def test_a_sector_wholly_outside_the_commune_is_refused(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "secteurs", _moved(2, lon=0.5))
    fault = only(read_from(folder).faults, "geo/secteurs.geojson", "features[2].properties")
    assert fault.line == 4
    assert "Plateau" in fault.message


def test_a_sector_partly_outside_the_commune_is_told(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "secteurs", _moved(2, lon=0.014))
    reading = read_from(folder)
    assert reading.valid
    path = "features[2].properties"
    assert "dépasse" in only(reading.warnings, "geo/secteurs.geojson", path).message


def test_two_sectors_that_overlap_are_both_named(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "secteurs", _moved(1, lon=0.004))
    reading = read_from(folder)
    assert reading.valid
    path = "features[1].properties"
    message = only(reading.warnings, "geo/secteurs.geojson", path).message
    assert "Bas bourg" in message
    assert "La Prairie" in message


def test_sectors_that_share_a_border_do_not_overlap(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    assert not [w for w in read_from(folder).warnings if w.file == "geo/secteurs.geojson"]


def test_an_asset_outside_the_commune_is_told_and_one_without_contact(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "enjeux", lambda features: features[0]["geometry"].update(coordinates=[2, 48]))
    redraw(folder, "enjeux", lambda features: features[1]["properties"].pop("contact"))
    warnings = read_from(folder).warnings
    assert "École" in only(warnings, "geo/enjeux.geojson", "features[0].properties").message
    assert "ehpad" in only(warnings, "geo/enjeux.geojson", "features[1].properties").message


def test_the_outline_of_another_commune_is_told(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "commune", lambda features: features[0]["properties"].update(code_insee="35047"))
    assert "35047" in only(read_from(folder).warnings, "geo/commune.geojson", "").message


def test_a_hazard_zone_outside_the_commune_is_told_since_it_protects_nobody(
    tmp_path: Path,
) -> None:
    folder = copy_of_model(tmp_path)

    def swapped(features: list[dict[str, Any]]) -> None:
        rings = features[0]["geometry"]["coordinates"]
        features[0]["geometry"]["coordinates"] = [[[y, x] for x, y in ring] for ring in rings]

    redraw(folder, "zones_alea", swapped)
    reading = read_from(folder)
    told = [one for one in reading.warnings if one.file == "geo/zones_alea.geojson"]
    assert [one.line for one in told] == [2]
    assert "inversées" in told[0].message
