"""The homes of a commune, kept in memory: read whole once, and followed as people move.

Its addresses, kept likewise while they are the same: what a panel counts again at each corner of
an area.
"""

import asyncio
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.alerts.homes import Homes
from dispatcher.alerts.kept_columns import KeptColumns
from dispatcher.alerts.streets import Addresses
from dispatcher.store.addresses import addresses_columns
from dispatcher.store.ledger import Ledger
from dispatcher.store.places import addresses_mark, hold_homes, home_places_in, moves_in


@dataclass(frozen=True, eq=False)
class _Loaded:
    """The addresses of a commune, and the mark that they were read under."""

    addresses: Addresses
    mark: int

    def __len__(self) -> int:
        return len(self.addresses)


class Residences:
    """The homes and the addresses of the last communes asked for."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._homes = KeptColumns[Homes]()
        self._addresses = KeptColumns[_Loaded]()
        self.readings = 0  # of all homes of a commune, since the start

    async def homes(self, ledger: Ledger, commune: str) -> Homes:
        """Return the homes as the ledger holds them now."""
        kept = self._homes.get(commune)
        now = await ledger.at_once(lambda one: self._now(one, commune, kept))
        if now.read is not (kept and kept.read):
            await asyncio.to_thread(now.ready)
        self._homes.put(commune, now)
        return now

    async def held(self, connection: AsyncConnection, commune: str, known: Homes) -> Homes:
        """Return the homes as they stand until the caller's transaction ends: `known` if they do.

        Nobody changes one meanwhile. What changed since `known` costs what changed; a file that is
        imported meanwhile, or another set of addresses, may cost a reading of them all.
        """
        await hold_homes(connection, commune)
        return await connection.run_sync(lambda one: self._now(one, commune, known))

    def _now(self, connection: Connection, commune: str, kept: Homes | None) -> Homes:
        if kept is not None and kept.as_of is not None:
            moves = moves_in(connection, commune, kept.as_of)
            if moves is not None:
                return kept.following(moves) if moves.people else kept
        as_of, places = home_places_in(connection, commune)
        self.readings += 1
        return Homes.of(places.person_ids, places.lon, places.lat, as_of=as_of)

    async def addresses(self, ledger: Ledger, commune: str) -> Addresses:
        """Return the addresses as the ledger holds them now."""
        mark = await addresses_mark(ledger, commune)  # before: newer ones are read again next time
        kept = self._addresses.get(commune)
        if kept is not None and kept.mark == mark:
            return kept.addresses
        read = await addresses_columns(ledger, commune)
        addresses = Addresses.of(read.place_marks, read.streets, lon=read.lon, lat=read.lat)
        if mark is not None:
            self._addresses.put(commune, _Loaded(addresses, mark))
        return addresses
