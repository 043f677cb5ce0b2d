"""The commune's address file, put into the ledger whole."""

from collections.abc import Iterator
from math import isnan
from pathlib import Path

from dispatcher.residents.place_key import place_key
from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.ledger import Ledger
from zones.addresses import Addresses, read_addresses


async def load_addresses(ledger: Ledger, commune: str, path: Path) -> Addresses:
    """Replace the commune's addresses by those of a file; raises AreaRefused, keeps them then."""
    read = read_addresses(path)
    await replace_addresses(ledger, commune, _rows(read))
    return read


def _rows(read: Addresses) -> Iterator[Address]:
    for ident, label, street, lon, lat in zip(
        read.ids, read.label, read.street, read.lon.tolist(), read.lat.tolist(), strict=True
    ):
        yield Address(
            ident,
            label,
            street,
            place_key(label),
            None if isnan(lon) else lon,
            None if isnan(lat) else lat,
        )
