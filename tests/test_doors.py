"""A home without coordinates stands at its door in the commune's addresses, when that is one."""

import numpy as np
import pytest

from dispatcher.residents.importing import Source
from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.alert_lines import unlocated
from dispatcher.store.ledger import Ledger
from dispatcher.store.places import home_places, homes_mark
from tests.residents_files import COMMUNE, imported, source

__all__ = ["source"]  # a fixture

HEADERS = "id,nom,numero,voie,lon,lat,tel_mobile"
LINES = (
    "P1,DURAND,1,rue Haute,,,0639980101",
    "P2,NOIR,3,r. Basse,4.59,45.52,0639980102",
    "P3,HENRY,,rue Haute,,,0639980103",
)


def door(ident: str, place_key: str, lon: float | None, lat: float | None = 45.5) -> Address:
    return Address(ident, place_key, "rue", place_key, lon, lat)


async def longitudes(ledger: Ledger) -> list[float]:
    return sorted((await home_places(ledger, COMMUNE)).lon.tolist(), key=str)


@pytest.mark.parametrize(
    ("addresses", "found", "nowhere"),
    [
        ([door("a", "1 rue haute", 4.6)], [4.59, 4.6], 1),
        ([door("a", "1 rue haute", 4.6), door("b", "1 rue haute", 4.6002)], [4.59, 4.6001], 1),
        ([door("a", "1 rue haute", 4.6), door("b", "1 rue haute", 4.7)], [4.59], 2),
        ([door("a", "1 rue haute", None)], [4.59], 2),
        ([door("a", "3 rue basse", 4.7)], [4.59], 2),  # what the line says stands
    ],
)
async def test_a_home_is_found_by_its_street_and_number_or_listed(
    ledger: Ledger, source: Source, addresses: list[Address], found: list[float], nowhere: int
) -> None:
    await imported(ledger, source, HEADERS, *LINES)
    assert await unlocated(ledger, COMMUNE) == 2
    before = await homes_mark(ledger, COMMUNE)
    await replace_addresses(ledger, COMMUNE, addresses)  # loaded after the people
    assert await homes_mark(ledger, COMMUNE) != before  # what was kept of them is read anew
    placed = [lon for lon in await longitudes(ledger) if not np.isnan(lon)]
    assert placed == pytest.approx(found)
    assert await unlocated(ledger, COMMUNE) == nowhere
