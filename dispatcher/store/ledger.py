"""The ledger's doors: one to read, one to write, on SQLite or PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from dispatcher.ciphers import Ring
from dispatcher.store.broken_disk import stop_when_unsure
from dispatcher.store.crash_points import Passing, pass_by
from dispatcher.store.high_water import HighWater
from dispatcher.store.together import Together

BUSY_S = 35  # longer than the 30 s lock that the ledger must outlive (fault F11)
CACHE_KB = 32_000  # of SQLite's pages: the indexes of a million deliveries are read at random
SMALL_CACHE_KB = 4_000  # of connections that only now and then read a row or two
WAL_PAGES = 8_000  # 32 MB: a page written by many windows is copied back once
Result = TypeVar("Result")


@dataclass(frozen=True)
class Timing:
    """How long a holding lasts and a lost answer waits, in seconds (DELIVERY §2 and §4).

    The same for every worker of a ledger. `send_needs_s` is what one send may take (connect 3 s,
    10 s in all) and a margin: no byte leaves with less of its lease left.
    """

    claim_lease_s: float = 5.0
    renew_every_s: float = 2.0
    send_lease_s: float = 15.0
    send_needs_s: float = 10.5
    first_look_s: float = 15.0
    second_look_s: float = 30.0  # after the first: 15 s and 45 s after the send
    unreadable_s: float = 60.0  # records that nobody could read for so long count as none
    # Without a receipt, asked for this long after it was accepted (DELIVERY §3, CP7).
    first_ask_s: float = 60.0
    second_ask_s: float = 300.0
    third_ask_s: float = 900.0


class WithoutKeys(Exception):
    """This ledger was opened without the keys of the residents' register, and they are needed.

    A fault of the program that opened it: whoever works with residents opens it with their ring.
    """


class Ledger:
    """An open database; closing it is the opener's duty (`opened`)."""

    def __init__(
        self,
        engine: AsyncEngine,
        timing: Timing,
        *,
        passing: Passing = pass_by,
        ring: Ring | None = None,
    ) -> None:
        """Wrap an engine made by `opened`; `passing` is told of each crash point."""
        self._engine = engine
        self._ring = ring
        self.timing = timing
        self.passing = passing
        self.high_water: HighWater | None = None  # kept by those that send (`remembering`)
        # SQLite has one writer: queueing here costs less than its busy timer's sleeps.
        self._writer: asyncio.Lock | None = None
        self._hands: tuple[_Hand, _Hand, _Hand] | None = None
        if engine.dialect.name == "sqlite":
            self._writer = asyncio.Lock()
            names = ("writer", "reader", "student")
            writer, reader, student = (_Hand.over(engine, named=name) for name in names)
            self._hands = writer, reader, student
        self._together = Together(self._write_all)

    @property
    def dialect(self) -> str:
        """Return `sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @property
    def ring(self) -> Ring:
        """Return the keys of the residents' register; raises WithoutKeys."""
        if self._ring is None:
            raise WithoutKeys
        return self._ring

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection that sees one state of the database and writes nothing."""
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Give a transaction: committed when the block ends, undone when it raises."""
        if self._writer is None:
            async with self._engine.begin() as connection:
                yield connection
            return
        async with self._writer, self._engine.connect() as connection:
            await connection.execution_options(tocsin_writes=True)
            async with connection.begin():
                yield connection

    async def write(self, act: Callable[[Connection], Result]) -> Result:
        """Run one short transaction; on SQLite in one hop to a thread, however many statements.

        For what runs once a window of sends: elsewhere `writing` reads better and costs the same.
        """
        if self._writer is None or self._hands is None:
            async with self._engine.begin() as connection:
                return await connection.run_sync(act)
        async with self._writer:
            return await self._hands[0].do(act, writes=True)

    async def write_together(self, act: Callable[[Connection], Result]) -> Result:
        """Run one short transaction of many that come at once; on SQLite they share one.

        What an act does must hold whichever others stand before it in the transaction.
        """
        if self._writer is None:
            return await self.write(act)
        done: Result = await self._together.do(act)
        return done

    async def _write_all(self, acts: Sequence[Callable[[Connection], Any]]) -> list[Any]:
        return await self.write(lambda connection: [act(connection) for act in acts])

    async def read(self, act: Callable[[Connection], Result]) -> Result:
        """Run one short look at one state of the database; in one hop, as `write`."""
        if self._hands is None:
            async with self._engine.connect() as connection:
                return await connection.run_sync(act)
        return await self._hands[1].do(act, writes=False)

    async def at_once(self, act: Callable[[Connection], Result]) -> Result:
        """Run a look of several statements, which all see one state of the database; as `read`."""
        if self._hands is not None:
            return await self.read(act)
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            return await connection.run_sync(act)

    async def study(self, act: Callable[[Connection], Result]) -> Result:
        """Run a look that takes long, beside the short ones: as `read`, by a hand of its own.

        On SQLite no live screen waits for a list of two hundred thousand people.
        """
        if self._hands is None:
            return await self.read(act)
        return await self._hands[2].do(act, writes=False)

    async def close(self) -> None:
        """Give all connections back."""
        for hand in self._hands or ():
            await asyncio.to_thread(hand.close)
        await self._engine.dispose()


