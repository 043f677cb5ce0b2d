"""The ledger as somebody reads it who stole it."""

from sqlalchemy import select

from dispatcher.store.ledger import Ledger
from dispatcher.store.schema import metadata


async def everything(ledger: Ledger) -> str:
    """Return every value of every table, as somebody who stole it would print it."""
    async with ledger.reading() as connection:
        rows = [
            str(row)
            for table in metadata.sorted_tables
            for row in await connection.execute(select(table))
        ]
    return "\n".join(rows).casefold()
