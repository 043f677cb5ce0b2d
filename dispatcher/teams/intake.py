"""Reports taken in together: while one transaction is written, those that come wait for the next.

Each is answered after the commit that holds it. Five hundred reports a second cost a few dozen
transactions, and a report that comes alone waits for nobody.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from dispatcher.store.field_intake import Incoming, take_in
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_messages import Answer

MOST = 256  # in one transaction
MOST_PARTS = 1000  # reports of them: a statement names each
_Waiting = tuple[Incoming, "asyncio.Future[Answer]"]


@dataclass
class Intake:
    """The door through which all that comes from the field enters the ledger."""

    ledger: Ledger
    key: bytes = field(repr=False)
    _waiting: list[_Waiting] = field(default_factory=list)
    _writer: "asyncio.Task[None] | None" = None

    async def take(self, incoming: Incoming) -> Answer:
        """Write it down with what else is waiting, and return its answer.

        Raises SQLAlchemyError where the ledger cannot be written: nothing of it was.
        """
        done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((incoming, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await done

    async def _write(self) -> None:
        while self._waiting:
            batch = self._next()
            try:
                await self._together(batch)
            except (IntegrityError, DataError):  # one is at fault: the others are not held by it
                for one in batch:
                    await self._alone(one)
            except SQLAlchemyError as error:
                _refuse(batch, error)
            finally:
                for _, done in batch:
                    done.cancel()  # what is answered already stays so

    def _next(self) -> list[_Waiting]:
        """Take what waits, up to so many messages and so many reports; one of them at least."""
        many = parts = 0
        for incoming, _ in self._waiting[:MOST]:
            parts += len(incoming.reports) + len(incoming.desk)
            if many and parts > MOST_PARTS:
                break
            many += 1
        batch, self._waiting = self._waiting[:many], self._waiting[many:]
        return batch

    async def _together(self, batch: Sequence[_Waiting]) -> None:
        came = [incoming for incoming, _ in batch]

        def act(connection: Connection) -> list[Answer]:
            return take_in(connection, came, key=self.key)

        answers = await self.ledger.write(act)
        for (_, done), answer in zip(batch, answers, strict=True):
            if not done.done():  # who asked may be gone
                done.set_result(answer)

    async def _alone(self, one: _Waiting) -> None:
        try:
            await self._together([one])
        except SQLAlchemyError as error:
            _refuse([one], error)


def _refuse(batch: Sequence[_Waiting], error: SQLAlchemyError) -> None:
    for _, done in batch:
        if not done.done():
            done.set_exception(error)
