"""Areas made by figures: nobody within the distance asked for is lost, nobody far is taken."""

import json
import math
import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from tests.drawings import drawn, wavy, zones
from zones import drawing
from zones.area import Area, AreaFault, AreaRefused, Place
from zones.drawing import around_homes, checked, circle, corridor, hectares, joined, taken_away
from zones.geojson import read_area, write_area
from zones.metres import grid_for
from zones.reprojection import from_grid, to_grid

PLACES = st.builds(Place, lon=st.floats(-4, 8), lat=st.floats(42, 51)) | st.sampled_from(
    [Place(-61.0, 14.6), Place(55.5, -21.1), Place(45.2, -12.8), Place(-52.3, 4.9)]
)
TURNS = st.floats(0, 2 * math.pi)
SHARES = st.floats(0, 1)


def moved(place: Place, *, east_m: float, north_m: float) -> Place:
    epsg = grid_for(place.lon, place.lat)
    metric = to_grid(np.array([[place.lon, place.lat]]), epsg) + np.array([[east_m, north_m]])
    lon, lat = from_grid(metric, epsg)[0].tolist()
    return Place(lon, lat)


def far_m(line: LineString, place: Place) -> float:
    """Measure by another road than the code: the whole line in the grid, by GEOS."""
    epsg = grid_for(place.lon, place.lat)
    metric = shapely.transform(shapely.segmentize(line, 1e-4), lambda xy: to_grid(xy, epsg))
    return float(metric.distance(Point(to_grid(np.array([[place.lon, place.lat]]), epsg)[0])))


@given(PLACES, st.floats(drawing.LEAST_M, drawing.MOST_RADIUS_M), TURNS, SHARES)
def test_a_circle_holds_all_within_its_radius_and_none_a_hundredth_beyond(
    centre: Place, radius_m: float, turn: float, share: float
) -> None:
    area = circle(centre, radius_m=radius_m)

    def at(reach: float) -> Place:
        east, north = reach * math.cos(turn), reach * math.sin(turn)
        return moved(centre, east_m=east, north_m=north)

    assert area.covers_place(at(radius_m * share))
    assert area.covers_place(at(radius_m))
    assert not area.covers_place(at(radius_m * 1.002 + 0.1))


@st.composite
def tracks(draw: st.DrawFn) -> tuple[LineString, Place]:
    start = draw(PLACES)
    steps = draw(
        st.lists(st.tuples(st.floats(-900, 900), st.floats(-900, 900)), min_size=1, max_size=8)
    )
    spots = [start]
    for east, north in steps:
        spots.append(moved(spots[-1], east_m=east, north_m=north))
    line = LineString([(spot.lon, spot.lat) for spot in spots])
    aside = st.floats(-300, 300)
    at = shapely.line_interpolate_point(line, draw(SHARES), normalized=True)
    return line, moved(Place(at.x, at.y), east_m=draw(aside), north_m=draw(aside))


@settings(max_examples=150)
@given(tracks(), st.floats(drawing.LEAST_M, 400))
def test_a_corridor_holds_all_within_its_half_width_and_none_a_twentieth_beyond(
    track: tuple[LineString, Place], half_width_m: float
) -> None:
    line, spot = track
    if line.length == 0:
        return
    inside = corridor([line], half_width_m=half_width_m).covers_place(spot)
    away_m = far_m(line, spot)
    if away_m <= half_width_m:
        assert inside
    if away_m > half_width_m * 1.05 + 0.2:
        assert not inside


@given(st.lists(PLACES, min_size=1, max_size=5), st.floats(drawing.LEAST_M, 100))
def test_the_area_around_homes_holds_each_of_them(spots: list[Place], margin_m: float) -> None:
    near = [moved(spots[0], east_m=40.0 * at, north_m=9.0 * at) for at in range(len(spots))]
    lon, lat = np.array([spot.lon for spot in near]), np.array([spot.lat for spot in near])
    area = around_homes(lon, lat, margin_m=margin_m)
    assert all(area.covers_place(spot) for spot in near)


@settings(max_examples=60)
@given(zones(), zones(), st.lists(st.tuples(SHARES, SHARES), min_size=8, max_size=8))
def test_joining_never_loses_a_place_and_taking_away_keeps_none_of_what_is_taken(
    one: list[list[list[tuple[float, float]]]],
    other: list[list[list[tuple[float, float]]]],
    shares: list[tuple[float, float]],
) -> None:
    first, second = Area.of(*drawn(one)), Area.of(*drawn(other))
    west, south, _, _ = first.bounds
    moved_second = Area.of(
        *(
            shapely.transform(
                polygon, lambda xy: xy - np.array(second.bounds[:2]) + np.array([west, south])
            )
            for polygon in second.polygons
        )
    )
    both = joined([first, moved_second])
    try:
        left: Area | None = taken_away(first, moved_second)
    except AreaFault:
        left = None
    edges = shapely.union_all(
        [polygon.boundary for polygon in (*first.polygons, *moved_second.polygons)]
    )
    for along, up in shares:
        spot = Place(west + 0.12 * along, south + 0.12 * up)
        here, there = first.covers_place(spot), moved_second.covers_place(spot)
        assert both.covers_place(spot) == (here or there)
        if edges.distance(Point(spot.lon, spot.lat)) > 1e-9:
            assert (left is not None and left.covers_place(spot)) == (here and not there)


