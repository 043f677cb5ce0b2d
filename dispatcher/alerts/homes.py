"""Where people live, in memory: the columns as they were read, and over them whoever moved since.

A person who moved is hidden where she was and lives in a few columns of her own: following a change
costs what changed, and what somebody looks at meanwhile stays as it is.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from dispatcher.alerts.ordering import Source
from dispatcher.store.places import AsOf, Moves
from zones.area import Area
from zones.population import Population

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]
Names = NDArray[np.object_]
Kind = TypeVar("Kind", bound=np.generic)
Rows = tuple[Whole, Whole]  # of the columns as they were read, and of those who moved since
MOST_MOVED = 5_000  # people over the columns: from then on these are made anew


@dataclass(frozen=True, eq=False)
class HomeColumns:
    """One row a home; a person may have several, NaN where unlocated."""

    person_ids: Sequence[str]
    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        """Count the homes."""
        return len(self.person_ids)

    @cached_property
    def population(self) -> Population:
        """The homes, to be asked for an area."""
        return Population.of(self.person_ids, self.lon, self.lat)

    @cached_property
    def names(self) -> Names:
        """Everyone once, in the order of the rows."""
        return names_of(list(dict.fromkeys(self.person_ids)))

    @cached_property
    def owner(self) -> Whole:
        """The person of each row, by number in `names`."""
        if len(self.names) == len(self.person_ids):
            return np.arange(len(self.names))
        number = {name: at for at, name in enumerate(self.names.tolist())}
        return np.fromiter(map(number.__getitem__, self.person_ids), np.int64)

    @cached_property
    def _hashes(self) -> Whole:
        """Of each name, so that one is found among a million in a millisecond."""
        return np.fromiter(map(hash, self.names), np.int64, len(self.names))

    def numbers_of(self, people: Set[str]) -> Whole:
        """Return the numbers in `names` of those of these people who are there."""
        sought = np.fromiter(map(hash, people), np.int64, len(people))
        if len(sought) > _FEW:
            near = np.flatnonzero(np.isin(self._hashes, sought))
        else:
            near = np.flatnonzero(_any_of(self._hashes, sought))
        sure = [name in people for name in self.names[near].tolist()]
        found: Whole = near[np.array(sure, dtype=bool)]
        return found

    def persons_of(self, rows: Whole) -> Mask:
        """Return True for each person one of whose homes is among these rows."""
        found = np.zeros(len(self.names), dtype=bool)
        found[self.owner[rows]] = True
        return found

    def nearest_m(self, rows: Whole, source: Source) -> Floats:
        """Metres from each person's nearest home among these rows; infinite without one."""
        nearest = np.full(len(self.names), np.inf)
        far = source.distance_m(self.lon[rows], self.lat[rows])
        np.minimum.at(nearest, self.owner[rows], far)
        return nearest

    def among(self, ids: frozenset[str]) -> Mask:
        """Return True for each person who is one of these."""
        if not ids:
            return np.zeros(len(self.names), dtype=bool)
        return np.fromiter(map(ids.__contains__, self.names), bool, len(self.names))

    def without(self, hidden: Mask, homes: "HomeColumns") -> "HomeColumns":
        """Return the rows of those who are not hidden, by number, and then these homes."""
        stay = ~hidden[self.owner]
        return HomeColumns(
            [*names_of(self.person_ids)[stay].tolist(), *homes.person_ids],
            np.concatenate([self.lon[stay], homes.lon]),
            np.concatenate([self.lat[stay], homes.lat]),
        )


_FEW = 8  # people looked for one by one; more of them are cheaper by sorting
NOBODY = HomeColumns((), np.empty(0), np.empty(0))


