"""The town hall whose accesses are asked for, decided and taken up."""

import pytest

from dispatcher.alerts.office import Office
from dispatcher.store.ledger import Ledger
from tests.situations import load_example_plan, office
from tests.staffed_hall import ADMIN, enrol


@pytest.fixture
async def hall(ledger: Ledger) -> Office:
    """Open a town hall whose plan is in force and which has one administrator."""
    await load_example_plan(ledger)
    await enrol(ledger, ADMIN)
    return office(ledger)
