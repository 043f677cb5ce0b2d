"""Who is inside: the real counts of Bruz, an exact oracle, and people without coordinates."""

import csv
import json
import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from tests import raycasting
from tests.drawings import drawn, spots, wavy, zones
from zones.area import ALERT_LIMITS, Area, AreaFault
from zones.coverage import Coverage
from zones.geojson import read_features
from zones.metres import within_m
from zones.population import Population

DATA = Path(__file__).parents[1].parent / "shared" / "data"
ZONES = DATA / "bruz" / "bruz_operator_zones_SYNTHETIC.geojson"
SQUARE = box(-1.8, 48.0, -1.7, 48.1)


def bruz() -> Population:
    with (DATA / "bruz" / "bruz_35047_addresses.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    lon = np.array([float(line["lon"]) for line in lines])
    return Population.of(
        [line["id"] for line in lines], lon, np.array([float(line["lat"]) for line in lines])
    )


def people(*places: tuple[float, float]) -> Population:
    lon, lat = (np.array(column) for column in zip(*places, strict=True))
    return Population.of([f"p{row}" for row in range(len(places))], lon, lat)


def test_the_five_zones_of_bruz_hold_exactly_their_addresses() -> None:
    population = bruz()
    features = read_features(ZONES.read_bytes(), limits=ALERT_LIMITS)
    counts = [len(population.inside(Area.of(found.geometry))) for found in features]
    assert counts == [630, 79, 771, 4183, 3615]
    assert counts == [found["properties"]["hits"] for found in _plain_zones()]


def _plain_zones() -> list[dict[str, dict[str, int]]]:
    loaded: list[dict[str, dict[str, int]]] = json.loads(ZONES.read_text("utf-8"))["features"]
    return loaded


def test_rows_come_back_ascending_and_once_from_zones_that_overlap() -> None:
    population = people((-1.7, 48.0), (-3.0, 48.0), (-1.75, 48.05), (-1.8, 48.1), (-1.75, 48.02))
    area = Area.of(SQUARE).union(Area.of(box(-1.76, 47.9, -1.6, 48.2)))
    found = population.inside(area)
    assert found.dtype == np.int64
    assert found.tolist() == [0, 2, 3, 4]


def test_people_without_coordinates_are_listed_and_never_inside() -> None:
    nan = math.nan
    population = people((nan, 48.05), (-1.75, 48.05), (-1.75, nan), (nan, nan))
    assert len(population) == 4
    assert population.unlocated.tolist() == [0, 2, 3]
    assert population.inside(Area.of(SQUARE), margin_m=100_000.0).tolist() == [1]


@pytest.mark.parametrize(("lon", "lat"), [(math.inf, 48), (181, 48), (2, -90.5), (2, -math.inf)])
def test_coordinates_that_are_not_on_earth_are_refused(lon: float, lat: float) -> None:
    with pytest.raises(AreaFault, match="Row 1"):
        people((0, 0), (lon, lat))


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(AreaFault, match="same length"):
        Population.of(["a"], np.zeros(2), np.zeros(2))


def test_an_empty_population_has_nobody_inside() -> None:
    none = Population.of([], np.empty(0), np.empty(0))
    assert none.inside(Area.of(SQUARE)).tolist() == []


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_people_are_inside_as_an_exact_ray_casting_says(data: st.DataObject) -> None:
    polygons = data.draw(zones())
    places = [data.draw(spots(polygons)) for _ in range(10)]
    found = people(*places).inside(Area.of(*drawn(polygons)))
    assert found.tolist() == [
        row for row, place in enumerate(places) if raycasting.covers(polygons, *place)
    ]


@settings(max_examples=25, deadline=None)
@given(st.data(), st.integers(64, 300))
def test_the_raster_decides_as_the_exact_ray_casting(data: st.DataObject, side: int) -> None:
    """The quick way, which only crowds and fine outlines take, on small ones and few points."""
    polygons = data.draw(zones())[:1]
    (polygon,) = drawn(polygons)
    coverage = Coverage.rasterised(polygon, side=side)
    assert coverage.raster is not None
    places = [data.draw(spots(polygons)) for _ in range(15)]
    lon, lat = (np.array(column) for column in zip(*places, strict=True))
    expected = [raycasting.covers(polygons, *place) for place in places]
    assert coverage.covers(lon, lat).tolist() == expected


@pytest.mark.parametrize("corners", [300, 5_000, 40_000])
def test_a_crowd_around_a_fine_outline_is_judged_as_one_by_one(corners: int) -> None:
    shell = wavy(corners)
    polygon = Polygon(shell.exterior, [wavy(400, radius=0.02).exterior])
    dice = np.random.default_rng(corners)
    near = shapely.get_coordinates(polygon)[dice.integers(corners, size=20_000)]
    near = near + dice.normal(scale=1e-6, size=near.shape)
    anywhere = dice.uniform([-1.9, 47.8], [-1.5, 48.2], size=(30_000, 2))
    spots_ = np.vstack([near, anywhere, shapely.get_coordinates(polygon)])
    population = Population.of(np.arange(len(spots_)), spots_[:, 0], spots_[:, 1])
    found = population.inside(Area.of(polygon))
    shapely.prepare(polygon)
    expected = np.flatnonzero(shapely.intersects(polygon, shapely.points(spots_)))
    assert np.array_equal(found, expected)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.floats(1, 10_000))
def test_a_margin_finds_the_people_that_are_within_it(data: st.DataObject, margin_m: float) -> None:
    polygons = data.draw(zones())
    area = Area.of(*drawn(polygons))
    places = [data.draw(spots(polygons)) for _ in range(10)]
    lon, lat = (np.array(column) for column in zip(*places, strict=True))
    found = people(*places).inside(area, margin_m=margin_m)
    assert found.tolist() == np.flatnonzero(within_m(area, lon, lat, margin_m=margin_m)).tolist()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_union_never_loses_a_resident(data: st.DataObject) -> None:
    one, other = data.draw(zones()), data.draw(zones())
    population = people(*(data.draw(spots(one) | spots(other)) for _ in range(10)))
    areas = [Area.of(*drawn(one)), Area.of(*drawn(other))]
    apart = set().union(*(population.inside(area).tolist() for area in areas))
    assert population.inside(areas[0].union(areas[1])).tolist() == sorted(apart)


def test_the_question_is_answered_in_flat_memory_for_a_whole_crowd() -> None:
    """The raster, the blocks and the answer together stay far below a copy of the geometry."""
    dice = np.random.default_rng(3)
    places = dice.uniform([-1.9, 47.8], [-1.5, 48.2], size=(400_000, 2))
    population = Population.of(np.arange(len(places)), places[:, 0], places[:, 1])
    area = Area.of(wavy(20_000))
    tracemalloc.start()
    population.inside(area)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000
