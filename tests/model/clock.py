"""Time that passes at will: what the ledger holds happened so much earlier, and clocks jump on.

Leases, waits and expiries are judged by the database's own clock, which no test can set. So the
instants that are written move back instead: to every statement that is the same as waiting.
"""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, Double, Table, update

from dispatcher.store.accounts import accounts
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import (
    answers,
    attempts,
    blocks,
    deliveries,
    receipts,
    versions,
)
from dispatcher.store.pursuit_tables import pursuit_blocks, pursuits

_TABLES = (
    versions, blocks, deliveries, attempts, receipts, answers, pursuit_blocks, pursuits, accounts,
)  # fmt: skip


@dataclass
class Clock:
    """The clocks of a machine: the monotonic one, the wall's, and how far both have jumped."""

    jumped_s: float = 0.0

    def __call__(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic() + self.jumped_s

    @property
    def now(self) -> float:
        """Return the instant, in epoch seconds of the story that is told."""
        return time.time() + self.jumped_s

    def told(self, written: float) -> float:
        """Return when an instant of the ledger was, in the story."""
        return written + self.jumped_s


def _instants(table: Table) -> list[str]:
    ends = ("_at", "_until")
    return [one.name for one in table.c if isinstance(one.type, Double) and one.name.endswith(ends)]


_INSTANTS = [(table, _instants(table)) for table in _TABLES]


async def let_pass(ledger: Ledger, clock: Clock, wait_s: float) -> None:
    """Let so much time pass for everybody."""

    def act(connection: Connection) -> None:
        for table, names in _INSTANTS:
            earlier = {name: table.c[name] - wait_s for name in names}
            connection.execute(update(table).values(earlier))

    await ledger.write(act)
    clock.jumped_s += wait_s
