"""The addresses of an alert's ground, street by street: inside, without a subscriber, just outside.

Nobody is known to live at an uncovered address, nor known not to: these are the doors that no
message of ours reaches, and that a loud-hailer or a knock has to.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from zones.area import Area, AreaFault
from zones.metres import MOST_MARGIN_M
from zones.population import Population

EDGE_M = 50.0  # just outside: so near that a slip of the hand decides
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Street:
    """How many addresses of a street, and at how many nobody is enrolled; unnamed: empty."""

    street: str
    addresses: int
    uncovered: int

    @property
    def share(self) -> float:
        """The uncovered share of its addresses, 0 to 1."""
        return self.uncovered / self.addresses


@dataclass(frozen=True, eq=False)
class Addresses:
    """Every address of a commune: its place key, its street by number, and where it stands."""

    place_keys: Sequence[str]
    names: Sequence[str]  # of the streets
    street: Rows  # of each address, in `names`
    population: Population

    @classmethod
    def of(
        cls, place_keys: Sequence[str], streets: Sequence[str], *, lon: Floats, lat: Floats
    ) -> Self:
        """Index columns of one row per address; NaN is without coordinates."""
        number = {name: at for at, name in enumerate(dict.fromkeys(streets))}
        rows = np.fromiter(map(number.__getitem__, streets), np.int64, len(streets))
        return cls(place_keys, tuple(number), rows, Population.of(place_keys, lon, lat))

    def __len__(self) -> int:
        """Count them all."""
        return len(self.place_keys)

    @cached_property
    def keys(self) -> NDArray[np.object_]:
        """The place keys as a column."""
        column = np.empty(len(self.place_keys), dtype=object)
        column[:] = self.place_keys
        return column

    def by_street(self, rows: Rows, covered: Set[str]) -> tuple[Street, ...]:
        """Count these rows street by street: the most uncovered addresses first, then by name."""
        bare = np.fromiter(
            (key not in covered for key in self.keys[rows].tolist()), bool, len(rows)
        )
        inside = np.bincount(self.street[rows], minlength=len(self.names))
        without = np.bincount(self.street[rows[bare]], minlength=len(self.names))
        found = [
            Street(self.names[at], int(inside[at]), int(without[at]))
            for at in np.flatnonzero(inside).tolist()
        ]
        return tuple(sorted(found, key=lambda one: (-one.uncovered, one.street == "", one.street)))


@dataclass(frozen=True)
class Streets:
    """The addresses inside an area and those at most EDGE_M outside it, each by street.

    `edge` is None where no grid measures metres: abroad, or over several territories.
    """

    inside: tuple[Street, ...]
    edge: tuple[Street, ...] | None

    @property
    def addresses(self) -> int:
        """How many are inside."""
        return sum(one.addresses for one in self.inside)

    @property
    def uncovered(self) -> int:
        """At how many of those inside nobody is enrolled."""
        return sum(one.uncovered for one in self.inside)

    @property
    def edge_addresses(self) -> int:
        """How many are just outside."""
        return sum(one.addresses for one in self.edge or ())


def streets_of(addresses: Addresses, area: Area, *, margin_m: float, covered: Set[str]) -> Streets:
    """Count the addresses of an area; `covered` are the place keys where somebody is enrolled."""
    inside = addresses.population.inside(area, margin_m=margin_m)
    near = _near_rows(addresses.population, area, margin_m=margin_m)
    beside = None if near is None else np.setdiff1d(near, inside, assume_unique=True)
    return Streets(
        addresses.by_street(inside, covered),
        None if beside is None else addresses.by_street(beside, covered),
    )


def edge_m(margin_m: float) -> float:
    """Return how far from an area with this margin somebody is still just outside it."""
    return min(margin_m + EDGE_M, MOST_MARGIN_M)


def _near_rows(population: Population, area: Area, *, margin_m: float) -> Rows | None:
    """Find the rows inside an area or just outside it; None where nothing measures it."""
    try:
        return population.inside(area, margin_m=edge_m(margin_m))
    except AreaFault:  # a zone abroad is counted all the same, without its edge
        return None
