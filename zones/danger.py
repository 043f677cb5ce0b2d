"""Where the danger is: the point or line an author marks, and how far people live from it."""

import json
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, mapping

from zones.area import ALERT_LIMITS, Area, AreaFault, AreaRefused, Fault, Place
from zones.geojson import read_features
from zones.metres import grid_of
from zones.nearness import nearest_m
from zones.reprojection import to_grid

Floats = NDArray[np.float64]

FARTHEST_M = 200_000.0  # from an alert's area: further is a slip of the hand, not its danger
MOST_CORNERS = 1_000  # of a line; what a hand draws has twenty
_STEP_DEGREES = 0.005  # an edge this long strays 1 cm at most from the grid's straight line
_ROUNDED_M = 0.05  # corners that change no distance by more are left out


@dataclass(frozen=True)
class Danger:
    """A point or a line in WGS 84, and the metric grid where distances to it are measured."""

    shape: Point | LineString
    epsg: int

    @classmethod
    def of(cls, shape: Point | LineString) -> Self:
        """Take a shape; AreaFault where no French grid holds the whole of it."""
        return cls(shape, grid_of(shape.bounds))

    @classmethod
    def at(cls, place: Place) -> Self:
        """Take a place; AreaFault outside the French territories."""
        return cls.of(Point(place.lon, place.lat))

    def distance_m(self, lon: Floats, lat: Floats) -> Floats:
        """Metres from each home to the danger; infinite where coordinates are missing."""
        shape = shapely.segmentize(self.shape, _STEP_DEGREES)
        metric = shapely.transform(shape, lambda lon_lat: to_grid(lon_lat, self.epsg))
        metric = shapely.simplify(metric, _ROUNDED_M)
        xy = to_grid(np.column_stack([lon, lat]), self.epsg)
        known = np.flatnonzero(np.isfinite(xy).all(axis=1))
        far = np.full(len(xy), np.inf)
        far[known] = nearest_m(metric, xy[known])
        return far

    def near(self, area: Area) -> bool:
        """Whether it lies within FARTHEST_M of the middle of an area."""
        west, south, east, north = area.bounds
        middle = np.array([(west + east) / 2]), np.array([(south + north) / 2])
        return bool(self.distance_m(*middle)[0] <= FARTHEST_M)


def read_danger(raw: bytes) -> Danger:
    """Read the one Point or LineString of a GeoJSON document; raises AreaRefused."""
    features = read_features(raw, limits=ALERT_LIMITS)
    shapes = [one.geometry for one in features]
    if len(shapes) != 1 or not isinstance(shapes[0], Point | LineString):
        raise AreaRefused([Fault("", "The danger is one Point or one LineString: draw just that.")])
    if shapely.get_num_coordinates(shapes[0]) > MOST_CORNERS:
        said = f"The line of the danger has more than {MOST_CORNERS} corners: simplify it."
        raise AreaRefused([Fault("", said)])
    try:
        return Danger.of(shapes[0])
    except AreaFault as fault:
        raise AreaRefused([Fault("", str(fault))]) from fault


def danger_of(geometry: object) -> Danger:
    """Read the GeoJSON geometry that `write_danger` wrote."""
    return read_danger(json.dumps(geometry).encode())


def write_danger(danger: Danger) -> dict[str, object]:
    """Write it as a GeoJSON geometry."""
    return dict(mapping(danger.shape))
