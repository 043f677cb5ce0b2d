"""An Area and a Place: refusals, holes, borders, unions and digests."""

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from tests import raycasting
from tests.drawings import drawn, spots, zones
from zones.area import Area, AreaFault, AreaRefused, Fault, Place

HOLED = Polygon(
    [(0, 0), (9, 0), (9, 9), (0, 9), (0, 0)], [[(3, 3), (6, 3), (6, 6), (3, 6), (3, 3)]]
)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(math.nan, 48), (2, math.inf), (181, 0), (-180.1, 0), (0, 90.1), (0, -91), (200, 95)],
)
def test_a_place_that_is_not_on_earth_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(AreaFault):
        Place(lon=lon, lat=lat)


@pytest.mark.parametrize(
    ("lon", "lat", "inside"),
    [(1, 1, True), (0, 5, True), (9, 9, True), (3, 4, True), (4, 4, False), (9.0001, 5, False)],
)
def test_borders_count_as_inside_and_holes_as_outside(
    lon: float, lat: float, *, inside: bool
) -> None:
    assert Area.of(HOLED).covers_place(Place(lon=lon, lat=lat)) is inside


@pytest.mark.parametrize(
    "geometry",
    [
        Polygon(),
        MultiPolygon(),
        shapely.Point(1, 1),
        Polygon([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)]),
        box(170, 0, 190, 10),
        MultiPolygon([box(0, 0, 2, 2), box(1, 1, 3, 3)]),
    ],
)
def test_what_is_no_sound_area_is_refused(geometry: BaseGeometry) -> None:
    with pytest.raises((AreaRefused, AreaFault)):
        Area.of(geometry)


def test_no_polygon_at_all_is_no_area() -> None:
    with pytest.raises(AreaRefused, match="empty"):
        Area(())


def test_a_refusal_reads_as_a_sentence_and_counts_what_it_does_not_show() -> None:
    refused = AreaRefused(Fault(f"features[{n}]", "Wrong.") for n in range(5))
    assert str(refused) == (
        "Refused. features[0]: Wrong. features[1]: Wrong. features[2]: Wrong. And 2 more faults."
    )


def test_the_geometry_to_draw_is_valid_even_where_polygons_overlap() -> None:
    area = Area.of(box(0, 0, 2, 2)).union(Area.of(box(1, 1, 3, 3)), Area.of(HOLED))
    assert area.geometry.is_valid
    assert area.geometry.area == shapely.union_all(list(area.polygons)).area
    assert area.bounds == (0, 0, 9, 9)


def test_holes_are_kept_in_the_geometry() -> None:
    assert len(Area.of(HOLED).geometry.geoms[0].interiors) == 1


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_place_is_inside_as_an_exact_ray_casting_says(data: st.DataObject) -> None:
    polygons = data.draw(zones())
    lon, lat = data.draw(spots(polygons))
    found = Area.of(*drawn(polygons)).covers_place(Place(lon=lon, lat=lat))
    assert found == raycasting.covers(polygons, lon, lat)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_union_never_loses_a_place(data: st.DataObject) -> None:
    one, other = data.draw(zones()), data.draw(zones())
    lon, lat = data.draw(spots(one) | spots(other))
    place = Place(lon=lon, lat=lat)
    apart = [Area.of(*drawn(one)), Area.of(*drawn(other))]
    together = apart[0].union(apart[1])
    assert together.covers_place(place) == any(area.covers_place(place) for area in apart)


def test_a_union_keeps_a_place_on_a_line_that_another_polygon_crosses() -> None:
    """A merged outline is cut where lines cross, at a rounded corner: its lines move a little."""
    dice = np.random.default_rng(7)
    for _ in range(300):
        one, other = (Polygon(triangle) for triangle in dice.integers(0, 40, size=(2, 3, 2)) * 2)
        if not (one.is_valid and other.is_valid):
            continue
        corners = list(one.exterior.coords)
        together = Area.of(one).union(Area.of(other))
        for (x1, y1), (x2, y2) in pairwise(corners):
            middle = Place(lon=(x1 + x2) / 2, lat=(y1 + y2) / 2)  # whole numbers: on the line
            assert together.covers_place(middle)


def test_the_digest_does_not_depend_on_how_rings_are_written() -> None:
    corners = [(0, 0), (9, 0), (9, 9), (0, 9)]
    turned = [*corners[2:], *corners[:2]]
    one = Area.of(Polygon(corners), box(20, 20, 21, 21))
    other = Area.of(box(20, 20, 21, 21), Polygon(turned[::-1]), Polygon(corners))
    assert one.digest() == other.digest()


def test_the_digest_changes_with_the_least_move_of_a_corner_and_with_a_hole() -> None:
    whole, moved = box(0, 0, 9, 9), box(0, 0, 9, math.nextafter(9, 10))
    digests = {Area.of(shape).digest() for shape in (whole, moved, HOLED)}
    assert len(digests) == 3
