"""Areas that a hand draws by figures: circle, corridor, homes; joined and taken away, no buffer.

Each shape is a union of small convex outlines that stand around what they must hold, never
within it: whoever lives nearer than the distance asked for is inside, and the excess is under
1 % of that distance. Lines and counts are bounded before any geometry runs (SECURITY T6).
"""

import json
import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from zones.area import ALERT_LIMITS, Area, AreaFault, Bounds, Place
from zones.geojson import read_area, write_area
from zones.metres import grid_for, grid_of, widened
from zones.reprojection import from_grid, to_grid
from zones.soundness import check_tangle

Floats = NDArray[np.float64]

LEAST_M, MOST_RADIUS_M = 5.0, 20_000.0  # of a circle; less is no zone, more is no commune
MOST_HALF_WIDTH_M = 2_000.0
MOST_LENGTH_M = 50_000.0  # of a corridor's lines together
MOST_CORNERS = 2_000  # of a corridor's lines together, as given
MOST_PIECES = 500  # outlines of one corridor; half of what an alert's area may count
MOST_HOMES = 500
MOST_TAKEN = 20_000  # corners of both areas where one is taken from the other
_SIDES = 24  # of the outlines around an end: 0.9 % beyond the circle
_ROUND_SIDES = 72  # of a circle that is the whole zone: 0.1 %
_STEP_DEGREES = 0.005  # an edge this long strays 1 cm at most from the grid's straight line
_STEP_M = 300.0
_SLACK_M = 0.02  # what straight edges may lose between the grid and degrees
_STRAIGHTENED = 0.01  # of the half width: corners that matter less are left out, and made up for


def circle(centre: Place, *, radius_m: float) -> Area:
    """Draw what lies within a radius of a place. Raises AreaFault: see LEAST_M, MOST_RADIUS_M."""
    _check_distance(radius_m, "radius", most=MOST_RADIUS_M)
    epsg = grid_for(centre.lon, centre.lat)
    middle = to_grid(np.array([[centre.lon, centre.lat]]), epsg)
    reach = radius_m * (1 + 2e-5) + _SLACK_M
    return Area.of(_polygon(_around(middle[0], reach, sides=_ROUND_SIDES), epsg))


def corridor(lines: Iterable[LineString], *, half_width_m: float) -> Area:
    """Draw what lies within a distance of lines in WGS 84.

    Raises AreaFault for lines too many, too long or too winding, and outside French territory.
    """
    _check_distance(half_width_m, "half width", most=MOST_HALF_WIDTH_M)
    drawn = [line for line in lines if not line.is_empty]
    corners = sum(len(line.coords) for line in drawn)
    if not drawn:
        raise AreaFault("There is no line to follow: draw one of two points or more.")
    if corners > MOST_CORNERS:
        raise AreaFault(f"The line has {corners} points; at most {MOST_CORNERS} are followed.")
    pieces: list[Polygon] = []
    length_m = 0.0
    for line in drawn:
        epsg = grid_of(line.bounds)
        straight = half_width_m * _STRAIGHTENED
        track = _track(line, epsg, straight_m=straight)
        length_m += float(np.hypot(*np.diff(track, axis=0).T).sum())
        if length_m > MOST_LENGTH_M:
            raise AreaFault("The line is longer than 50 km: draw a shorter one.")
        pieces += _capsules(track, half_width_m + straight + _SLACK_M, epsg)
        if len(pieces) > MOST_PIECES:
            raise AreaFault("The line is too winding for this width: draw it simpler.")
    return Area(tuple(pieces))


def around_homes(lon: Floats, lat: Floats, *, margin_m: float) -> Area:
    """Draw what lies within a margin of each of these homes; AreaFault above MOST_HOMES of them."""
    _check_distance(margin_m, "margin", most=MOST_HALF_WIDTH_M)
    spots = np.unique(np.column_stack([lon, lat]), axis=0)
    spots = spots[np.isfinite(spots).all(axis=1)]
    if not len(spots):
        raise AreaFault("None of these addresses has coordinates: draw the area on the map.")
    if len(spots) > MOST_HOMES:
        raise AreaFault(f"More than {MOST_HOMES} addresses at once: choose fewer streets.")
    west, south = spots.min(axis=0).tolist()
    east, north = spots.max(axis=0).tolist()
    epsg = grid_of((west, south, east, north))
    reach = margin_m + _SLACK_M
    homes = to_grid(spots, epsg)
    return Area(tuple(_polygon(_around(home, reach, sides=_SIDES), epsg) for home in homes))


def around_all(lon: Floats, lat: Floats, *, margin_m: float) -> Area:
    """Draw one convex outline that holds every home, and what lies within a margin of it."""
    _check_distance(margin_m, "margin", most=MOST_HALF_WIDTH_M)
    spots = np.column_stack([lon, lat])
    spots = spots[np.isfinite(spots).all(axis=1)]
    if not len(spots):
        raise AreaFault("None of these addresses has coordinates: draw the area on the map.")
    west, south = spots.min(axis=0).tolist()
    east, north = spots.max(axis=0).tolist()
    epsg = grid_of((west, south, east, north))
    hull = shapely.convex_hull(shapely.multipoints(to_grid(spots, epsg)))
    reach = margin_m + _SLACK_M
    corners = [_around(one, reach, sides=_SIDES) for one in shapely.get_coordinates(hull)]
    whole = shapely.convex_hull(shapely.multipoints(np.concatenate(corners)))
    return Area.of(_polygon(shapely.get_coordinates(whole), epsg))


