"""Short writes that come at once share a transaction: while one is written, the next ones wait.

SQLite has one writer and syncs its disk at each commit: two hundred answers a second cost a few
dozen transactions, and one that comes alone waits for nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

MOST = 64  # in one transaction: a worker's window waits no longer for it than for another's
Item = TypeVar("Item")


def at_most_64(waiting: Sequence[object]) -> int:
    """Let MOST go together."""
    return min(len(waiting), MOST)


@dataclass
class Together(Generic[Item]):
    """Writes of one process; `write` runs one transaction for some items, an answer for each.

    `many` says how many of those that wait go together, the first of them at least.
    """

    write: Callable[[Sequence[Item]], Awaitable[Sequence[Any]]]
    many: Callable[[Sequence[Item]], int] = at_most_64
    _waiting: "list[tuple[Item, asyncio.Future[Any]]]" = field(default_factory=list)
    _writer: "asyncio.Task[None] | None" = None

    async def do(self, item: Item) -> Any:  # noqa: ANN401 - what `write` answers
        """Write an item with what else is waiting; its answer is given after their commit.

        Raises what it failed with: nothing of it is written then, and all of the others.
        """
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        try:
            while self._waiting:
                many = self.many([item for item, _ in self._waiting])
                batch, self._waiting = self._waiting[:many], self._waiting[many:]
                await self._judge(batch)
        finally:  # the process ends: nobody is left waiting for it
            for _, done in self._waiting:
                done.cancel()

    async def _judge(self, batch: "Sequence[tuple[Item, asyncio.Future[Any]]]") -> None:
        try:
            # Given back, whatever it is: one that is at fault ends neither the others nor the loop.
            (error,) = await asyncio.gather(self._all(batch), return_exceptions=True)
            if _is_of_all(error):
                _refuse(batch, error)
            elif error is not None:
                for one in batch:
                    (own,) = await asyncio.gather(self._all([one]), return_exceptions=True)
                    _refuse([one], own)
        finally:
            for _, done in batch:
                done.cancel()  # what is answered already stays so

    async def _all(self, batch: "Sequence[tuple[Item, asyncio.Future[Any]]]") -> None:
        answers = await self.write([item for item, _ in batch])
        for (_, done), answer in zip(batch, answers, strict=True):
            if not done.done():  # who asked may be gone
                done.set_result(answer)


def _is_of_all(error: BaseException | None) -> bool:
    """Tell whether the ledger itself failed: what one item says is tried again by itself."""
    return isinstance(error, SQLAlchemyError) and not isinstance(error, IntegrityError | DataError)


def _refuse(batch: Sequence[tuple[Any, asyncio.Future[Any]]], error: BaseException | None) -> None:
    for _, done in batch:
        if isinstance(error, Exception) and not done.done():
            done.set_exception(error)
