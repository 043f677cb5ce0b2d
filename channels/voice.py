"""Calls by Twilio: each one made with its instructions, and looked up when its answer was lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar, Final, Self

from channels.call_twiml import Spoken, call_twiml
from channels.contract import (
    AccountSettings,
    Address,
    Attempt,
    AttemptToken,
    Message,
    NotAccepted,
    Pace,
    Receipt,
    Refused,
    Unit,
    Usability,
)
from channels.senders import number_fault
from channels.twilio_check import check_account
from channels.twilio_http import TwilioAccount, call_receipt, open_twilio

LONGEST_TWIML: Final = 4_000  # Twilio's limit for inline instructions
LONGEST_TOKEN: Final = 64  # of an attempt (contract)
RING_S: Final = 30
EVENTS: Final = ("initiated", "ringing", "answered", "completed")


@dataclass(frozen=True)
class TwilioVoice:
    """One Twilio account that calls.

    Values and secrets of `open_twilio`, and `caller` (the number shown), `in_progress` (calls at
    once, optional), `ring_s` (optional).
    """

    medium: ClassVar[str] = "voice"
    looks_up: ClassVar[bool] = True
    provider: str
    pace: Pace
    caller: str
    sandbox: bool
    ring_s: int
    hooks: str
    twilio: TwilioAccount = field(repr=False)

    @classmethod
    @asynccontextmanager
    async def open(cls, account: AccountSettings, *, public_url: str) -> AsyncIterator[Self]:
        """Connect this account. Raises ValueError on settings that cannot be used."""
        caller = account.values.get("caller", "")
        if not caller:
            raise ValueError(f"{account.name}: no number to call from is configured.")
        in_progress = account.values.get("in_progress")
        pace = Pace(Unit.CALLS, account.rate_per_s, int(in_progress) if in_progress else None)
        ring_s = int(account.values.get("ring_s", RING_S))
        hooks = f"{public_url.rstrip('/')}/hooks/twilio"
        async with open_twilio(account) as twilio:
            yield cls(account.name, pace, caller, account.sandbox, ring_s, hooks, twilio)

    async def send(self, message: Message, to: Address, *, attempt: AttemptToken) -> Receipt:
        """Make one call. Raises Refused, Unavailable or Unknown."""
        if message.expires_at <= datetime.now(UTC):
            raise Refused("expired", "Le message a expiré avant l'appel.")
        action = f"{self.hooks}/keypad/{attempt.value}"
        said = Spoken(
            message.text,
            message.language,
            message.issuer,
            offers_help=message.offers_help,
            summons=message.summons,
            asks=message.asks,
        )
        twiml = call_twiml(said, action_url=action)
        if len(twiml) > LONGEST_TWIML:
            raise Refused(
                "twiml-too-long",
                f"Le texte parlé est trop long de {len(twiml) - LONGEST_TWIML} caractères.",
            )
        return await self.twilio.post(
            "Calls",
            {
                "To": to.value,
                "From": self.caller,
                "Twiml": twiml,
                "Timeout": str(self.ring_s),
                "StatusCallback": f"{self.hooks}/voice/{attempt.value}",
                "StatusCallbackEvent": list(EVENTS),
                "StatusCallbackMethod": "POST",
            },
        )

    async def find(self, attempt: Attempt) -> Receipt | None:
        """Look for a call to this number made when the attempt was.

        A listed call shows neither its words nor its callback: number and time are all there is.
        Raises NotAccepted when Twilio cannot be asked.
        """
        query = {"To": attempt.to.value, "From": self.caller}
        for row in await self.twilio.list("Calls", query, attempt=attempt):
            if row.get("direction") == "outbound-api":
                return call_receipt(row)
        return None

    async def ask(self, reference: str, *, to: Address, attempt: AttemptToken) -> Receipt | None:
        """Read the call. Raises NotAccepted when Twilio cannot be asked."""
        del to, attempt
        row = await self.twilio.one("Calls", reference)
        return None if row is None else call_receipt(row)

    async def check(self) -> Usability:
        """Ask whether the account is active and in credit, and its number one that may call."""
        try:
            found = await check_account(self.twilio)
        except NotAccepted as refusal:
            return Usability(ok=False, problem=str(refusal), remedy="TOCSIN_TWILIO_…")
        fault = None if self.sandbox else number_fault(self.caller)
        if found.ok and fault:
            return Usability(ok=False, problem=fault, remedy="Changez TOCSIN_TWILIO_NUMBER.")
        return found


def fits_a_call(text: str, *, language: str, issuer: str, public_url: str) -> bool:
    """Tell, before anything leaves, whether these words can be spoken in one call."""
    action = f"{public_url}/hooks/twilio/keypad/{'x' * LONGEST_TOKEN}"
    twiml = call_twiml(Spoken(text, language, issuer), action_url=action)
    return len(twiml) <= LONGEST_TWIML
