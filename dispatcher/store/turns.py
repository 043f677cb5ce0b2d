"""Writers of one thing of one commune take turns; SQLite has one writer anyway."""

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

_QUEUE_UP = text("SELECT pg_advisory_xact_lock(hashtext(:what), hashtext(:commune))")


async def take_turns(connection: AsyncConnection, what: str, *, commune: str) -> None:
    """Wait until nobody else writes this thing of this commune; hold it to the transaction's end.

    What is read afterwards is what the former writer committed. Take turns in one order: plan,
    people or addresses first, the logbook last.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(_QUEUE_UP, {"what": f"tocsin.{what}", "commune": commune})


def take_turns_in(connection: Connection, what: str, *, commune: str) -> None:
    """Do the same where a whole transaction runs in one hop."""
    if connection.dialect.name == "postgresql":
        connection.execute(_QUEUE_UP, {"what": f"tocsin.{what}", "commune": commune})
