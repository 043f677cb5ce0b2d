"""Margins in metres: the grid of each territory, distances against geodesics, laws of growing."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Polygon, box

from tests.drawings import drawn, spots, zones
from zones.area import Area, AreaFault
from zones.metres import distance_m, grid_for, within_m

GEOD = Geod(ellps="GRS80")
# the least margins too: what the border covers in degrees may lie 1e-9 m beside it in a grid
MARGINS = st.sampled_from([0.0, 1e-12, 1e-9]) | st.floats(0, 5_000)
# name: EPSG code of the legal grid, longitude and latitude of a town hall
TOWNS = {
    "Bruz": (2154, -1.7457, 48.0246),
    "Ajaccio": (2154, 8.7369, 41.9192),
    "Pointe-a-Pitre": (5490, -61.5331, 16.2411),
    "Fort-de-France": (5490, -61.0666, 14.6037),
    "Marigot, Saint-Martin": (5490, -63.0822, 18.0675),
    "Cayenne": (2972, -52.3350, 4.9372),
    "Saint-Laurent-du-Maroni": (2972, -54.0320, 5.4978),
    "Saint-Denis de La Reunion": (2975, 55.4481, -20.8789),
    "Mamoudzou": (4471, 45.2278, -12.7806),
    "Saint-Pierre": (4467, -56.1736, 46.7786),
    "Noumea": (3163, 166.4580, -22.2758),
    "Mata-Utu": (8903, -176.1735, -13.2825),
    "Uturoa": (3296, -151.4400, -16.7330),
    "Papeete": (3297, -149.5685, -17.5390),
    "Nuku Hiva": (3298, -140.1400, -8.9200),
    "Rikitea": (3299, -134.9690, -23.1200),
}


@pytest.mark.parametrize(("epsg", "lon", "lat"), TOWNS.values(), ids=TOWNS)
def test_each_territory_has_its_legal_grid(epsg: int, lon: float, lat: float) -> None:
    assert grid_for(lon, lat) == epsg


@pytest.mark.parametrize(("lon", "lat"), [(-74.0, 40.7), (48.0, -1.7), (0.0, 0.0)])
def test_a_place_outside_the_french_territories_has_no_grid(lon: float, lat: float) -> None:
    with pytest.raises(AreaFault, match="No metric grid"):
        grid_for(lon, lat)


@pytest.mark.parametrize(("_epsg", "lon", "lat"), TOWNS.values(), ids=TOWNS)
@pytest.mark.parametrize("bearing", [0, 37, 90, 143, 180, 222, 270, 315])
def test_a_margin_of_100_m_is_100_m_on_the_ground(
    _epsg: int, lon: float, lat: float, bearing: float
) -> None:
    """Measured from a spot of 2 cm against the geodesic; 0.3 % is what the grids' scales allow."""
    tiny = 1e-7
    area = Area.of(box(lon - tiny, lat - tiny, lon + tiny, lat + tiny))
    ends = [GEOD.fwd(lon, lat, bearing, reach)[:2] for reach in (99.6, 100.4)]
    lons, lats = (np.array(column) for column in zip(*ends, strict=True))
    assert within_m(area, lons, lats, margin_m=100.0).tolist() == [True, False]
    assert distance_m(area, lons, lats) == pytest.approx([99.6, 100.4], rel=0.003)


def test_a_long_edge_is_measured_along_its_drawn_line() -> None:
    """The line drawn between two distant corners bends away from a straight line of the grid."""
    area = Area.of(box(-2.0, 47.5, -1.0, 48.0))
    lon, lat, _ = GEOD.fwd(-1.5, 48.0, 0, 50.0)
    far = distance_m(area, np.array([lon]), np.array([lat]))
    assert far == pytest.approx([50.0], abs=0.5)


@pytest.mark.parametrize("margin_m", [-1.0, -0.001, math.nan, math.inf, 100_001.0])
def test_an_impossible_margin_is_refused(margin_m: float) -> None:
    area, none = Area.of(box(-1.8, 48.0, -1.7, 48.1)), np.empty(0)
    with pytest.raises(AreaFault, match="margin"):
        within_m(area, none, none, margin_m=margin_m)


def test_a_polygon_over_two_territories_has_no_margin() -> None:
    wide = Area.of(box(-61.0, 14.5, 2.0, 48.0))
    with pytest.raises(AreaFault):
        within_m(wide, np.array([0.0]), np.array([45.0]), margin_m=10.0)


def test_a_point_without_coordinates_is_within_nothing() -> None:
    area, lost = Area.of(box(-1.8, 48.0, -1.7, 48.1)), np.array([math.nan])
    assert not within_m(area, lost, np.array([48.05]), margin_m=50_000.0).any()
    assert np.isnan(distance_m(area, lost, lost)).all()


def test_the_inside_of_a_hole_is_reached_from_its_border_only() -> None:
    outline = [(-1.8, 48.0), (-1.7, 48.0), (-1.7, 48.1), (-1.8, 48.1)]
    hole = [(-1.76, 48.04), (-1.74, 48.04), (-1.74, 48.06), (-1.76, 48.06)]
    area = Area.of(Polygon(outline, [hole]))
    middle = np.array([-1.75]), np.array([48.05])
    assert not within_m(area, *middle, margin_m=700.0)[0]
    assert within_m(area, *middle, margin_m=800.0)[0]
    assert within_m(area, np.array([-1.76]), np.array([48.05]), margin_m=0.0)[0]


@settings(max_examples=60, deadline=None)
@given(st.data(), MARGINS, MARGINS)
def test_growing_the_margin_never_loses_a_resident(
    data: st.DataObject, one: float, other: float
) -> None:
    polygons = data.draw(zones())
    area = Area.of(*drawn(polygons))
    places = [data.draw(spots(polygons)) for _ in range(8)]
    lon, lat = (np.array(column) for column in zip(*places, strict=True))
    small, large = sorted((one, other))
    fewer = within_m(area, lon, lat, margin_m=small)
    more = within_m(area, lon, lat, margin_m=large)
    assert not (fewer & ~more).any()


@settings(max_examples=60, deadline=None)
@given(st.data(), st.floats(1, 20_000))
def test_the_margin_agrees_with_the_distance(data: st.DataObject, margin_m: float) -> None:
    polygons = data.draw(zones())
    area = Area.of(*drawn(polygons))
    places = [data.draw(spots(polygons)) for _ in range(8)]
    lon, lat = (np.array(column) for column in zip(*places, strict=True))
    found = within_m(area, lon, lat, margin_m=margin_m)
    assert found.tolist() == (distance_m(area, lon, lat) <= margin_m).tolist()
