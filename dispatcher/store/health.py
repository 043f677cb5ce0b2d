"""Is the ledger there, and ours? Asked by `/readyz`."""

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.store.edition import is_ours
from dispatcher.store.ledger import Ledger


async def fault(ledger: Ledger) -> str | None:
    """Say why nothing works with this ledger: it does not answer, or another edition has it."""

    def look(connection: Connection) -> bool:
        connection.execute(text("SELECT 1 FROM acts LIMIT 1"))
        return is_ours(connection)

    try:
        ours = await ledger.read(look)
    except (SQLAlchemyError, OSError):
        return "no answer"
    return None if ours else "of another edition, install the newer program here too"
