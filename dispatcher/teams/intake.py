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

        Raises SQLAlchemyError where the ledger cannot be written, and whatever else an answer
        failed with: nothing of it was written. Who waits is told in any case.
        """
        done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((incoming, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await done

    async def _write(self) -> None:
        try:
            while self._waiting:
                await self._judge(self._next())
        finally:  # the process ends: nobody is left waiting for it
            for _, done in self._waiting:
                done.cancel()

    async def _judge(self, batch: Sequence[_Waiting]) -> None:
        try:
            # Given back, whatever it is: one that is at fault ends neither the others nor the loop.
            (error,) = await asyncio.gather(self._together(batch), return_exceptions=True)
            if _is_of_all(error):
                _refuse(batch, error)
            elif error is not None:
                for one in batch:
                    (own,) = await asyncio.gather(self._together([one]), return_exceptions=True)
                    _refuse([one], own)
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


def _is_of_all(error: BaseException | None) -> bool:
    """Tell whether the ledger itself failed: what one message says is tried again by itself."""
    return isinstance(error, SQLAlchemyError) and not isinstance(error, IntegrityError | DataError)


def _refuse(batch: Sequence[_Waiting], error: BaseException | None) -> None:
    for _, done in batch:
        if isinstance(error, Exception) and not done.done():
            done.set_exception(error)
