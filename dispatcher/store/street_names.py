"""The names of a commune's streets, as its address base writes them."""

from sqlalchemy import select

from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import addresses


async def street_names(ledger: Ledger, commune: str) -> tuple[str, ...]:
    """Return each name once, in order."""
    street = addresses.c.street
    wanted = select(street).where(addresses.c.commune == commune).distinct().order_by(street)
    async with ledger.reading() as connection:
        return tuple((await connection.execute(wanted)).scalars())
