"""An area read as streets: wholly inside, partly with which numbers, just outside and how far."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from zones.area import Area
from zones.metres import distance_m, widened
from zones.population import Population

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BESIDE_M = 50.0  # as far as people ask « et nous ? » from the pavement across


@dataclass(frozen=True, eq=False)
class Doors:
    """Every address of a commune by row: its street's number in `streets`, its own, where it is.

    `numbers` are what stands before the street in the label ("12 bis"), the whole label where it
    does not end in the street; lon and lat are NaN without coordinates.
    """

    streets: tuple[str, ...]
    street_of: Ints
    numbers: Sequence[str]
    lon: Floats
    lat: Floats

    @classmethod
    def of(cls, labels: Sequence[str], streets: Sequence[str], lon: Floats, lat: Floats) -> Self:
        """Gather addresses by street, in the order of the alphabet; without one, by their label."""
        named = [street or label for label, street in zip(labels, streets, strict=True)]
        order = sorted(set(named), key=lambda name: (name.casefold(), name))
        place = {name: at for at, name in enumerate(order)}
        numbers = [_number(label, street) for label, street in zip(labels, named, strict=True)]
        of = np.array([place[name] for name in named], dtype=np.int64)
        return cls(tuple(order), of, numbers, lon, lat)

    @cached_property
    def located(self) -> NDArray[np.bool_]:
        """Tell which rows have coordinates."""
        return np.asarray(np.isfinite(self.lon) & np.isfinite(self.lat))

    @cached_property
    def population(self) -> Population:
        """Return the rows indexed by where they are."""
        return Population.of(np.arange(len(self.lon)), self.lon, self.lat)

    def rows_of(self, streets: Sequence[str]) -> Ints:
        """Return the rows of these streets; a street that is not there has none."""
        wanted = [at for at, name in enumerate(self.streets) if name in set(streets)]
        return np.flatnonzero(np.isin(self.street_of, wanted)).astype(np.int64)


@dataclass(frozen=True)
class StreetRead:
    """One street as an area finds it; numbers in the order people count them.

    `nearest_m` is how far the nearest address outside stands, None where none is near.
    """

    name: str
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    nearest_m: float | None = None

    @property
    def total(self) -> int:
        """Count its addresses with coordinates."""
        return len(self.inside) + len(self.outside)


@dataclass(frozen=True)
class AreaInStreets:
    """The streets of an area. With `away`, how many others there are, they are all streets."""

    whole: tuple[StreetRead, ...] = ()
    part: tuple[StreetRead, ...] = ()
    beside: tuple[StreetRead, ...] = ()
    away: int = 0
    addresses: int = 0
    rows: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64), repr=False)


def in_streets(doors: Doors, area: Area, *, margin_m: float = 0.0) -> AreaInStreets:
    """Read an area, its margin included, as streets; only addresses with coordinates count.

    Raises AreaFault for an impossible margin and outside the French territories.
    """
    rows = doors.population.inside(area, margin_m=margin_m)
    inside = np.zeros(len(doors.lon), dtype=bool)
    inside[rows] = True
    near_m = _near(doors, area, inside, margin_m=margin_m)
    count = len(doors.streets)
    located = np.bincount(doors.street_of[doors.located], minlength=count)
    hit = np.bincount(doors.street_of[inside], minlength=count)
    nearest = np.full(count, np.inf)
    np.minimum.at(nearest, doors.street_of, near_m)
    whole = np.flatnonzero((hit > 0) & (hit == located))
    part = np.flatnonzero((hit > 0) & (hit < located))
    beside = np.flatnonzero((hit == 0) & (nearest <= BESIDE_M))
    told = {
        name: _told(doors, streets, inside, nearest)
        for name, streets in (("whole", whole), ("part", part), ("beside", beside))
    }
    away = int((located > 0).sum()) - len(whole) - len(part) - len(beside)
    return AreaInStreets(**told, away=away, addresses=len(rows), rows=rows)


def by_street(doors: Doors, rows: Ints) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name the streets of these rows, in the order of the alphabet, each with its numbers."""
    numbers: dict[int, list[str]] = {}
    for row in sorted(rows.tolist(), key=lambda one: int(doors.street_of[one])):
        numbers.setdefault(int(doors.street_of[row]), []).append(doors.numbers[row])
    return tuple((doors.streets[street], _sorted(found)) for street, found in numbers.items())


def _near(doors: Doors, area: Area, inside: NDArray[np.bool_], *, margin_m: float) -> Floats:
    """Metres from the edge of the margin for rows outside and near, infinite for the others."""
    far = np.full(len(doors.lon), np.inf)
    west, south, east, north = widened(area.bounds, margin_m + BESIDE_M)
    lon, lat = doors.lon, doors.lat
    close = ~inside & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    rows = np.flatnonzero(close)
    if len(rows):
        far[rows] = np.maximum(distance_m(area, lon[rows], lat[rows]) - margin_m, 0.0)
    return far


def _told(
    doors: Doors, streets: NDArray[np.intp], inside: NDArray[np.bool_], nearest: Floats
) -> tuple[StreetRead, ...]:
    rows_of: dict[int, list[int]] = {int(street): [] for street in streets}
    wanted = np.flatnonzero(np.isin(doors.street_of, streets) & doors.located)
    for row in wanted.tolist():
        rows_of[int(doors.street_of[row])].append(row)
    return tuple(
        StreetRead(
            doors.streets[street],
            _sorted(doors.numbers[row] for row in rows if inside[row]),
            _sorted(doors.numbers[row] for row in rows if not inside[row]),
            float(nearest[street]) if np.isfinite(nearest[street]) else None,
        )
        for street, rows in rows_of.items()
    )


def _sorted(numbers: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(numbers, key=number_rank))


def number_rank(number: str) -> tuple[int, str]:
    """Return what puts numbers in the order people count them: 2, 2 bis, 10."""
    digits = "".join(sign for sign in number.split(" ")[0] if sign.isdecimal())
    return int(digits[:9] or 0), number


def _number(label: str, street: str) -> str:
    """Return what a label says before its street; the label itself where it says only that."""
    before = label.removesuffix(street).strip(" ,") if label.endswith(street) else label
    return before or label