def test_an_area_made_by_figures_is_read_back_as_it_is() -> None:
    line = LineString([(5.01, 47.77), (5.02, 47.78), (5.03, 47.77)])
    area = joined([corridor([line], half_width_m=80), circle(Place(5.0, 47.7), radius_m=300)])
    assert read_area(json.dumps(write_area(area)).encode()).digest() == area.digest()
    assert checked(area).digest() == area.digest()


def test_ground_that_two_outlines_share_is_measured_once() -> None:
    once = circle(Place(5.0, 47.7), radius_m=500)
    twice = Area((*once.polygons, *circle(Place(5.0, 47.7), radius_m=499).polygons))
    assert hectares(once) == pytest.approx(78.54, rel=0.01)
    assert hectares(twice) == pytest.approx(hectares(once), rel=1e-6)


@pytest.mark.parametrize("metres", [0, -5, 4.9, 20_001, math.nan, math.inf])
def test_a_radius_that_is_a_slip_is_refused_in_words(metres: float) -> None:
    with pytest.raises(AreaFault, match="give 5 to 20000 metres"):
        circle(Place(5.0, 47.7), radius_m=metres)


def test_what_is_too_long_to_follow_is_refused_in_words() -> None:
    far = LineString([(0.0, 47.0), (0.9, 47.0)])
    many = LineString([(i * 1e-6, 47.0) for i in range(2_001)])
    saw = LineString([(i * 1e-3, 47.0 + (i % 2) * 1e-3) for i in range(520)])
    with pytest.raises(AreaFault, match="longer than 50 km"):
        corridor([far], half_width_m=50)
    with pytest.raises(AreaFault, match="at most 2000"):
        corridor([many], half_width_m=50)
    with pytest.raises(AreaFault, match=r"too winding|longer than 50 km"):
        corridor([saw], half_width_m=5)
    with pytest.raises(AreaFault, match="no line"):
        corridor([], half_width_m=50)
    with pytest.raises(AreaFault, match="More than 500 addresses"):
        around_homes(np.linspace(5, 5.1, 501), np.full(501, 47.7), margin_m=20)
    with pytest.raises(AreaFault, match="None of these addresses"):
        around_homes(np.array([math.nan]), np.array([math.nan]), margin_m=20)
    with pytest.raises(AreaFault, match="No metric grid"):
        circle(Place(13.4, 52.5), radius_m=100)


def comb(teeth: int, *, across: bool) -> Area:
    """Draw a comb of thin teeth, standing or lying."""
    corners = [(0.0, 47.0)]
    for tooth in range(teeth):
        at = 0.1 * tooth / teeth
        corners += [
            (at, 47.1),
            (at + 0.05 / teeth, 47.1),
            (at + 0.05 / teeth, 47.01),
            (at + 0.09 / teeth, 47.01),
        ]
    corners += [(0.1, 47.01), (0.1, 47.0), (0.0, 47.0)]
    if across:
        corners = [((lat - 47.0), 47.0 + lon) for lon, lat in corners]
    return Area.of(shapely.Polygon(corners))


def test_two_combs_that_would_cut_each_other_for_seconds_are_refused_at_once() -> None:
    standing, lying = comb(2_000, across=False), comb(2_000, across=True)
    start = time.process_time()
    with pytest.raises((AreaFault, AreaRefused), match=r"tangled|Draw it simpler"):
        taken_away(standing, lying)
    assert time.process_time() - start < 2.0  # 60 s without


def test_the_largest_work_that_is_let_in_takes_less_than_a_second() -> None:
    wave = LineString([(5 + 0.1 * i / 400, 47.7 + 0.004 * math.sin(i / 9)) for i in range(400)])
    big = corridor([wave], half_width_m=100)
    hole = wavy(8_000, lon=5.05, lat=47.7, radius=0.02)
    start = time.process_time()
    left = taken_away(joined([big, circle(Place(5.05, 47.7), radius_m=2_500)]), Area.of(hole))
    measured = hectares(left)
    assert time.process_time() - start < 1.0
    assert 0 < measured < hectares(joined([big, circle(Place(5.05, 47.7), radius_m=2_500)]))


def test_taking_away_all_is_refused_in_words() -> None:
    with pytest.raises(AreaFault, match="Nothing would be left"):
        taken_away(Area.of(box(1, 47, 1.1, 47.1)), Area.of(box(0, 46, 2, 48)))
