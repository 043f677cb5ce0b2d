"""Who is inside: people as columns sorted by longitude, asked for an area by row number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from zones.area import Area, AreaFault, Bounds
from zones.coverage import Coverage
from zones.metres import Reach, check_margin, widened

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

Judge = Callable[[Floats, Floats], NDArray[np.bool_]]

_BLOCK = 131_072  # people judged at a time: memory stays flat, whatever the commune's size


@dataclass(frozen=True, eq=False)
class Population:
    """People by row: `ids[row]`; their coordinates are kept sorted by longitude.

    `unlocated` are the rows without coordinates, ascending: listed, never dropped.
    """

    ids: Sequence[str] | NDArray[np.generic]
    unlocated: Rows
    _lon: Floats
    _lat: Floats
    _rows: Rows  # the row of each sorted coordinate

    @classmethod
    def of(cls, ids: Sequence[str] | NDArray[np.generic], lon: Floats, lat: Floats) -> Self:
        """Index columns of one row per person, WGS 84 degrees; NaN is without coordinates.

        Raises AreaFault for columns of different lengths and for coordinates not on Earth.
        """
        lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        if not (lon.ndim == 1 and lon.shape == lat.shape == (len(ids),)):
            raise AreaFault("Ids, longitudes and latitudes must be columns of the same length.")
        missing = np.isnan(lon) | np.isnan(lat)
        strange = ~missing & ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
        if strange.any():
            raise AreaFault(f"Row {int(np.argmax(strange))} has coordinates that are not on Earth.")
        located = np.flatnonzero(~missing)
        rows = located[np.argsort(lon[located], kind="stable")].astype(np.int64, copy=False)
        unlocated = np.flatnonzero(missing).astype(np.int64, copy=False)
        return cls(ids, unlocated, lon[rows], lat[rows], rows)

    def __len__(self) -> int:
        """Count everyone, located or not."""
        return len(self.ids)

    def inside(self, area: Area, *, margin_m: float = 0.0) -> Rows:
        """Find the rows of the people in the area, ascending, each once.

        Its border counts as inside and its holes as outside; with a margin, also those within
        that many metres of it. Raises AreaFault for an impossible margin.
        """
        check_margin(margin_m)
        hit = np.zeros(len(self._rows), dtype=bool)
        for polygon in area.polygons:
            west, south, east, north = polygon.bounds
            box = widened((west, south, east, north), margin_m)
            people = self._between(box)
            if people.start == people.stop:
                continue
            judge = _judge(polygon, expected=people.stop - people.start, margin_m=margin_m)
            for low in range(people.start, people.stop, _BLOCK):
                block = slice(low, min(low + _BLOCK, people.stop))
                hit[block] |= judge(self._lon[block], self._lat[block])
        inside = np.zeros(len(self.ids), dtype=bool)
        inside[self._rows[hit]] = True
        return np.flatnonzero(inside).astype(np.int64, copy=False)

    def _between(self, box: Bounds) -> slice:
        west, _, east, _ = box
        first = int(np.searchsorted(self._lon, west, side="left"))
        return slice(first, int(np.searchsorted(self._lon, east, side="right")))


def _judge(polygon: Polygon, *, expected: int, margin_m: float) -> Judge:
    if margin_m:
        return partial(Reach.of(polygon, expected=expected).within_m, margin_m=margin_m)
    return Coverage.of(polygon, expected=expected).covers
