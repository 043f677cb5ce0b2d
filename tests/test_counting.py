"""Addresses inside an area, from files: the figures that `area count` answers."""

import json
from pathlib import Path

import geopandas
import pytest
import shapely

from zones.area import AreaRefused
from zones.counting import count

DATA = Path(__file__).parents[1].parent / "shared" / "data"
ADDRESSES = DATA / "bruz" / "bruz_35047_addresses.csv"
ROMANCHE = DATA / "bruz" / "romanche_alea_shifted_to_bruz_FICTITIOUS.geojson.gz"
BRUZ = DATA / "bruz" / "commune_35047_bruz.geojson"


def test_the_shifted_romanche_layer_counts_988_without_its_invalid_feature() -> None:
    with pytest.raises(AreaRefused, match="Feature 178 of 564"):
        count(ROMANCHE, ADDRESSES)
    found = count(ROMANCHE, ADDRESSES, without_invalid=True)
    assert (found.inside, found.outside, found.unlocated) == (988, 5_760 - 988, 0)
    assert [fault.place for fault in found.left_out] == ["features[177].geometry"]


def test_the_five_zones_of_bruz_count_the_same_from_every_kind_of_file(tmp_path: Path) -> None:
    zones = DATA / "bruz" / "bruz_operator_zones_SYNTHETIC.geojson"
    counts: list[int] = []
    for number, found in enumerate(json.loads(zones.read_text("utf-8"))["features"]):
        one = tmp_path / f"{number}.geojson"
        one.write_text(json.dumps(found))
        shape = shapely.from_geojson(json.dumps(found["geometry"]))
        packed = tmp_path / f"{number}.gpkg"
        geopandas.GeoSeries([shape], crs="EPSG:4326").to_file(packed)
        both = {count(path, ADDRESSES).inside for path in (one, packed)}
        assert len(both) == 1
        counts.extend(both)
    assert counts == [630, 79, 771, 4183, 3615]


def test_the_addresses_beside_the_commune_are_outside_until_a_margin_reaches_them() -> None:
    counts = [count(BRUZ, ADDRESSES, margin_m=margin_m) for margin_m in (0.0, 100.0, 143.5)]
    assert [found.outside for found in counts][0::2] == [8, 0]
    assert 0 < counts[1].outside < 8
    assert {found.inside + found.outside + found.unlocated for found in counts} == {5_760}


def test_addresses_without_coordinates_are_counted_apart(tmp_path: Path) -> None:
    addresses = tmp_path / "a.csv"
    addresses.write_text("id,lon,lat\na,-1.74,48.02\nb,,\nc,est,48\nd,2.35,48.85\n")
    found = count(BRUZ, addresses)
    assert (found.inside, found.outside, found.unlocated) == (1, 1, 2)
    assert [fault.place for fault in found.rejected] == ["line 4"]
