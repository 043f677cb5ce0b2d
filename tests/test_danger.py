"""The danger an author marks: read or refused, and distances as a surveyor would measure them."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import LineString, Point, Polygon, box

from zones.area import Area, AreaFault, AreaRefused, Place
from zones.danger import MOST_CORNERS, Danger, danger_of, read_danger, write_danger
from zones.nearness import nearest_m

GEOD = Geod(ellps="GRS80")
metres = st.floats(-5_000, 5_000).map(lambda one: round(one, 3))
corners = st.tuples(metres, metres)
lines = st.lists(corners, min_size=2, max_size=90).map(LineString)
outlines = st.integers(3, 120).map(lambda count: Point(0, 0).buffer(900, quad_segs=count))
shapes = corners.map(Point) | lines | outlines
ZIGZAG = LineString([(-1.7 + at * 1e-5, 48 + at % 2 * 1e-5) for at in range(MOST_CORNERS + 1)])
positions = st.lists(corners, min_size=1, max_size=200)


@given(shape=shapes, xy=positions)
def test_each_point_is_as_far_as_geos_says_one_by_one(
    shape: Point | LineString | Polygon, xy: list[tuple[float, float]]
) -> None:
    edge = shape.exterior if isinstance(shape, Polygon) else shape
    told = nearest_m(shape, np.array(xy))
    assert told == pytest.approx([edge.distance(Point(one)) for one in xy], abs=1e-6)


def test_nobody_at_all_is_no_distance() -> None:
    assert len(nearest_m(LineString([(n, n * n) for n in range(60)]), np.empty((0, 2)))) == 0


@pytest.mark.parametrize("bearing", [0, 60, 145, 290])
def test_a_home_two_kilometres_from_the_mark_is_two_kilometres_away(bearing: int) -> None:
    lon, lat, _ = GEOD.fwd(-1.75, 48.02, bearing, 2_000)
    told = Danger.at(Place(-1.75, 48.02)).distance_m(np.array([lon]), np.array([lat]))
    assert told == pytest.approx(2_000, rel=3e-3)


def test_a_home_beside_a_line_is_measured_to_the_line_not_to_its_corners() -> None:
    line = Danger.of(LineString([(-1.8, 48.0), (-1.7, 48.0)]))
    lon, lat, _ = GEOD.fwd(-1.75, 48.0, 0, 300)
    told = line.distance_m(np.array([lon]), np.array([lat]))
    assert told == pytest.approx(300, abs=3)  # the parallel bends 1.7 m from the straight line


def test_a_home_without_coordinates_is_the_farthest() -> None:
    told = Danger.at(Place(-1.75, 48.02)).distance_m(np.array([np.nan]), np.array([48.0]))
    assert told.tolist() == [np.inf]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [-1.75, 48.02]},
        {"type": "LineString", "coordinates": [[-1.75, 48.02], [-1.7, 48.0]]},
    ],
)
def test_a_point_and_a_line_are_read_as_they_are_written(geometry: dict[str, object]) -> None:
    plain = json.loads(json.dumps(write_danger(danger_of(geometry))))
    assert plain == geometry


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        (box(-1.8, 48.0, -1.7, 48.1), "one Point or one LineString"),
        (
            LineString(
                [(-1.7 + at * 1e-5, 48.0 + at % 2 * 1e-5) for at in range(MOST_CORNERS + 1)]
            ),
            "simplify it",
        ),
        (Point(-74.0, 40.7), "No metric grid"),
        (LineString([(-1.7, 48.0), (55.45, -20.88)]), "No metric grid|several territories"),
    ],
)
def test_what_is_no_mark_of_a_danger_is_refused_with_what_to_do(
    drawn: shapely.Geometry, said: str
) -> None:
    with pytest.raises(AreaRefused, match=said):
        read_danger(shapely.to_geojson(drawn).encode())


def test_a_place_abroad_is_no_danger_of_ours() -> None:
    with pytest.raises(AreaFault, match="No metric grid"):
        Danger.at(Place(-74.0, 40.7))


def test_a_mark_in_another_territory_is_not_near_the_area() -> None:
    bruz = Area.of(box(-1.76, 48.01, -1.73, 48.04))
    assert Danger.at(Place(-1.5, 47.2)).near(bruz)
    assert not Danger.at(Place(5.4, 43.3)).near(bruz)
    assert not Danger.at(Place(55.45, -20.88)).near(bruz)
