"""The doors of a commune as cover counts them: each in its street and in a sector of the plan."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import PlanInForce, in_force
from dispatcher.alerts.refusals import NotThere
from dispatcher.store.addresses import AddressesColumns, addresses_columns
from dispatcher.store.places import addresses_mark
from plans.ground import Sector
from zones.streets import Doors

Ints = NDArray[np.int64]
NOWHERE = -1  # the sector of a door that is in none of the plan's
MOST_KEPT = 4  # communes; about 300 bytes a door each


@dataclass(frozen=True, eq=False)
class Ground:
    """Every address of a commune by row; `sector_of` is a place in `sectors`, or NOWHERE.

    `population` is what the plan says of the whole commune, None where it does not.
    """

    doors: Doors
    marks: Sequence[str]  # what homes name their door by
    sectors: tuple[Sector, ...]
    sector_of: Ints
    population: int | None

    @classmethod
    def of(cls, columns: AddressesColumns, current: PlanInForce | None) -> "Ground":
        """Sort the addresses: each in the first sector of the plan that holds it."""
        plan = current.plan if current else None
        doors = Doors.of(columns.labels, columns.streets, columns.lon, columns.lat)
        sectors = plan.sectors if plan else ()
        where = np.full(len(columns.ids), NOWHERE, dtype=np.int64)
        for number, sector in reversed(list(enumerate(sectors))):
            where[doors.population.inside(sector.area)] = number
        people = plan.commune.population if plan else None
        return cls(doors, columns.place_marks, tuple(sectors), where, people)

    def __len__(self) -> int:
        """Count the addresses."""
        return len(self.marks)

    @cached_property
    def number_of(self) -> dict[str, int]:
        """A number for each door by its mark: the same door may stand twice in the file."""
        return {mark: at for at, mark in enumerate(dict.fromkeys(self.marks))}

    @cached_property
    def door_of(self) -> Ints:
        """The number of each row's door."""
        numbers = self.number_of
        return np.fromiter((numbers[mark] for mark in self.marks), np.int64, len(self.marks))

    @cached_property
    def places(self) -> tuple[Ints, Ints]:
        """Each pair of a sector and a street that has addresses, as one number, and each row's."""
        whole = (self.sector_of + 1) * len(self.doors.streets) + self.doors.street_of
        pairs, of = np.unique(whole, return_inverse=True)
        return pairs, of.astype(np.int64)

    def sector(self, ident: str) -> int | None:
        """Return the place of a sector by its id, NOWHERE for an empty one; None: not there."""
        if not ident:
            return NOWHERE
        return next((at for at, one in enumerate(self.sectors) if one.id == ident), None)


class Grounds:
    """The grounds of the last communes asked for, kept while addresses and plan stay."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._kept: dict[str, tuple[tuple[int | None, str], Ground]] = {}

    async def of(self, office: Office) -> Ground:
        """Return a commune's ground as the ledger holds it now."""
        mark = await addresses_mark(office.ledger, office.commune)  # before: newer is read again
        try:
            current = await in_force(office)
        except NotThere:
            current = None
        stamp = (mark, current.digest if current else "")
        kept = self._kept.pop(office.commune, None)
        if kept is None or kept[0] != stamp:
            columns = await addresses_columns(office.ledger, office.commune)
            kept = stamp, await asyncio.to_thread(Ground.of, columns, current)
        self._kept[office.commune] = kept  # at the end: the first is the least used
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return kept[1]
