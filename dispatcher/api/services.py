"""What the API and the hooks work with; the web process makes it once."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial

from fastapi import Request

from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.switchboard import Switchboard
from dispatcher.delivery.accounts import CallbackKeys, Granted
from dispatcher.delivery.bell import Bell
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.partners.ring import KeyRing
from dispatcher.store.code_limits import OF_A_COMMUNE
from dispatcher.store.ledger import Ledger
from dispatcher.store.sessions import Session
from dispatcher.teams.intake import Intake
from dispatcher.teams.members import Members
from dispatcher.teams.nearest import SPEED_KMH
from dispatcher.teams.roster import Rosters


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
    live: bool = True  # whether any medium reaches people, rather than the sandbox
    switchboard: Switchboard = field(default_factory=Switchboard, repr=False)
    clock: Callable[[], datetime] = utc_now
    speed_kmh: float = SPEED_KMH  # of a team, straight to a place
    signups_daily: int = OF_A_COMMUNE  # codes that leave a commune for who enrols by herself
    # What partners' secrets are made from; one that is made up lets nobody in.
    partner_key: bytes = field(default_factory=partial(secrets.token_bytes, 32), repr=False)

    @cached_property
    def partners(self) -> KeyRing:
        """The keys of the partners' systems."""
        return KeyRing(self.ledger, self.partner_key)

    @cached_property
    def intake(self) -> Intake:
        """The door through which all that comes from the field enters the ledger."""
        return Intake(self.ledger, self.logbook_key)

    @cached_property
    def rosters(self) -> Rosters:
        """The teams by every name they go by."""
        return Rosters()

    @cached_property
    def members(self) -> Members:
        """Who of the teams is behind a number."""
        return Members()

    def lacks_factor(self, session: Session) -> bool:
        """Tell whether a session's holder must add a second factor before anything else.

        Waived is for demonstrations: as soon as a medium is real, it counts for nothing. A session
        that never showed the factor that its account keeps counts for no more than its password.
        """
        if session.factor == "kept":
            return session.confirmed_at is None
        return session.factor == "none" or self.live

    def office(self, commune: str) -> Office:
        """Return a commune at work."""
        return Office(
            self.ledger,
            commune,
            self.logbook_key,
            self.tokens,
            self.public_url,
            self.granted,
            clock=self.clock,
        )


async def services(request: Request) -> Services:
    """Return the services of this process (a FastAPI dependency)."""
    held: Services = request.app.state.services
    return held
