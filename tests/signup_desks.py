"""A desk where people enrol by themselves, in the example commune."""

import pytest

from dispatcher.signup.asking import Desk
from dispatcher.store.ledger import Ledger
from tests.situations import load_example_plan, office


@pytest.fixture
async def desk(ledger: Ledger) -> Desk:
    """Open the desk of the example commune."""
    await load_example_plan(ledger)
    return Desk(office(ledger))
