"""How much of a commune is covered: addresses counted, inhabitants estimated, by sector and street.

An address is covered where a resident lives who confirmed one of her contacts. Nobody counts
inhabitants by door: the plan's figure of a sector is spread over its addresses alike, that of the
commune over the addresses that are left, and where there is none a door counts as one household.
A resident stands for her household, and the residents of a door for no more than live there on
average: one sign-up in a block of flats does not warn the block.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatcher.alerts.office import Office
from dispatcher.cover.ground import NOWHERE, Ground, Grounds
from dispatcher.store.cover import SureDoors, sure_doors

HOUSEHOLD = 2.2  # people of a household in France (Insee, census of 2020: 2.19)
OF_SECTOR, OF_COMMUNE, OF_HOUSEHOLDS = "sector", "commune", "households"
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Share:
    """Addresses, and those that are covered; the same of inhabitants, as they are estimated."""

    addresses: int
    covered: int
    inhabitants: float
    reached: float

    @property
    def of_addresses(self) -> float:
        """The covered share of the addresses, 0 to 1."""
        return self.covered / self.addresses if self.addresses else 0.0

    @property
    def of_inhabitants(self) -> float:
        """The covered share of the inhabitants, 0 to 1."""
        return self.reached / self.inhabitants if self.inhabitants else 0.0


@dataclass(frozen=True)
class Place:
    """A sector, or a street within a sector (`street` is None for the whole sector).

    `sector` is its id, empty outside all of them; `source` says where its inhabitants are from:
    OF_SECTOR, OF_COMMUNE or OF_HOUSEHOLDS.
    """

    sector: str
    name: str
    street: str | None
    share: Share
    source: str


@dataclass(frozen=True)
class Cover:
    """A commune's cover: whole, by sector, by street of each sector.

    `elsewhere` are covered residents whose home is none of the addresses; `unlocated` addresses
    have no coordinates, and so no sector.
    """

    whole: Share
    sectors: tuple[Place, ...]
    streets: tuple[Place, ...]
    elsewhere: int
    unlocated: int


async def cover_of(office: Office, grounds: Grounds) -> Cover:
    """Count a commune's cover as its ledger holds it now."""
    ground = await grounds.of(office)
    found = await sure_doors(office.ledger, office.commune)
    return await asyncio.to_thread(count, ground, found)


async def uncovered_rows(office: Office, ground: Ground) -> Ints:
    """Return the rows of the addresses without a sure contact."""
    found = await sure_doors(office.ledger, office.commune)
    return np.flatnonzero(~_at_doors(ground, found)[0]).astype(np.int64)


def count(ground: Ground, found: SureDoors) -> Cover:
    """Count a ground's cover."""
    covered, told, untold, elsewhere = _at_doors(ground, found)
    each, household, sources = _estimated(ground)
    reached = np.minimum(each, told + untold * household)
    columns = (covered.astype(np.float64), each, reached)
    pairs, of = ground.places
    streets = _summed(of, columns, size=len(pairs))
    sectors = _summed(ground.sector_of + 1, columns, size=len(ground.sectors) + 1)
    width = max(1, len(ground.doors.streets))
    return Cover(
        whole=_summed(np.zeros(len(ground), dtype=np.int64), columns, size=1)[0],
        sectors=tuple(
            _place(ground, at - 1, sources, share=share)
            for at, share in enumerate(sectors)
            if share.addresses
        ),
        streets=tuple(
            _place(
                ground, pair // width - 1, sources,
                share=share, street=ground.doors.streets[pair % width],
            )
            for pair, share in zip(pairs.tolist(), streets, strict=True)
        ),
        elsewhere=elsewhere,
        unlocated=int((~ground.doors.located).sum()),
    )  # fmt: skip


def _place(
    ground: Ground, at: int, sources: Sequence[str], *, share: Share, street: str | None = None
) -> Place:
    one = ground.sectors[at] if at != NOWHERE else None
    ident, name = (one.id, one.name) if one else ("", "")
    return Place(ident, name, street, share, sources[at + 1])


def _at_doors(ground: Ground, found: SureDoors) -> tuple[NDArray[np.bool_], Floats, Floats, int]:
    """Return by row whether it is covered and its households, and who is at none of the rows."""
    size, numbers = len(ground.number_of), ground.number_of
    at = np.fromiter((numbers.get(mark, -1) if mark else -1 for mark in found.marks), np.int64)
    here = at >= 0
    rows = np.maximum(1, np.bincount(ground.door_of, minlength=size))
    by_door = [
        np.bincount(at[here], weights=one[here], minlength=size) / rows
        for one in (found.people, found.told, found.untold)
    ]
    people, told, untold = (one[ground.door_of] for one in by_door)
    return people > 0, told, untold, int(found.people[~here].sum())


def _estimated(ground: Ground) -> tuple[Floats, Floats, list[str]]:
    """Return by row how many live there and how large a household is; by sector, whence."""
    size = len(ground.sectors) + 1
    addresses = np.bincount(ground.sector_of + 1, minlength=size)
    people, households = np.full(size, np.nan), np.full(size, HOUSEHOLD)
    sources = [OF_HOUSEHOLDS] * size
    for at, one in enumerate(ground.sectors, start=1):
        if one.population is not None and addresses[at]:
            people[at], sources[at] = one.population / addresses[at], OF_SECTOR
            if one.households and one.population:
                households[at] = one.population / one.households
    rest = np.isnan(people) & (addresses > 0)
    left = int(addresses[rest].sum())
    if ground.population is not None and left:
        known = float(np.nansum(people * addresses))
        if (more := ground.population - known) > 0:
            people[rest] = more / left
            sources = [OF_COMMUNE if rest[at] else one for at, one in enumerate(sources)]
    people[np.isnan(people)] = HOUSEHOLD
    return people[ground.sector_of + 1], households[ground.sector_of + 1], sources


def _summed(of: Ints, columns: Sequence[Floats], *, size: int) -> list[Share]:
    addresses = np.bincount(of, minlength=size).tolist()
    sums = [np.bincount(of, weights=one, minlength=size).tolist() for one in columns]
    return [
        Share(int(one), round(covered), people, reached)
        for one, covered, people, reached in zip(addresses, *sums, strict=True)
    ]
