"""The office of the example commune, that lets partners in."""

import pytest

from dispatcher.alerts.office import Office
from dispatcher.store.ledger import Ledger
from tests.situations import office


@pytest.fixture
def mairie(town: Ledger) -> Office:
    """Open the town's office."""
    return office(town)
