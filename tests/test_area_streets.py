"""An area read as streets: inside, partly and outside share every street among them."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from tests.drawings import drawn, zones
from zones.area import Area, Place
from zones.drawing import circle
from zones.metres import distance_m, within_m
from zones.streets import BESIDE_M, Doors, StreetRead, in_streets

NAMES = ("Rue Basse", "Rue du Pont", "Quai des Tanneurs", "Rue de l'Écluse")
SQUARE = Area.of(box(5.010, 47.770, 5.012, 47.772))


@st.composite
def towns(draw: st.DrawFn) -> Doors:
    """Scatter addresses of four streets over the ground of `zones`, some without coordinates."""
    count = draw(st.integers(1, 40))
    spots = draw(
        st.lists(
            st.tuples(st.floats(-2.1, 2.1), st.floats(45.9, 49.1)) | st.just((math.nan, math.nan)),
            min_size=count,
            max_size=count,
        )
    )
    streets = draw(st.lists(st.sampled_from(NAMES), min_size=count, max_size=count))
    labels = [f"{at + 1} {street}" for at, street in enumerate(streets)]
    lon, lat = np.array(spots).T
    return Doors.of(labels, streets, lon, lat)


def near(area: Area, doors: Doors) -> Doors:
    """Bring the addresses onto the ground around an area."""
    west, south, east, north = area.bounds
    lon = west + (doors.lon + 2.1) / 4.2 * (east - west) * 1.2
    lat = south + (doors.lat - 45.9) / 3.2 * (north - south) * 1.2
    return Doors(doors.streets, doors.street_of, doors.numbers, lon, lat)


@settings(max_examples=80)
@given(towns(), zones(), st.sampled_from([0.0, 30.0, 500.0]))
def test_every_street_is_told_once_and_every_address_counted_once(
    doors: Doors, drawing: list[list[list[tuple[float, float]]]], margin_m: float
) -> None:
    area = Area.of(*drawn(drawing))
    doors = near(area, doors)
    read = in_streets(doors, area, margin_m=margin_m)
    told = [one.name for one in (*read.whole, *read.part, *read.beside)]
    placed = {doors.streets[at] for at in doors.street_of[doors.located].tolist()}
    assert len(told) == len(set(told))
    assert len(told) + read.away == len(placed)
    inside = within_m(area, doors.lon, doors.lat, margin_m=margin_m)
    assert (
        read.addresses == inside.sum() == sum(len(one.inside) for one in (*read.whole, *read.part))
    )
    for one in (*read.whole, *read.part, *read.beside):
        rows = doors.rows_of([one.name])
        assert one.total == doors.located[rows].sum()
        assert len(one.inside) == inside[rows].sum()
    assert all(not one.outside for one in read.whole)
    assert all(one.inside and one.outside for one in read.part)
    assert all(not one.inside for one in read.beside)


@settings(max_examples=60)
@given(towns(), zones(), st.floats(0, 400), st.floats(0, 400))
def test_growing_an_area_never_loses_an_address_nor_a_street(
    doors: Doors, drawing: list[list[list[tuple[float, float]]]], margin_m: float, more_m: float
) -> None:
    area = Area.of(*drawn(drawing))
    doors = near(area, doors)
    small = in_streets(doors, area, margin_m=margin_m)
    large = in_streets(doors, area, margin_m=margin_m + more_m)
    assert set(small.rows.tolist()) <= set(large.rows.tolist())
    assert {one.name for one in small.whole} <= {one.name for one in large.whole}
    assert small.away >= large.away


@settings(max_examples=60)
@given(towns(), zones(), st.sampled_from([0.0, 200.0]))
def test_what_is_just_outside_is_near_and_its_distance_is_the_nearest_to_the_margin(
    doors: Doors, drawing: list[list[list[tuple[float, float]]]], margin_m: float
) -> None:
    area = Area.of(*drawn(drawing))
    doors = near(area, doors)
    for one in in_streets(doors, area, margin_m=margin_m).beside:
        rows = doors.rows_of([one.name])
        rows = rows[doors.located[rows]]
        nearest = distance_m(area, doors.lon[rows], doors.lat[rows]).min() - margin_m
        assert one.nearest_m is not None
        assert abs(one.nearest_m - nearest) < 1e-6
        assert 0 < nearest <= BESIDE_M


def test_what_is_just_outside_is_measured_from_the_edge_of_the_margin() -> None:
    lon, lat = np.array([5.0129]), np.array([47.771])  # 67 m east of the square
    doors = Doors.of(["1 Rue du Pont"], ["Rue du Pont"], lon, lat)
    assert in_streets(doors, SQUARE).beside == ()
    (near,) = in_streets(doors, SQUARE, margin_m=50).beside
    assert 16 < (near.nearest_m or 0) < 19


def test_numbers_are_told_as_people_count_them() -> None:
    labels = [
        "10 Rue Basse",
        "2 Rue Basse",
        "2 bis Rue Basse",
        "9 Rue Basse",
        "1 Rue du Pont",
        "Le Moulin",
    ]
    streets = ["Rue Basse"] * 4 + ["Rue du Pont", ""]
    lon = np.array([5.011, 5.011, 5.011, 5.0125, 5.0122, 5.5])
    lat = np.full(6, 47.771)
    read = in_streets(Doors.of(labels, streets, lon, lat), SQUARE)
    (part,) = read.part
    assert part == StreetRead("Rue Basse", ("2", "2 bis", "10"), ("9",), part.nearest_m)
    assert [one.name for one in read.beside] == ["Rue du Pont"]
    assert 10 < (read.beside[0].nearest_m or 0) < 20
    assert read.whole == ()
    assert read.away == 1  # the mill has no street: its label stands for one


def test_without_addresses_nothing_is_told() -> None:
    nothing = Doors.of([], [], np.array([]), np.array([]))
    read = in_streets(nothing, SQUARE)
    assert (read.whole, read.part, read.beside, read.away, read.addresses) == ((), (), (), 0, 0)


@pytest.mark.alone("half a second of the processor")
def test_a_hundred_thousand_addresses_are_read_in_half_a_second() -> None:
    dice = np.random.default_rng(7)
    lon, lat = dice.normal(5.0, 0.02, 100_000), dice.normal(47.7, 0.02, 100_000)
    streets = [f"Rue {at % 2_000}" for at in range(100_000)]
    doors = Doors.of([f"{at} {street}" for at, street in enumerate(streets)], streets, lon, lat)
    assert len(doors.population) == 100_000  # sorted once, when the addresses are loaded
    start = time.process_time()
    read = in_streets(doors, circle(Place(5.0, 47.7), radius_m=1_000), margin_m=50)
    assert time.process_time() - start < 0.5
    assert 10_000 < read.addresses < 90_000
