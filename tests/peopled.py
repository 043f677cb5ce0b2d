"""Residents of the example commune, straight into its ledger: so many at one place of a sector."""

from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import homes
from tests.keyring import home_row
from tests.outgoing import Inhabitant, settle_in
from tests.situations import COMMUNE

BAS_BOURG = (5.0135, 47.7795)


async def people_in(ledger: Ledger, size: int, *, first: int = 0) -> None:
    """Settle people in the Bas-Bourg, each with a mobile; `first` numbers them on."""
    people = [
        Inhabitant(f"r{number:05d}", (Contact("mobile", f"+3363998{number + 100:04d}"),))
        for number in range(first, first + size)
    ]
    await settle_in(ledger, people, commune=COMMUNE)
    lon, lat = BAS_BOURG
    home = Home("Rue du Pont", "rue du pont", lon, lat)
    async with ledger.writing() as connection:
        lived = [home_row(COMMUNE, one.id, home) for one in people]
        await insert_rows(connection, homes, lived)
