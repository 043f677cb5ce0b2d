"""Visits to the console in this process: strangers, a signed-in RAC, the ledger they look at."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from dispatcher.store.ledger import Ledger
from dispatcher.store.migrate import migrate
from tests.consoles import console, sign_in
from tests.keyring import opened
from tests.situations import add_user, load_example_plan


@pytest.fixture(scope="session")
def town_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make once a ledger that holds the example plan and the RAC, to be copied."""
    path = tmp_path_factory.mktemp("town") / "ledger.sqlite"
    asyncio.run(_settle(f"sqlite+aiosqlite:///{path}"))
    return path


async def _settle(url: str) -> None:
    await migrate(url)
    async with opened(url) as ledger:
        await load_example_plan(ledger)
        await add_user(ledger)


@pytest.fixture
async def town(tmp_path: Path, town_template: Path) -> AsyncIterator[Ledger]:
    """Open a commune's own ledger, in the folder that its console opens."""
    shutil.copy(town_template, tmp_path / "ledger.sqlite")
    async with opened(f"sqlite+aiosqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        yield ledger


@pytest.fixture
async def visitor(tmp_path: Path, town: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    """Be somebody who is not signed in."""
    async with console(tmp_path) as client:
        yield client


@pytest.fixture
async def operator(visitor: httpx.AsyncClient) -> httpx.AsyncClient:
    """Be the RAC, signed in."""
    assert (await sign_in(visitor)).status_code == 303
    return visitor
