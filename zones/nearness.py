"""How far points lie from a point, a line or an outline, in a metric grid: a million at once.

Exact: a corner of the ground is measured against every edge that may be the nearest to any point
in it, and against no other.
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon

Floats: TypeAlias = NDArray[np.float64]
Shape: TypeAlias = Point | LineString | Polygon

FEW_EDGES = 24  # measured one by one; above, the far ones are left out corner by corner
SQUARES = (12, 64)  # along a side of the ground: at least, at most
_AT_ONCE = 16_384  # points: what fits a processor's cache


def nearest_m(shape: Shape, xy: Floats) -> Floats:
    """Metres from each position (n, 2) to a point, a line or the outline of a polygon."""
    starts, ends = _edges(shape)
    if len(starts) <= FEW_EDGES:
        return _to_edges(xy, starts, ends)
    nearest = np.full(len(xy), np.inf)
    edges = np.stack([starts, ends], axis=1)
    tree = shapely.STRtree([LineString(edge) for edge in edges])
    for rows in _squares(xy, along=int(np.clip(len(starts) ** 0.5, *SQUARES))):
        near = _edges_near(tree, xy[rows])
        nearest[rows] = _to_edges(xy[rows], starts[near], ends[near])
    return nearest


def _edges(shape: Shape) -> tuple[Floats, Floats]:
    """Give where each edge starts and ends; a point is an edge of no length."""
    lines = [shape.exterior, *shape.interiors] if isinstance(shape, Polygon) else [shape]
    corners = [shapely.get_coordinates(line) for line in lines]
    if isinstance(shape, Point):
        return corners[0], corners[0]
    return np.concatenate([c[:-1] for c in corners]), np.concatenate([c[1:] for c in corners])


def _to_edges(xy: Floats, starts: Floats, ends: Floats) -> Floats:
    nearest = np.empty(len(xy))
    for low in range(0, len(xy), _AT_ONCE):
        x, y = np.ascontiguousarray(xy[low : low + _AT_ONCE].T)
        squared = np.full(len(x), np.inf)
        for (x0, y0), (x1, y1) in zip(starts.tolist(), ends.tolist(), strict=True):
            np.minimum(squared, _squared(x - x0, y - y0, x1 - x0, y1 - y0), out=squared)
        nearest[low : low + _AT_ONCE] = np.sqrt(squared)
    return nearest


def _squared(x: Floats, y: Floats, along: float, up: float) -> Floats:
    """Return the squared distance to an edge from the origin to (along, up)."""
    length = along * along + up * up
    if length == 0:
        return np.asarray(x * x + y * y)
    share = np.clip((x * along + y * up) / length, 0.0, 1.0)
    return np.asarray((x - share * along) ** 2 + (y - share * up) ** 2)


def _squares(xy: Floats, *, along: int) -> Iterator[NDArray[np.intp]]:
    """Give the rows of the points of each square of ground where there are any."""
    lowest = xy.min(axis=0, initial=np.inf)
    side = max(1.0, float((xy - lowest).max(initial=0.0)) / along)
    column, row = np.floor((xy - lowest).T / side)
    order = np.lexsort((row, column))
    column, row = column[order], row[order]
    new = np.flatnonzero((np.diff(column) != 0) | (np.diff(row) != 0)) + 1
    yield from (rows for rows in np.split(order, new) if len(rows))


def _edges_near(tree: shapely.STRtree, xy: Floats) -> NDArray[np.intp]:
    """Give every edge that may be the nearest to one of these points.

    What is nearest to a point is at most one reach further from their middle than what is nearest
    to the middle, and as much again from the point itself.
    """
    middle = xy.mean(axis=0)
    reach = float(np.hypot(*(xy - middle).T).max())
    centre = Point(middle)
    _, nearest = tree.query_nearest(centre, return_distance=True, all_matches=False)
    limit = float(nearest[0]) + 2 * reach
    return np.asarray(tree.query(centre, predicate="dwithin", distance=limit * (1 + 1e-9) + 1e-6))
