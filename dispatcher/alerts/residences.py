"""The homes of a commune, kept in memory while nobody moves: a launch reads a million of them once.

Its addresses, kept likewise: what a panel counts again at each corner of an area.
"""

from dispatcher.alerts.audience import Homes
from dispatcher.alerts.kept_columns import KeptColumns
from dispatcher.alerts.streets import Addresses
from dispatcher.store.addresses import addresses_columns
from dispatcher.store.ledger import Ledger
from dispatcher.store.places import home_places


class Residences:
    """The homes and the addresses of the last communes asked for."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._homes = KeptColumns(_homes)
        self._addresses = KeptColumns(_addresses)

    async def homes(self, ledger: Ledger, commune: str) -> Homes:
        """Return the homes as the ledger holds them now."""
        return await self._homes.of(ledger, commune)

    async def addresses(self, ledger: Ledger, commune: str) -> Addresses:
        """Return the addresses as the ledger holds them now."""
        return await self._addresses.of(ledger, commune)


async def _homes(ledger: Ledger, commune: str) -> Homes:
    places = await home_places(ledger, commune)
    return Homes(places.person_ids, places.lon, places.lat)


async def _addresses(ledger: Ledger, commune: str) -> Addresses:
    read = await addresses_columns(ledger, commune)
    return Addresses.of(read.place_marks, read.streets, lon=read.lon, lat=read.lat)
