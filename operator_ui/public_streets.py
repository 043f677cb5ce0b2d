"""The streets of an alert in words, read once for each version: at its launch, at its change.

Each look at the page takes what was read then. Addresses that are loaded later are read too, at
most every five minutes: people enrol all the time, and the mark that both share changes with them.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from dispatcher.alerts.audience import area_of
from dispatcher.delivery.content import Content
from dispatcher.residents.place_key import looked_up_by
from dispatcher.store.addresses import AddressesColumns, addresses_columns
from dispatcher.store.ledger import Ledger
from dispatcher.store.places import homes_mark
from dispatcher.store.public_alerts import PublicAlert
from zones.area import AreaFault
from zones.street_numbers import NumberRun, runs_of
from zones.streets import Doors, in_streets

AGAIN_S = 300.0
UNFOLDED = 12  # streets that are read at one glance; more are folded by letter
A_FOLD = 15  # streets at least under one fold


@dataclass(frozen=True)
class StreetTold:
    """A street that an alert is about; `runs` are its numbers where only a part is inside."""

    name: str
    runs: tuple[NumberRun, ...] = ()


@dataclass(frozen=True)
class Fold:
    """Streets that stand together in the alphabet, from a letter to a letter."""

    first: str
    last: str
    streets: tuple[StreetTold, ...]


@dataclass(frozen=True)
class StreetsTold:
    """The streets of an alert, by the words they are looked up by; `all`: it leaves none out."""

    streets: tuple[StreetTold, ...] = ()
    all: bool = False

    @property
    def folds(self) -> tuple[Fold, ...]:
        """Return a long list cut at letters of the alphabet; nothing of a short one."""
        if len(self.streets) <= UNFOLDED:
            return ()
        found: list[Fold] = []
        held: list[StreetTold] = []
        for _, some in groupby(self.streets, key=lambda one: _letter(one.name)):
            held += some
            if len(held) >= A_FOLD:
                found.append(_fold(held))
                held = []
        return tuple([*found, _fold(held)] if held else found)


@dataclass(frozen=True)
class _Read:
    told: StreetsTold
    mark: int | None
    read_s: float


class AlertStreets:
    """Reads them for the versions that a page shows, and keeps them while it shows them."""

    def __init__(self, ledger: Ledger) -> None:
        """Read from this ledger."""
        self._ledger = ledger
        self._read: dict[str, dict[str, _Read]] = {}
        self.readings = 0  # of a commune's addresses, since the start

    async def of(self, commune: str, shown: Sequence[PublicAlert]) -> dict[str, StreetsTold]:
        """Return the streets of these versions by their id, and forget any other's.

        An area that no grid of the French territories measures has none.
        """
        kept = self._read.pop(commune, {})
        if not shown:
            return {}
        mark, now = await homes_mark(self._ledger, commune), time.monotonic()
        found = {
            one.version_id: kept[one.version_id]
            for one in shown
            if one.version_id in kept and _holds(kept[one.version_id], mark, now=now)
        }
        wanted = [one for one in shown if one.version_id not in found]
        if wanted:
            columns = await addresses_columns(self._ledger, commune)
            self.readings += 1
            told = await asyncio.to_thread(_told, columns, wanted)
            found |= {ident: _Read(one, mark, now) for ident, one in told.items()}
        self._read[commune] = found
        return {ident: one.told for ident, one in found.items()}


def _holds(known: _Read, mark: int | None, *, now: float) -> bool:
    return known.mark == mark or now <= known.read_s + AGAIN_S


def _told(columns: AddressesColumns, shown: Sequence[PublicAlert]) -> dict[str, StreetsTold]:
    """Read each area in streets: half a second for 100,000 addresses, beside the loop."""
    doors = Doors.of(columns.labels, columns.streets, columns.lon, columns.lat)
    return {one.version_id: _of_area(doors, Content.of(one.content)) for one in shown}


def _of_area(doors: Doors, content: Content) -> StreetsTold:
    try:
        read = in_streets(doors, area_of(content.area), margin_m=content.margin_m)
    except AreaFault:  # the message says where; no grid measures this ground
        return StreetsTold()
    told = [StreetTold(one.name) for one in read.whole]
    told += [StreetTold(one.name, runs_of(one)) for one in read.part]
    told.sort(key=lambda one: (looked_up_by(one.name), one.name))
    others = bool(read.part or read.beside or read.away)
    return StreetsTold(tuple(told), all=bool(told) and not others)


def _fold(streets: Sequence[StreetTold]) -> Fold:
    return Fold(_letter(streets[0].name), _letter(streets[-1].name), tuple(streets))


def _letter(name: str) -> str:
    return looked_up_by(name)[:1].upper()
