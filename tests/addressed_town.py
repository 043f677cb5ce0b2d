"""The example commune with its addresses, and an alert that is being written there."""

from collections.abc import Mapping

from dispatcher.alerts import sketching
from dispatcher.alerts.office import Actor
from dispatcher.alerts.sketch import Chosen
from dispatcher.residents.place_key import place_key
from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.ledger import Ledger
from tests.example_commune import address_rows
from tests.situations import COMMUNE, office

AUTHOR = Actor("rac", "rac")


async def put_addresses(ledger: Ledger, *more: Address) -> int:
    """Give the commune its invented addresses, and these; return how many they are."""
    rows = [
        Address(row["cle_interop"], label, row["voie_nom"], place_key(label),
                float(row["long"]), float(row["lat"]))
        for row in address_rows()
        for label in (f"{row['numero']} {row['voie_nom']}",)
    ]  # fmt: skip
    return await replace_addresses(ledger, COMMUNE, [*rows, *more])


async def begun(ledger: Ledger, *, mode: str = "real", **chosen: object) -> str:
    """Begin an alert; return its id."""
    values: Mapping[str, object] = chosen
    start = sketching.Start(mode, chosen=Chosen.of(values))
    return await sketching.begin(office(ledger), start, actor=AUTHOR)
