"""Is the ledger there? Asked by `/readyz`."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.store.ledger import Ledger


async def answers(ledger: Ledger) -> bool:
    """Return whether the ledger answers and its schema is in place."""
    try:
        async with ledger.reading() as connection:
            await connection.execute(text("SELECT 1 FROM acts LIMIT 1"))
    except (SQLAlchemyError, OSError):
        return False
    return True
