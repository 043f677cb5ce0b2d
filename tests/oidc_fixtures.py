"""Providers to sign in by, as fixtures: one that can be made to lie, and a real one."""

from collections.abc import AsyncIterator

import pytest

from tests.oidc_pretender import Pretender, pretending


@pytest.fixture
async def pretender() -> AsyncIterator[Pretender]:
    """Be a provider that can be made to lie."""
    async with pretending() as one:
        yield one
