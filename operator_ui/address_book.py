"""The commune's addresses as the zone's page needs them, kept in memory while nobody moves.

Addresses are public: where a door stands says nothing of who lives behind it.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dispatcher.residents.place_key import place_key
from dispatcher.store.addresses import AddressesColumns, addresses_columns
from dispatcher.store.ledger import Ledger
from dispatcher.store.places import addresses_mark
from zones.streets import Doors

MOST_FOUND = 12
MOST_STREETS = 60
MOST_KEPT = 500_000  # addresses of all communes together; about 400 bytes each
_SUFFIXES = ("bis", "ter", "quater", "quinquies")
_PACKED = 6  # gzip's own middle: 9 costs three times as much for a hundredth


@dataclass(frozen=True)
class Found:
    """An address that answers a search."""

    ident: str
    label: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, eq=False)
class AddressBook:
    """Addresses by row, what is searched, and the points that the map draws."""

    mark: str
    ids: Sequence[str]
    labels: Sequence[str]
    keys: Sequence[str]  # labels without accents or abbreviations
    street_keys: Sequence[str]  # of `doors.streets`
    doors: Doors
    points: bytes  # gzip of a GeoJSON FeatureCollection: coordinates alone

    @classmethod
    def of(cls, columns: AddressesColumns, *, mark: str) -> "AddressBook":
        """Sort and pack the columns: half a second for 100,000 addresses."""
        doors = Doors.of(columns.labels, columns.streets, columns.lon, columns.lat)
        known = np.flatnonzero(doors.located)
        return cls(
            mark=mark,
            ids=columns.ids,
            labels=columns.labels,
            keys=columns.place_keys,
            street_keys=[place_key(street) for street in doors.streets],
            doors=doors,
            points=gzip.compress(_points(columns.lon[known], columns.lat[known]), _PACKED, mtime=0),
        )

    @cached_property
    def rows_of_street(self) -> Sequence[Sequence[int]]:
        """The rows of each of `doors.streets`."""
        rows: list[list[int]] = [[] for _ in self.doors.streets]
        for row, street in enumerate(self.doors.street_of.tolist()):
            rows[street].append(row)
        return rows

    def find(self, typed: str) -> tuple[Found, ...]:
        """Return the addresses that hold every word typed, accents and case aside; best first.

        A word that is written out whole ranks before one that is only begun: « 1 rue basse » finds
        number 1 before number 10.
        """
        words = place_key(typed).split()
        if not words:
            return ()
        found: list[tuple[int, int]] = []
        for street, rows in enumerate(self.rows_of_street):
            of_street = self.street_keys[street].split()
            rest = [word for word in words if not _begins(of_street, word)]
            if not all(map(_is_of_a_number, rest)):
                continue  # a word that its name does not have
            for row in rows:
                parts = self.keys[row].split()
                if all(_begins(parts, word) for word in rest):
                    found.append((sum(word not in parts for word in words), row))
        best = sorted(found)[:MOST_FOUND]
        return tuple(self.at(row) for _, row in best)

    def streets(self, typed: str) -> tuple[str, ...]:
        """Return the streets whose words begin as those typed; all of them without any."""
        words = place_key(typed).split()
        return tuple(
            name
            for name, key in zip(self.doors.streets, self.street_keys, strict=True)
            if all(any(part.startswith(word) for part in key.split()) for word in words)
        )

    def by_id(self, ident: str) -> Found | None:
        """Return an address by its id; None where it is not there."""
        try:
            return self.at(self.ids.index(ident))
        except ValueError:
            return None

    def at(self, row: int) -> Found:
        """Return the address of a row."""
        lon, lat = float(self.doors.lon[row]), float(self.doors.lat[row])
        known = bool(self.doors.located[row])
        return Found(
            self.ids[row], self.labels[row], lon if known else None, lat if known else None
        )


class AddressBooks:
    """The books of the last communes asked for, the least used forgotten first."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._kept: OrderedDict[str, AddressBook] = OrderedDict()
        self._reading = asyncio.Lock()

    async def of(self, ledger: Ledger, commune: str) -> AddressBook:
        """Return the commune's addresses as the ledger holds them now."""
        mark = str(await addresses_mark(ledger, commune))  # before: what is newer is read next time
        if kept := self._known(commune, mark):
            return kept
        async with self._reading:  # one reads for all who wait
            return self._known(commune, mark) or await self._read(ledger, commune, mark=mark)

    def _known(self, commune: str, mark: str) -> AddressBook | None:
        kept = self._kept.get(commune)
        if kept is None or kept.mark != mark:
            return None
        self._kept.move_to_end(commune)
        return kept

    async def _read(self, ledger: Ledger, commune: str, *, mark: str) -> AddressBook:
        columns = await addresses_columns(ledger, commune)
        book = await asyncio.to_thread(AddressBook.of, columns, mark=mark)
        self._kept[commune] = book
        while len(self._kept) > 1 and sum(len(one.ids) for one in self._kept.values()) > MOST_KEPT:
            self._kept.popitem(last=False)
        return book


def _is_of_a_number(word: str) -> bool:
    return any(one.isdigit() for one in word) or len(word) == 1 or _begins(_SUFFIXES, word)


def _begins(parts: Sequence[str], word: str) -> bool:
    return any(part.startswith(word) for part in parts)


def _points(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> bytes:
    """Write points a metre fine, from west to east: neighbours alike pack to five bytes each."""
    order = np.lexsort((lat, lon))
    features = ",".join(
        '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":'
        f"[{x:.5f},{y:.5f}]}}}}"
        for x, y in zip(lon[order].tolist(), lat[order].tolist(), strict=True)
    )
    return f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()