def joined(areas: Sequence[Area]) -> Area:
    """Join areas; exact. Raises AreaRefused where an alert's area may not be so large."""
    return checked(areas[0].union(*areas[1:]))


def taken_away(area: Area, less: Area) -> Area:
    """Take one area from another: what only touches stays.

    Raises AreaFault when nothing would be left, AreaRefused where the two are too much together.
    """
    if area.vertices + less.vertices > MOST_TAKEN:
        raise AreaFault(
            f"The two areas have more than {MOST_TAKEN} points together: draw them simpler."
        )
    check_tangle([*_rings(area), *_rings(less)], limits=ALERT_LIMITS)
    whole = shapely.union_all(list(less.polygons))
    shapely.prepare(whole)
    left: list[Polygon] = []
    for polygon in area.polygons:
        if not whole.intersects(polygon):
            left.append(polygon)
            continue
        parts = shapely.get_parts(shapely.difference(polygon, whole)).tolist()
        left += [one for one in parts if isinstance(one, Polygon) and not one.is_empty]
    if not left:
        raise AreaFault("Nothing would be left of the area: draw another one instead.")
    return checked(Area(tuple(left)))


def checked(area: Area) -> Area:
    """Return the area as an alert will read it. Raises AreaRefused where it would not."""
    return read_area(json.dumps(write_area(area)).encode())


def stray(area: Area, bounds: Bounds, *, margin_m: float) -> bool:
    """Tell whether an area leaves a box widened by a margin: the mark of another place."""
    west, south, east, north = widened(bounds, margin_m)
    low_lon, low_lat, high_lon, high_lat = area.bounds
    return low_lon < west or low_lat < south or high_lon > east or high_lat > north


def hectares(area: Area) -> float:
    """Measure its ground, what lies in several of its polygons counted once."""
    return _hectares(area.geometry, grid_of(area.bounds))


def shared_hectares(one: Area, other: Area) -> float:
    """Measure the ground that lies in both areas; the caller bounds how many corners they have."""
    both = shapely.intersection(one.geometry, other.geometry)
    return 0.0 if both.is_empty else _hectares(both, grid_of(one.bounds))


def _hectares(drawn: BaseGeometry, epsg: int) -> float:
    return float(shapely.transform(drawn, lambda xy: to_grid(xy, epsg)).area) / 10_000


def _check_distance(metres: float, what: str, *, most: float) -> None:
    if not (math.isfinite(metres) and LEAST_M <= metres <= most):
        raise AreaFault(
            f"A {what} of {metres:g} m is not possible: give {LEAST_M:g} to {most:g} metres."
        )


def _track(line: LineString, epsg: int, *, straight_m: float) -> Floats:
    """Bring a line to its grid, in stretches of 300 m at most, without what matters less."""
    if line.length == 0:  # the same point twice, which GEOS cannot cut
        return to_grid(np.asarray(line.coords)[:2, :2], epsg)
    fine = shapely.segmentize(line, _STEP_DEGREES)
    metric = shapely.transform(fine, lambda xy: to_grid(xy, epsg))
    simple = shapely.simplify(metric, straight_m)
    if simple.length == 0:
        return np.asarray(simple.coords)
    return np.asarray(shapely.segmentize(simple, _STEP_M).coords)


def _capsules(track: Floats, reach: float, epsg: int) -> list[Polygon]:
    """Stand a convex outline around each stretch of a track in metres, its round ends included."""
    made: list[Polygon] = []
    for start, end in pairwise(track):
        ahead = math.atan2(end[1] - start[1], end[0] - start[0])
        front = _around(end, reach, sides=_SIDES, first=ahead - math.pi / 2)[: _SIDES // 2]
        rear = _around(start, reach, sides=_SIDES, first=ahead + math.pi / 2)[: _SIDES // 2]
        made.append(_polygon(np.concatenate([front, rear]), epsg))
    return made


def _around(middle: Floats, reach: float, *, sides: int, first: float = 0.0) -> Floats:
    """Return the corners of the regular outline that a circle touches from within."""
    turns = first + (np.arange(sides) + 0.5) * (2 * math.pi / sides)
    far = reach / math.cos(math.pi / sides)
    return np.asarray(middle + far * np.column_stack([np.cos(turns), np.sin(turns)]))


def _polygon(corners: Floats, epsg: int) -> Polygon:
    return Polygon(from_grid(corners, epsg))


def _rings(area: Area) -> list[Floats]:
    return [
        np.asarray(ring.coords)[:, :2]
        for polygon in area.polygons
        for ring in (polygon.exterior, *polygon.interiors)
    ]
