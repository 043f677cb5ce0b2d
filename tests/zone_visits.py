"""Visits to the zone's page of an alert: a town with its addresses, the RAC who writes there."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from dispatcher.store.ledger import Ledger
from tests.addressed_town import begun, put_addresses
from tests.consoles import form_token, served
from tests.zone_forms import Zone


@pytest.fixture
async def addressed(town: Ledger) -> Ledger:
    """Give the town its addresses."""
    await put_addresses(town)
    return town


@pytest.fixture
async def served_zone(tmp_path: Path, addressed: Ledger) -> AsyncIterator[str]:
    """Serve the town's console, with its addresses."""
    async with served(tmp_path) as address:
        yield address


@pytest.fixture
async def alert_id(addressed: Ledger) -> str:
    """Begin an alert without a zone."""
    return await begun(addressed)


@pytest.fixture
async def zone(operator: httpx.AsyncClient, alert_id: str) -> Zone:
    """Open its zone's page as the RAC."""
    return Zone(operator, alert_id, await form_token(operator))
