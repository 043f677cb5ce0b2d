"""Reports taken in together: while one transaction is written, those that come wait for the next.

Each is answered after the commit that holds it. Five hundred reports a second cost a few dozen
transactions, and a report that comes alone waits for nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from dispatcher.store.field_intake import Incoming, take_in
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_messages import Answer
from dispatcher.store.together import Together

MOST = 256  # in one transaction
MOST_PARTS = 1000  # reports of them: a statement names each


@dataclass
class Intake:
    """The door through which all that comes from the field enters the ledger."""

    ledger: Ledger
    key: bytes = field(repr=False)
    _together: Together[Incoming] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Begin with nothing that waits."""
        self._together = Together(self._write, many_together)

    async def take(self, incoming: Incoming) -> Answer:
        """Write it down with what else is waiting, and return its answer.

        Raises SQLAlchemyError where the ledger cannot be written, and whatever else an answer
        failed with: nothing of it was written. Who waits is told in any case.
        """
        answer: Answer = await self._together.do(incoming)
        return answer

    async def _write(self, came: Sequence[Incoming]) -> list[Answer]:
        def act(connection: Connection) -> list[Answer]:
            return take_in(connection, came, key=self.key, ring=self.ledger.ring)

        return await self.ledger.write(act)


def many_together(waiting: Sequence[Incoming]) -> int:
    """Let so many messages and so many reports go together; one of them at least."""
    many = parts = 0
    for incoming in waiting[:MOST]:
        parts += len(incoming.reports) + len(incoming.desk)
        if many and parts > MOST_PARTS:
            break
        many += 1
    return many
