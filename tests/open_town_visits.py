"""Visits to a town where everything that a page can show is there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dispatcher.store.ledger import Ledger
from tests.consoles import served
from tests.open_town import Town, furnished
from tests.registers import with_a_register


@pytest.fixture
async def furnished_hall(tmp_path: Path, town: Ledger) -> AsyncIterator[Town]:
    """Serve it."""
    also = await furnished(town)
    await with_a_register(town, tmp_path)
    async with served(tmp_path) as address:
        yield Town(address, also)
