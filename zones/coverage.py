"""Which of many points a polygon covers: exact as GEOS, quick by a raster of sure cells.

A raster over the polygon's box marks the cells that an edge may cross. Neighbouring cells of a
row that no edge crosses lie on one side, so one exact test decides a whole run of them; only the
points in crossed cells are tested one by one. Cells are numbered by one monotone function of the
coordinate, for corners and points alike, so a rounding can never put an edge and a point that it
passes through on different sides of a cell's limit.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

_OUT, _IN, _CROSSED = 0, 1, 2
_FEW_POINTS = 20_000  # below, or with a simple outline, drawing a raster costs more than it saves
_FEW_VERTICES = 200
_MOST_CELLS = 8_000_000  # of all edges' boxes together; above, edges are too long for a raster
_LONG = 6  # cells; a longer edge is cut, so that its pieces' boxes hug it


@dataclass(frozen=True)
class _Raster:
    west: float
    south: float
    per_lon: float  # cells per degree
    per_lat: float
    side: int
    cells: NDArray[np.uint8]  # side * side, row by row

    def column(self, lon: Floats) -> Ints:
        return np.clip((lon - self.west) * self.per_lon, 0, self.side - 1).astype(np.intp)

    def row(self, lat: Floats) -> Ints:
        return np.clip((lat - self.south) * self.per_lat, 0, self.side - 1).astype(np.intp)

    def at(self, lon: Floats, lat: Floats) -> NDArray[np.uint8]:
        """Say what the cells of the points are; a cell of the rim serves those beyond it too."""
        return np.asarray(self.cells[self.row(lat) * self.side + self.column(lon)])


@dataclass(frozen=True)
class Coverage:
    """A polygon made ready to judge points; the border counts as covered, holes do not."""

    polygon: Polygon
    raster: _Raster | None

    @classmethod
    def of(cls, polygon: Polygon, *, expected: int) -> Self:
        """Make ready for about `expected` points."""
        shapely.prepare(polygon)
        many = expected >= _FEW_POINTS
        if not many or shapely.get_num_coordinates(polygon) < _FEW_VERTICES:
            return cls(polygon, None)
        return cls.rasterised(polygon, side=int(min(max(expected**0.5, 64), 1024)))

    @classmethod
    def rasterised(cls, polygon: Polygon, *, side: int) -> Self:
        """Make ready with a raster of `side` * `side` cells, if its edges allow one."""
        return cls(polygon, _draw(polygon, side=side))

    def covers(self, lon: Floats, lat: Floats) -> Bools:
        """Return True where the point is covered, a row per point."""
        if self.raster is not None:
            found = self.raster.at(lon, lat)
            covered = found == _IN
            close = np.flatnonzero(found == _CROSSED)
            close = close[self._in_box(lon[close], lat[close])]
        else:
            covered = np.zeros(len(lon), dtype=bool)
            close = np.flatnonzero(self._in_box(lon, lat))
        covered[close] = shapely.intersects_xy(self.polygon, lon[close], lat[close])
        return np.asarray(covered)

    def _in_box(self, lon: Floats, lat: Floats) -> Bools:
        west, south, east, north = self.polygon.bounds
        return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _draw(polygon: Polygon, *, side: int) -> _Raster | None:
    west, south, east, north = polygon.bounds
    blank = np.zeros(side * side, dtype=np.uint8)
    raster = _Raster(west, south, side / (east - west), side / (north - south), side, blank)
    if not (np.isfinite(raster.per_lon) and np.isfinite(raster.per_lat)):
        return None
    for ring in (polygon.exterior, *polygon.interiors):
        corners = shapely.get_coordinates(ring)
        if not _cross(raster, corners[:-1], corners[1:]):
            return None
    _decide(raster, polygon)
    rim = raster.cells.reshape(side, side)
    for edge in (rim[0], rim[-1], rim[:, 0], rim[:, -1]):
        edge[:] = _CROSSED  # points beyond the box are counted there: they are tested one by one
    return raster


def _cross(raster: _Raster, starts: Floats, ends: Floats) -> bool:
    """Mark the cells that edges may cross; False when the edges are too long for that."""
    columns = np.sort([raster.column(starts[:, 0]), raster.column(ends[:, 0])], axis=0)
    rows = np.sort([raster.row(starts[:, 1]), raster.row(ends[:, 1])], axis=0)
    reach = np.maximum(columns[1] - columns[0], rows[1] - rows[0])
    short = reach <= _LONG
    if not _mark(raster, columns[:, short], rows[:, short]):
        return False
    if short.all():
        return True
    cuts = reach[~short]
    if int(cuts.sum()) > _MOST_CELLS // 16:
        return False
    edge = np.repeat(np.arange(len(cuts)), cuts)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(cuts) - cuts, cuts)
    start, along = starts[~short][edge], (ends - starts)[~short][edge]
    first = start + along * (step / cuts[edge])[:, None]
    last = start + along * ((step + 1) / cuts[edge])[:, None]
    # a cut point is rounded, far less than a cell: one more cell on each side holds the edge
    columns = np.sort([raster.column(first[:, 0]), raster.column(last[:, 0])], axis=0)
    rows = np.sort([raster.row(first[:, 1]), raster.row(last[:, 1])], axis=0)
    pad = np.array([[-1], [1]])
    most = raster.side - 1
    return _mark(raster, np.clip(columns + pad, 0, most), np.clip(rows + pad, 0, most))


def _mark(raster: _Raster, columns: Ints, rows: Ints) -> bool:
    """Mark the boxes of cells [low, high] given as two rows of columns and of rows."""
    wide = columns[1] - columns[0] + 1
    sizes = wide * (rows[1] - rows[0] + 1)
    if int(sizes.sum()) > _MOST_CELLS:
        return False
    for low in range(0, len(sizes), 65_536):  # piecewise: memory stays flat
        part = slice(low, low + 65_536)
        box = np.repeat(np.arange(low, low + len(sizes[part])), sizes[part])
        inner = np.arange(len(box)) - np.repeat(np.cumsum(sizes[part]) - sizes[part], sizes[part])
        row = rows[0][box] + inner // wide[box]
        raster.cells[row * raster.side + columns[0][box] + inner % wide[box]] = _CROSSED
    return True


def _decide(raster: _Raster, polygon: Polygon) -> None:
    """Test one cell of every run of a row that no edge crosses, and give its side to the run."""
    table = raster.cells.reshape(raster.side, raster.side)
    free = table != _CROSSED
    starts = free.copy()
    starts[:, 1:] &= ~free[:, :-1]
    row, column = np.nonzero(starts)
    lon = raster.west + (column + 0.5) / raster.per_lon
    lat = raster.south + (row + 0.5) / raster.per_lat
    inside = shapely.intersects_xy(polygon, lon, lat)
    run = np.cumsum(starts.ravel(), dtype=np.int32)[free.ravel()] - 1
    table[free] = np.where(inside, _IN, _OUT).astype(np.uint8)[run]
