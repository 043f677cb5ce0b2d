"""What every verb on alerts needs: the ledger, the commune, its plan in force, its keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from dispatcher.delivery.accounts import Granted
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.versions import Chained


def utc_now() -> datetime:
    """Return the present instant; the one clock of the verbs."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Actor:
    """Who acts: a user of the commune and the function she holds."""

    login: str
    function: str
    contact_id: str | None = None  # who she is in the plan's directory


@dataclass(frozen=True)
class Office:
    """The commune at work: opened once by a process, handed to every verb."""

    ledger: Ledger
    commune: str
    logbook_key: bytes
    tokens: TokenKeys
    public_url: str
    granted: Mapping[str, Granted]
    clock: Callable[[], datetime] = utc_now  # by which an alert is written, and the night is told

    @property
    def cap_sender(self) -> str:
        """The name on the internet that signs its alerts towards machines (CAP 1.2, sender)."""
        return urlsplit(self.public_url).hostname or self.commune

    def of(self, commune: str) -> "Office":
        """Return the office of another commune of this installation."""
        return replace(self, commune=commune)

    def line(self, author: str, kind: str, text: str, **data: object) -> Chained:
        """Return a logbook line of an act, ready for the act's own transaction."""
        return Chained(Entry(author, kind, text, data), self.logbook_key)
