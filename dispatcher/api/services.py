"""What the API and the hooks work with; the web process makes it once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request

from dispatcher.alerts.office import Office
from dispatcher.alerts.switchboard import Switchboard
from dispatcher.delivery.accounts import CallbackKeys, Granted
from dispatcher.delivery.bell import Bell
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.store.ledger import Ledger


@dataclass(frozen=True)
class Services:
    """The ledger and keys of this installation, the bell, what proves and answers callbacks."""

    ledger: Ledger
    public_url: str
    tokens: TokenKeys = field(repr=False)
    logbook_key: bytes = field(repr=False)
    callbacks: CallbackKeys = field(repr=False)
    granted: Mapping[str, Granted]
    bell: Bell
    switchboard: Switchboard = field(default_factory=Switchboard, repr=False)

    def office(self, commune: str) -> Office:
        """Return a commune at work."""
        return Office(
            self.ledger, commune, self.logbook_key, self.tokens, self.public_url, self.granted
        )


def services(request: Request) -> Services:
    """Return the services of this process (a FastAPI dependency)."""
    held: Services = request.app.state.services
    return held
