"""Distances in metres, in the metric grid in force where the area lies; a test, never a buffer."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from zones.area import Area, AreaFault, Bounds
from zones.coverage import Coverage
from zones.nearness import nearest_m
from zones.reprojection import to_grid

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_MARGIN_M = 100_000.0  # more is a slip of the keyboard, not a margin around an area

# EPSG code → west, south, east, north: where French law and the EPSG registry put each grid.
_GRIDS: tuple[tuple[int, Bounds], ...] = (
    (2154, (-9.86, 41.15, 10.38, 51.56)),  # métropole: RGF93 / Lambert 93
    (5490, (-63.66, 14.08, -60.0, 18.53)),  # Antilles: RGAF09 / UTM 20N
    (2972, (-54.7, 2.1, -49.45, 8.88)),  # Guyane: RGFG95 / UTM 22N
    (2975, (54.0, -24.72, 58.24, -18.28)),  # La Réunion: RGR92 / UTM 40S
    (4471, (43.68, -14.49, 46.7, -11.33)),  # Mayotte: RGM04 / UTM 38S
    (4467, (-57.1, 43.41, -55.9, 47.37)),  # Saint-Pierre-et-Miquelon: RGSPM06 / UTM 21N
    (3163, (158.0, -26.0, 173.0, -15.95)),  # Nouvelle-Calédonie: RGNC91-93 / Lambert
    (8903, (-179.99, -15.94, -174.27, -9.84)),  # Wallis-et-Futuna: RGWF96 / UTM 1S
    (3296, (-158.13, -28.0, -150.0, -12.5)),  # Polynésie: RGPF / UTM 5S, 6S, 7S, 8S
    (3297, (-150.0, -31.24, -144.0, -7.29)),
    (3298, (-144.0, -31.24, -138.0, -4.52)),
    (3299, (-138.0, -26.58, -131.97, -5.52)),
)
_STEP_DEGREES = 0.005  # an edge this long strays 1 cm at most from the grid's straight line
_MOST_STEPS = 100_000
_METRES_PER_DEGREE = 110_000.0  # of latitude, at least; a box drawn with it never comes short


def grid_for(lon: float, lat: float) -> int:
    """Return the EPSG code of the metric grid at a place; AreaFault outside French territory."""
    for epsg, (west, south, east, north) in _GRIDS:
        if west <= lon <= east and south <= lat <= north:
            return epsg
    raise AreaFault(
        f"No metric grid is known at longitude {lon:g}, latitude {lat:g}: a margin in metres "
        "needs an area in metropolitan or overseas France (longitude comes first)."
    )


def grid_of(bounds: Bounds) -> int:
    """Return the EPSG code of the one grid that holds a whole box; AreaFault where none does."""
    west, south, east, north = bounds
    epsg = grid_for((west + east) / 2, (south + north) / 2)
    if not _serves_together({epsg, grid_for(west, south), grid_for(east, north)}):
        raise AreaFault("A shape spans several territories: draw one in each.")
    return epsg


def check_margin(margin_m: float) -> None:
    """Raise AreaFault unless the margin is a finite number of metres from 0 to 100 km."""
    if not (math.isfinite(margin_m) and 0 <= margin_m <= MOST_MARGIN_M):
        raise AreaFault(f"A margin of {margin_m} m is not possible: give 0 to 100000 metres.")


def widened(bounds: Bounds, margin_m: float) -> Bounds:
    """Draw a box in degrees that surely holds every point within the margin of `bounds`."""
    if margin_m == 0:
        return bounds
    west, south, east, north = bounds
    up = 1.02 * margin_m / _METRES_PER_DEGREE
    far = min(max(abs(south), abs(north)) + up, 89.0)
    aside = up / math.cos(math.radians(far))
    return west - aside, south - up, east + aside, north + up


@dataclass(frozen=True)
class Reach:
    """A polygon in its metric grid, made ready to measure how far points lie from it."""

    coverage: Coverage
    metric: Polygon
    epsg: int

    @classmethod
    def of(cls, polygon: Polygon, *, expected: int = 0) -> Self:
        """Bring a WGS 84 polygon to its grid; AreaFault where no grid holds the whole of it."""
        epsg = grid_of(polygon.bounds)
        step = max(_STEP_DEGREES, polygon.length / _MOST_STEPS)
        metric = shapely.transform(
            shapely.segmentize(polygon, step), lambda lon_lat: to_grid(lon_lat, epsg)
        )
        shapely.prepare(metric)
        return cls(Coverage.of(polygon, expected=expected), metric, epsg)

    def within_m(self, lon: Floats, lat: Floats, *, margin_m: float) -> Bools:
        """Return True where the point is covered or at most `margin_m` away, a row per point."""
        near = self.coverage.covers(lon, lat)
        if margin_m == 0:
            return near
        west, south, east, north = widened(self.coverage.polygon.bounds, margin_m)
        close = ~near & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        rows = np.flatnonzero(close)
        near[rows] = shapely.dwithin(self.metric, self._points(lon[rows], lat[rows]), margin_m)
        return near

    def distance_m(self, lon: Floats, lat: Floats) -> Floats:
        """Metres to the polygon, 0 where it covers the point."""
        far = np.zeros(len(lon))
        rows = np.flatnonzero(~self.coverage.covers(lon, lat))
        xy = to_grid(np.column_stack([lon[rows], lat[rows]]), self.epsg)
        far[rows] = nearest_m(self.metric, xy)
        return far

    def _points(self, lon: Floats, lat: Floats) -> NDArray[np.object_]:
        return np.asarray(shapely.points(to_grid(np.column_stack([lon, lat]), self.epsg)))


def within_m(area: Area, lon: Floats, lat: Floats, *, margin_m: float) -> Bools:
    """Return True where the area covers the point or lies at most `margin_m` from it.

    A margin of 0 is `covered_by` in WGS 84: the border counts. A covered point is within every
    margin, so growing the margin never loses one. NaN is within nothing. Raises AreaFault for a
    margin that is negative, not finite or above 100 km, and outside the French territories.
    """
    check_margin(margin_m)
    lon, lat = _columns(lon, lat)
    near = np.zeros(len(lon), dtype=bool)
    for polygon in area.polygons:
        rows = np.flatnonzero(~near & np.isfinite(lon) & np.isfinite(lat))
        if margin_m == 0:
            near[rows] = shapely.intersects_xy(polygon, lon[rows], lat[rows])
        else:
            near[rows] = Reach.of(polygon).within_m(lon[rows], lat[rows], margin_m=margin_m)
    return near


def distance_m(area: Area, lon: Floats, lat: Floats) -> Floats:
    """Metres from each point to the area, 0 inside it, NaN for a point without coordinates."""
    lon, lat = _columns(lon, lat)
    known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    nearest = np.full(len(lon), np.nan)
    nearest[known] = np.inf
    for polygon in area.polygons:
        reach = Reach.of(polygon)
        nearest[known] = np.minimum(nearest[known], reach.distance_m(lon[known], lat[known]))
    return nearest


def _columns(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if lon.ndim != 1 or lon.shape != lat.shape:
        raise AreaFault("Longitudes and latitudes must be two columns of the same length.")
    return lon, lat


def _serves_together(grids: set[int]) -> bool:
    """Neighbouring zones of Polynesia meet: what lies on the line is measured in one of them."""
    neighbours = ({3296, 3297}, {3297, 3298}, {3298, 3299})
    return len(grids) == 1 or any(grids <= pair for pair in neighbours)