@dataclass(frozen=True, eq=False)
class Homes:
    """The homes of a commune as of a state of its ledger; None where it is not followed.

    Masks and columns of people are by number in `names`, in which somebody who moved may stand
    twice: hidden where she was, no mask of homes is True there.
    """

    read: HomeColumns
    moved: HomeColumns = NOBODY
    as_of: AsOf | None = None
    _hidden: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))  # of `read`; empty: none

    @classmethod
    def of(
        cls, person_ids: Sequence[str], lon: Floats, lat: Floats, *, as_of: AsOf | None = None
    ) -> Self:
        """Keep columns as they were read."""
        return cls(HomeColumns(person_ids, lon, lat), as_of=as_of)

    def __len__(self) -> int:
        """Count the rows kept, those hidden included."""
        return len(self.read) + len(self.moved)

    @cached_property
    def names(self) -> Names:
        """Everyone, in the order of the rows."""
        return _joined(self.read.names, self.moved.names)

    def named(self, people: Mask) -> Sequence[str]:
        """Return the ids of these people, in the order of the rows."""
        here, there = people[: len(self.read.names)], people[len(self.read.names) :]
        return [*self.read.names[here].tolist(), *self.moved.names[there].tolist()]

    def inside(self, area: Area, *, margin_m: float = 0.0) -> Rows:
        """Find the homes in an area, or at most that many metres from it."""
        here, there = self.read.population, self.moved.population
        return here.inside(area, margin_m=margin_m), there.inside(area, margin_m=margin_m)

    @property
    def unlocated(self) -> Rows:
        """The homes that are nowhere."""
        return self.read.population.unlocated, self.moved.population.unlocated

    def persons_of(self, rows: Rows) -> Mask:
        """Return True for each person one of whose homes is among these rows."""
        found = self.read.persons_of(rows[0])
        if len(self._hidden):
            found &= ~self._hidden
        return _joined(found, self.moved.persons_of(rows[1]))

    def nearest_m(self, rows: Rows, source: Source) -> Floats:
        """Metres from each person's nearest home among these rows; infinite without one."""
        nearest = self.read.nearest_m(rows[0], source)
        if len(self._hidden):
            nearest[self._hidden] = np.inf
        return _joined(nearest, self.moved.nearest_m(rows[1], source))

    def among(self, ids: frozenset[str]) -> Mask:
        """Return True for each person who is one of these."""
        return _joined(self.read.among(ids), self.moved.among(ids))

    def ready(self) -> None:
        """Sort and number now what the first question, or the first move, would wait for."""
        _ = self.read.population, self.read.owner, self.read.numbers_of({""})

    def following(self, moves: Moves) -> "Homes":
        """Return the homes as of these moves: each who moved lives where they say, or nowhere.

        Moves told twice, or that were in the columns already, change nothing more.
        """
        at = HomeColumns(moves.homes.person_ids, moves.homes.lon, moves.homes.lat)
        hidden = np.zeros(len(self.read.names), dtype=bool)
        if len(self._hidden):
            hidden |= self._hidden
        hidden[self.read.numbers_of(moves.people)] = True
        gone = np.zeros(len(self.moved.names), dtype=bool)
        gone[self.moved.numbers_of(moves.people)] = True
        moved = self.moved.without(gone, at)
        if len(moved.names) <= MOST_MOVED:
            return Homes(self.read, moved, moves.as_of, hidden)
        anew = Homes(self.read.without(hidden, moved), as_of=moves.as_of)
        anew.ready()
        return anew


def names_of(ids: Sequence[str]) -> Names:
    """Return ids as a column: a million are put in order in a tenth of a list's time."""
    column = np.empty(len(ids), dtype=object)
    column[:] = ids
    return column


def _any_of(column: Whole, few: Whole) -> Mask:
    """Return True where the column holds one of a few values."""
    found = np.zeros(len(column), dtype=bool)
    for one in few:
        found |= column == one
    return found


def _joined(read: NDArray[Kind], moved: NDArray[Kind]) -> NDArray[Kind]:
    """Join two columns; the first is copied only where there is a second."""
    return np.concatenate([read, moved]) if len(moved) else read