@dataclass(frozen=True)
class _Hand:
    """SQLite without a hop for each statement: one thread, and one connection that it keeps.

    Two hands that shared their connections would find each one's pages out of date at every turn,
    and read them anew.
    """

    engine: Engine
    thread: ThreadPoolExecutor

    @classmethod
    def over(cls, engine: AsyncEngine, *, named: str) -> "_Hand":
        url = engine.url.set(drivername="sqlite+pysqlite")
        own = create_engine(url, pool_size=1, max_overflow=0, **_COMMON)
        return cls(_sqlite(own, CACHE_KB), ThreadPoolExecutor(1, f"ledger-{named}"))

    async def do(self, act: Callable[[Connection], Result], *, writes: bool) -> Result:
        step = self._write if writes else self._read
        return await asyncio.get_running_loop().run_in_executor(self.thread, step, act)

    def _write(self, act: Callable[[Connection], Result]) -> Result:
        with self.engine.connect() as connection:
            connection.execution_options(tocsin_writes=True)
            with connection.begin():
                return act(connection)

    def _read(self, act: Callable[[Connection], Result]) -> Result:
        with self.engine.connect() as connection:
            return act(connection)

    def close(self) -> None:
        self.thread.shutdown()
        self.engine.dispose()


def _prepare_sqlite(
    connection: DBAPIConnection, _record: ConnectionPoolEntry, *, cache_kb: int
) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size={-cache_kb}",
        f"wal_autocheckpoint={WAL_PAGES}",
        f"busy_timeout={BUSY_S * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event hands any
    writes = connection.get_execution_options().get("tocsin_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


# hide_parameters: an error of the database never carries a phone number into a log.
_COMMON: dict[str, Any] = {
    "hide_parameters": True,
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}


def _sqlite(engine: Engine, cache_kb: int) -> Engine:
    event.listen(engine, "connect", partial(_prepare_sqlite, cache_kb=cache_kb))
    event.listen(engine, "begin", _begin_sqlite)
    stop_when_unsure(engine)
    return engine


def _engine(url: str) -> AsyncEngine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_async_engine(url, **_COMMON)
        _sqlite(engine.sync_engine, SMALL_CACHE_KB)
        return engine
    return create_async_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, **_COMMON)


@asynccontextmanager
async def opened(
    url: str,
    *,
    ring: Ring | None = None,
    timing: Timing | None = None,
    passing: Passing = pass_by,
) -> AsyncIterator[Ledger]:
    """Open the ledger at an address of `settings.ledger_url`, and close it on the way out.

    `ring` are the keys of the residents' register: without them nobody's name, contacts and street
    are read or written, and all else is.
    """
    ledger = Ledger(_engine(url), timing or Timing(), passing=passing, ring=ring)
    try:
        yield ledger
    finally:
        await ledger.close()
