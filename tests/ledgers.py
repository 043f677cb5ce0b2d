"""Real ledgers for tests: migrated, empty, one per test, on SQLite and on PostgreSQL."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from dispatcher.store.ledger import Ledger
from dispatcher.store.migrate import migrate
from tests.keyring import keep_ring, opened

DATABASES = ("sqlite", "postgresql")


def shown(url: URL) -> str:
    """Return the whole address, password included."""
    return url.render_as_string(hide_password=False)


async def _administer(server: URL, statement: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


def _server(postgres_url: str) -> URL:
    return make_url(postgres_url).set(drivername="postgresql+psycopg")


@asynccontextmanager
async def fresh_database(postgres_url: str, template: str = "template0") -> AsyncIterator[str]:
    """Give the address of a new database on a PostgreSQL server, dropped on the way out."""
    server, name = _server(postgres_url), f"tocsin_{secrets.token_hex(6)}"
    await _administer(server, f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
    try:
        yield shown(server.set(database=name))
    finally:
        await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def fresh_ledger(url: str) -> AsyncIterator[Ledger]:
    """Open a migrated ledger at an empty address of ours."""
    await migrate(url)
    async with opened(url) as ledger:
        yield ledger


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """Name a migrated, empty database to copy: faster than all migrations for each test."""
    with _run_database(postgres_url, "template0") as url:
        asyncio.run(migrate(url))
        yield str(make_url(url).database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "ledger.sqlite"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@contextmanager
def _run_database(postgres_url: str, template: str) -> Iterator[str]:
    """`fresh_database` for fixtures that are not coroutines."""
    with asyncio.Runner() as runner:
        making = fresh_database(postgres_url, template)
        url = runner.run(making.__aenter__())
        try:
            yield url
        finally:
            runner.run(making.__aexit__(None, None, None))


@pytest.fixture(params=DATABASES)
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a migrated, empty ledger: the test runs once on each database."""
    keep_ring(tmp_path)
    if request.param == "sqlite":
        path = tmp_path / "ledger.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    template = request.getfixturevalue("postgres_template")
    with _run_database(request.getfixturevalue("postgres_url"), template) as url:
        yield url


@pytest.fixture
async def ledger(ledger_url: str) -> AsyncIterator[Ledger]:
    """Open an empty ledger: the test runs once on each database."""
    async with opened(ledger_url) as one:
        yield one
