"""The ledger's doors: one to read, one to write, on SQLite or PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_S = 35  # longer than the 30 s lock that the ledger must outlive (fault F11)


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


class Ledger:
    """An open database; closing it is the opener's duty (`opened`)."""

    def __init__(self, engine: AsyncEngine, timing: Timing) -> None:
        """Wrap an engine made by `opened`."""
        self._engine = engine
        self.timing = timing
        self._sqlite = engine.dialect.name == "sqlite"
        # SQLite has one writer: queueing here costs less than its busy timer's sleeps.
        self._writer = asyncio.Lock() if self._sqlite else None

    @property
    def dialect(self) -> str:
        """Return `sqlite` or `postgresql`."""
        return self._engine.dialect.name

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

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_S * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event hands any
    writes = connection.get_execution_options().get("tocsin_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


# hide_parameters: an error of the database never carries a phone number into a log.
def _engine(url: str) -> AsyncEngine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_async_engine(url, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    return create_async_engine(
        url, pool_size=8, max_overflow=8, pool_pre_ping=True, hide_parameters=True
    )


@asynccontextmanager
async def opened(url: str, *, timing: Timing | None = None) -> AsyncIterator[Ledger]:
    """Open the ledger at an address of `settings.ledger_url`, and close it on the way out."""
    ledger = Ledger(_engine(url), timing or Timing())
    try:
        yield ledger
    finally:
        await ledger.close()
