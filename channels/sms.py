"""SMS by Twilio: one message posted, and looked up again when its answer was lost."""

import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar, Final, Self

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
from channels.segments import plain_signs
from channels.senders import number_fault, sender_fault
from channels.twilio_check import check_account
from channels.twilio_http import (
    Escaped,
    TwilioAccount,
    escaped,
    escaped_page,
    open_twilio,
    receipt_of,
)

LONGEST_VALIDITY_S: Final = 36_000  # Twilio's own limit, and its default
LONGEST_BODY: Final = 1_600
TRIAL_PREFIX: Final = "Sent from your Twilio trial account - "


@dataclass(frozen=True)
class TwilioSms:
    """One Twilio account that texts.

    Values and secrets of `open_twilio`, and `sender`: a name, a number, or a messaging service
    (MG…).
    """

    medium: ClassVar[str] = "sms"
    looks_up: ClassVar[bool] = True
    provider: str
    pace: Pace
    sender: str
    sandbox: bool
    callbacks: str
    twilio: TwilioAccount = field(repr=False)

    @classmethod
    @asynccontextmanager
    async def open(cls, account: AccountSettings, *, public_url: str) -> AsyncIterator[Self]:
        """Connect this account. Raises ValueError on settings that cannot be used."""
        sender = account.values.get("sender", "")
        if not sender:
            raise ValueError(f"{account.name}: no sender is configured.")
        async with open_twilio(account) as twilio:
            pace = Pace(Unit.SEGMENTS, account.rate_per_s)
            callbacks = f"{public_url.rstrip('/')}/hooks/twilio/sms"
            yield cls(account.name, pace, sender, account.sandbox, callbacks, twilio)

    async def send(self, message: Message, to: Address, *, attempt: AttemptToken) -> Receipt:
        """Post one message. Raises Refused, Unavailable or Unknown."""
        remaining_s = int((message.expires_at - datetime.now(UTC)).total_seconds())
        if remaining_s < 1:
            raise Refused("expired", "Le message a expiré avant son envoi.")
        if not message.text or len(message.text) > LONGEST_BODY:
            raise Refused("21617", f"Un SMS a de 1 à {LONGEST_BODY} caractères.")
        sender = message.sender or self.sender
        return await self.twilio.post(
            "Messages",
            {
                "To": to.value,
                "MessagingServiceSid" if sender.startswith("MG") else "From": sender,
                "Body": escaped_text(message),
                "StatusCallback": escaped_page(f"{self.callbacks}/{attempt.value}"),
                "ValidityPeriod": str(min(remaining_s, LONGEST_VALIDITY_S)),
            },
        )

    async def find(self, attempt: Attempt) -> Receipt | None:
        """Look among the newest messages to this number for the words of this attempt.

        By number alone: Twilio's date filter reads the date of sending, which a message still in
        its queue does not have. Raises NotAccepted when Twilio cannot be asked.
        """
        words = _letters(attempt.text)
        query = {"To": attempt.to.value}
        for row in await self.twilio.list("Messages", query, attempt=attempt):
            shown = _letters(str(row.get("body")).removeprefix(TRIAL_PREFIX))
            outgoing = str(row.get("direction")).startswith("outbound")
            if outgoing and shown == words:
                return receipt_of(row)
        return None

    async def ask(self, reference: str, *, to: Address, attempt: AttemptToken) -> Receipt | None:
        """Read the message. Raises NotAccepted when Twilio cannot be asked."""
        del to, attempt
        row = await self.twilio.one("Messages", reference)
        return None if row is None else receipt_of(row)

    async def check(self) -> Usability:
        """Ask whether the account is active and in credit, and its sender one that passes."""
        try:
            found = await check_account(self.twilio)
        except NotAccepted as refusal:
            return Usability(ok=False, problem=str(refusal), remedy="TOCSIN_TWILIO_…")
        fault = None if self.sandbox else self._sender_fault()
        if found.ok and fault:
            return Usability(
                ok=False,
                problem=fault,
                remedy="Changez TOCSIN_TWILIO_SENDER ou l'émetteur du plan.",
            )
        return found

    def _sender_fault(self) -> str | None:
        if self.sender.startswith("MG"):
            return None
        judge = number_fault if self.sender.startswith("+") else sender_fault
        return judge(self.sender)


def escaped_text(message: Message) -> Escaped:
    """Escape a text whose words are the same for all, but for the page where each one answers."""
    page = message.answer_url
    if not page:
        return escaped(message.text)
    shared = message.text.split(page)
    return Escaped(escaped_page(page).join(map(escaped, shared)))


def _letters(text: str) -> str:
    """Return what smart encoding leaves as it is: no signs, no spaces, no accents.

    A text of signs only (an emoji) is compared as it stands.
    """
    plain = unicodedata.normalize("NFKD", plain_signs(text))
    kept = (c for c in plain if c.isalnum() and unicodedata.category(c) != "Lm")
    return "".join(kept) or text.strip()
