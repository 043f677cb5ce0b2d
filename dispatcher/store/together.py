"""Short writes that come at once share a transaction: while one is written, the next ones wait.

SQLite has one writer and syncs its disk at each commit: two hundred answers a second cost a few
dozen transactions, and one that comes alone waits for nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

MOST = 64  # in one transaction: a worker's window waits no longer for it than for another's
Result = TypeVar("Result")
Act = Callable[[Connection], Any]
_Waiting = tuple[Act, "asyncio.Future[Any]"]


@dataclass
class Together:
    """Writes of one process; `write` runs one transaction."""

    write: Callable[[Act], Awaitable[Any]]
    _waiting: list[_Waiting] = field(default_factory=list)
    _writer: "asyncio.Task[None] | None" = None

    async def do(self, act: Callable[[Connection], Result]) -> Result:
        """Run an act with what else is waiting; its result is given after their commit.

        Raises what the act raises: nothing of it is written then, and all of the others.
        """
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((act, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._judge(batch)
        finally:  # the process ends: nobody is left waiting for it
            for _, done in self._waiting:
                done.cancel()

    async def _judge(self, batch: Sequence[_Waiting]) -> None:
        try:
            # Given back, whatever it is: one that is at fault ends neither the others nor the loop.
            (error,) = await asyncio.gather(self._all(batch), return_exceptions=True)
            if len(batch) == 1 or _is_of_all(error):
                _refuse(batch, error)
            elif error is not None:
                for one in batch:
                    (own,) = await asyncio.gather(self._all([one]), return_exceptions=True)
                    _refuse([one], own)
        finally:
            for _, done in batch:
                done.cancel()  # what is answered already stays so

    async def _all(self, batch: Sequence[_Waiting]) -> None:
        results = await self.write(lambda connection: [act(connection) for act, _ in batch])
        for (_, done), result in zip(batch, results, strict=True):
            if not done.done():  # who asked may be gone
                done.set_result(result)


def _is_of_all(error: BaseException | None) -> bool:
    """Tell whether the ledger itself failed: what one act says is tried again by itself."""
    return isinstance(error, SQLAlchemyError) and not isinstance(error, IntegrityError | DataError)


def _refuse(batch: Sequence[_Waiting], error: BaseException | None) -> None:
    for _, done in batch:
        if isinstance(error, Exception) and not done.done():
            done.set_exception(error)
