"""The rehearsal: stands for any medium, and nothing ever leaves the house."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar, Self

from channels.contract import (
    AccountSettings,
    Address,
    Attempt,
    AttemptToken,
    Message,
    Pace,
    Receipt,
    Status,
    Unit,
    Usability,
)

_UNITS = {"sms": Unit.SEGMENTS, "voice": Unit.CALLS}


@dataclass(frozen=True)
class Rehearsal:
    """Says of every message that it was delivered, at the rate of the account it stands for.

    Holds no socket and keeps nothing: values `medium` (sms, voice, email or webhook).
    """

    looks_up: ClassVar[bool] = True
    medium: str
    provider: str
    pace: Pace

    @classmethod
    @asynccontextmanager
    async def open(cls, account: AccountSettings, *, public_url: str) -> AsyncIterator[Self]:
        """Stand for the medium named in the account's values."""
        medium = account.values["medium"]
        unit = _UNITS.get(medium, Unit.MESSAGES)
        yield cls(medium, account.name, Pace(unit, account.rate_per_s))

    async def send(self, message: Message, to: Address, *, attempt: AttemptToken) -> Receipt:
        """Let the message go nowhere; the receipt is final, for no other will come."""
        del message, to  # a rehearsal keeps no words and no address
        return Receipt(f"rehearsal-{attempt.delivery}", Status.DELIVERED)

    async def find(self, attempt: Attempt) -> Receipt | None:
        """Find it: no answer of a rehearsal is ever lost."""
        return Receipt(f"rehearsal-{attempt.token.delivery}", Status.DELIVERED)

    async def ask(self, reference: str, *, to: Address, attempt: AttemptToken) -> Receipt | None:
        """Tell again what was told at once."""
        del to, attempt
        return Receipt(reference, Status.DELIVERED)

    async def check(self) -> Usability:
        """Be always usable."""
        return Usability(ok=True)
