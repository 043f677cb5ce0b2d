"""The lines of a voice account: how many of its calls are in progress, counted from the ledger.

Exact over all processes and machines: a window's intent takes its lines in its own transaction.
"""

from sqlalchemy import Connection, bindparam, func, select, text

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import ON_LINE, deliveries

CALL_MOST_S = 600.0  # a call whose end nobody told is over by then
AGAIN_S = 0.5  # until a call without a line is tried again

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('tocsin.lines'), hashtext(:by))")
_BUSY = (
    select(func.count())
    .select_from(deliveries)
    .where(
        deliveries.c.provider == bindparam("by"),
        deliveries.c.began_at > db_now() - CALL_MOST_S,
        text(ON_LINE),  # as the partial index says it
    )
)


async def free(ledger: Ledger, *, provider: str, in_progress: int) -> int:
    """Return how many more calls the account may have in progress now; nothing is reserved."""
    busy = await ledger.read(lambda one: one.execute(_BUSY, {"by": provider}).scalar_one())
    return max(0, in_progress - int(busy))


def free_in(connection: Connection, *, provider: str, in_progress: int) -> int:
    """Return the same inside a transaction that writes; nobody else takes a line until its end."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_AT_A_TIME, {"by": provider})
    busy = connection.execute(_BUSY, {"by": provider}).scalar_one()
    return max(0, in_progress - int(busy))
