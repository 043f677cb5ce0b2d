"""An installation with three users, for their passkeys, on both databases."""

import pytest

from dispatcher.access.relying_party import RelyingParty
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.users import Credentials, put_user
from tests.key_holders import DEPUTY, ELSEWHERE, KEY, MAYOR, ORIGIN, RP


@pytest.fixture
async def party(ledger: Ledger) -> RelyingParty:
    """Be an installation with three users, two of them in one commune."""
    for user in (MAYOR, DEPUTY, ELSEWHERE):
        entry = logbook.Entry("test", "access.user", "Accès donné")
        await put_user(ledger, Credentials(user, "-"), line=(entry, KEY))
    return RelyingParty(ledger, RP, ORIGIN, "", b"c" * 32, KEY)
