"""What another outline of a sector changes: every door that moves is told, and nothing else."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from zones.area import Area, AreaFault, Place
from zones.drawing import around_all, circle, corridor, hectares, shared_hectares
from zones.redrawing import redrawn, simplest
from zones.streets import Doors

LON, LAT = 5.015, 47.778
SPOTS = [(LON + x * 0.0007, LAT + y * 0.0005) for x in range(-6, 7) for y in range(-6, 7)]
DOORS = Doors.of(
    [f"{at % 13 + 1} rue {at // 13}" for at in range(len(SPOTS))],
    [f"rue {at // 13}" for at in range(len(SPOTS))],
    np.array([lon for lon, _ in SPOTS]),
    np.array([lat for _, lat in SPOTS]),
)
CIRCLES = st.builds(
    lambda x, y, r: circle(Place(LON + x, LAT + y), radius_m=r),
    st.floats(-0.004, 0.004), st.floats(-0.003, 0.003), st.floats(20, 400),
)  # fmt: skip


def box(west: float, south: float, east: float, north: float) -> Area:
    return Area.of(shapely.box(west, south, east, north))


@given(CIRCLES, CIRCLES)
def test_who_is_inside_now_was_inside_or_entered_and_nobody_else(after: Area, before: Area) -> None:
    told = redrawn(DOORS, after, before=before, others={}, within=None)
    entering = sum(len(doors) for _, doors in told.entering)
    leaving = sum(len(doors) for _, doors in told.leaving)
    assert told.addresses == told.before_addresses + entering - leaving
    back = redrawn(DOORS, before, before=after, others={}, within=None)
    assert (back.entering, back.leaving) == (told.leaving, told.entering)


@given(CIRCLES)
def test_an_outline_compared_with_itself_changes_nothing(area: Area) -> None:
    told = redrawn(DOORS, area, before=area, others={}, within=area)
    assert not told.moved
    assert (told.entering, told.leaving, told.outside_ha) == ((), (), 0.0)
    assert told.before_ha == told.after_ha


@given(CIRCLES, CIRCLES)
def test_shared_ground_is_the_same_from_both_sides_and_no_more_than_either(
    one: Area, other: Area
) -> None:
    both = shared_hectares(one, other)
    assert both == pytest.approx(shared_hectares(other, one), rel=1e-6, abs=1e-9)
    assert both <= min(hectares(one), hectares(other)) + 1e-6


@given(st.lists(CIRCLES, min_size=1, max_size=4))
def test_joining_pieces_moves_no_door(circles: list[Area]) -> None:
    whole = circles[0].union(*circles[1:])
    made = simplest(whole, DOORS)
    inside = DOORS.population.inside(whole).tolist()
    assert DOORS.population.inside(made).tolist() == inside
    assert len(made.polygons) <= len(whole.polygons)


def test_a_corridor_becomes_one_outline_that_a_hand_can_change() -> None:
    line = shapely.LineString([(LON, LAT), (LON + 0.004, LAT), (LON + 0.004, LAT + 0.004)])
    drawn = corridor([line], half_width_m=40)
    assert len(drawn.polygons) > 1
    assert len(simplest(drawn, DOORS).polygons) == 1


def test_pieces_that_lie_apart_stay_as_they_were_drawn() -> None:
    one = box(LON, LAT, LON + 0.001, LAT + 0.001)
    apart = Area((*one.polygons, *box(LON + 0.002, LAT, LON + 0.003, LAT + 1e-3).polygons))
    assert simplest(apart, DOORS) is apart


def test_a_new_sector_has_no_before_and_its_neighbours_are_named() -> None:
    mine = box(LON - 0.002, LAT - 0.001, LON + 0.002, LAT + 0.001)
    others = {
        "À côté": box(LON + 0.001, LAT - 0.001, LON + 0.003, LAT + 0.001),
        "Qui touche": box(LON + 0.002, LAT - 0.001, LON + 0.003, LAT + 0.001),
        "Au loin": box(LON + 0.01, LAT, LON + 0.02, LAT + 0.01),
    }
    told = redrawn(DOORS, mine, before=None, others=others, within=mine)
    assert told.before_ha is None
    assert told.moved
    assert [one.name for one in told.shared] == ["À côté"]
    (shared,) = told.shared
    assert shared.hectares == pytest.approx(hectares(mine) / 4, rel=0.01)
    assert shared.addresses > 0


def test_ground_beyond_the_commune_is_measured_and_a_sliver_is_not_told() -> None:
    mine = box(LON, LAT, LON + 0.002, LAT + 0.001)
    half = box(LON, LAT, LON + 0.001, LAT + 0.001)
    nearly = box(LON, LAT, LON + 0.001999, LAT + 0.001)
    told = [redrawn(DOORS, mine, before=None, others={}, within=one) for one in (half, nearly)]
    assert told[0].outside_ha == pytest.approx(hectares(mine) / 2, rel=0.01)
    assert told[1].outside_ha == 0.0


def test_streets_are_told_with_the_very_numbers_that_move() -> None:
    before = box(LON - 0.0001, LAT - 0.0001, LON + 0.0001, LAT + 0.0011)
    after = box(LON - 0.0001, LAT + 0.0004, LON + 0.0001, LAT + 0.0016)
    told = redrawn(DOORS, after, before=before, others={}, within=None)
    assert told.leaving == (("rue 6", ("7",)),)
    assert told.entering == (("rue 6", ("10",)),)


@given(st.integers(1, len(SPOTS)), st.floats(10, 400))
def test_an_outline_around_all_addresses_holds_each_of_them_and_their_margin(
    count: int, margin_m: float
) -> None:
    doors = Doors.of([""] * count, ["a"] * count, DOORS.lon[:count], DOORS.lat[:count])
    drawn = around_all(doors.lon, doors.lat, margin_m=margin_m)
    assert len(doors.population.inside(drawn)) == count
    near = circle(Place(*SPOTS[count - 1]), radius_m=margin_m * 0.98)
    assert drawn.geometry.covers(near.geometry)
    assert len(drawn.polygons) == 1


def test_no_outline_is_drawn_around_addresses_without_a_place() -> None:
    with pytest.raises(AreaFault):
        around_all(np.array([np.nan]), np.array([np.nan]), margin_m=300)
