"""The channel contract: what a provider account is given, and the four ways it may answer.

NotAccepted
 ├── Refused       never: this address or message will not pass here
 ├── Unavailable   not sent, later: nothing left, the same attempt may be made again
 └── Unknown       maybe sent: look it up before any second copy
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, Self

from pydantic import SecretStr


class Unit(StrEnum):
    """What a provider counts when it grants a rate."""

    MESSAGES = "messages"
    SEGMENTS = "segments"
    CALLS = "calls"


@dataclass(frozen=True)
class Pace:
    """What a provider account grants: `per_second` of `unit`, and calls in progress at once."""

    unit: Unit
    per_second: float
    in_progress: int | None = None


@dataclass(frozen=True)
class AccountSettings:
    """One provider account as configured; `values` and `secrets` are documented by its channel.

    `name` is the key in the ledger and in the pace; `kind` the key in the registry.
    `sandbox` is true when nothing sent through this account can reach a real person.
    """

    name: str
    kind: str
    rate_per_s: float
    weight: int = 100
    sandbox: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, SecretStr] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """What one person is to receive, already worded for one medium and one language.

    `text` is the SMS body, the spoken words, the plain part of the e-mail or the webhook's title.
    `data` is the body of a webhook: JSON-able values. `issuer` names who speaks (the town hall).
    `sender` is the name or number an SMS comes from, where the commune has its own on the account.
    `answer_url` is the page where this person answers, when the text holds one; `offers_help` says
    whether a call takes the key that asks for help; `summons` that it asks whether she comes, and
    `asks` for what else: approval, approval_by_phone.
    """

    alert: str
    text: str
    issuer: str
    expires_at: datetime
    language: str = "fr"
    subject: str | None = None
    html: str | None = None
    sender: str | None = None
    answer_url: str | None = None
    offers_help: bool = True
    summons: bool = False
    asks: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Address:
    """Where one medium reaches one contact: an E.164 number, a mail address or an https URL."""

    medium: str
    value: str


@dataclass(frozen=True)
class AttemptToken:
    """Names one attempt at one delivery, to the provider and in its callbacks.

    `value` is opaque, URL-safe, unguessable, at most 64 characters, and new for each attempt.
    `delivery` is the same over all attempts (the webhook-id, the Message-ID).
    """

    value: str
    delivery: str


@dataclass(frozen=True)
class Attempt:
    """An attempt whose answer was lost, with what is needed to look it up.

    `until` ends the time in which it may have been made, where that is long (a restored ledger
    does not know); without it, the attempt was made soon after `started_at`. `known` are references
    of other messages to this address: what has one of them is not this attempt.
    """

    token: AttemptToken
    to: Address
    text: str
    started_at: datetime
    until: datetime | None = None
    known: frozenset[str] = frozenset()


class Status(StrEnum):
    """How far a message came, as its provider tells it; the order is the rank (DELIVERY §2)."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"

    @property
    def rank(self) -> int:
        """0 for accepted to 4 for the three ends; a lower rank never overwrites a higher."""
        return _RANKS[self]

    @property
    def final(self) -> bool:
        """No later word of the provider changes this one."""
        return self.rank == _RANKS[Status.DELIVERED]


_RANKS: Final = {status: min(at, 4) for at, status in enumerate(Status)}


@dataclass(frozen=True)
class Receipt:
    """A provider's word on one attempt: `reference` is its own id, `detail` its own code."""

    reference: str | None
    status: Status = Status.ACCEPTED
    detail: str | None = None


# Before the code of a refusal or of a receipt: the account's description says « nobody's ».
NOBODYS: Final = "gone:"


class NotAccepted(Exception):
    """A message was not accepted, or not surely: `code` for the ledger, the text for people."""

    def __init__(self, code: str, sentence: str) -> None:
        """Keep the provider's `code` beside the sentence."""
        super().__init__(sentence)
        self.code = code


class Refused(NotAccepted):
    """Never: the provider will not take this message for this address."""


class Unavailable(NotAccepted):
    """Not sent, later: `retry_after_s` where the provider said when."""

    def __init__(self, code: str, sentence: str, *, retry_after_s: float | None = None) -> None:
        """Keep what the provider said of the wait."""
        super().__init__(code, sentence)
        self.retry_after_s = retry_after_s


class Unknown(NotAccepted):
    """Maybe sent: the answer was lost after the message may have left."""


@dataclass(frozen=True)
class Usability:
    """Whether an account can be used: `problem` and `remedy` are sentences, empty when it can.

    `credit` is what is left on it, in the account's currency, where its provider tells.
    """

    ok: bool
    problem: str = ""
    remedy: str = ""
    credit: float | None = None


class Channel(Protocol):
    """One provider account of one medium."""

    @property
    def medium(self) -> str:
        """Key in plans, lanes and queue names: sms, voice, email or webhook."""

    @property
    def provider(self) -> str:
        """This account: key in the ledger and in the pace (two accounts, two values)."""

    @property
    def looks_up(self) -> bool:
        """Whether `find` can tell: this account's provider keeps records that can be asked."""

    @property
    def pace(self) -> Pace:
        """What the provider grants, and in which unit."""

    @classmethod
    def open(
        cls, account: AccountSettings, *, public_url: str
    ) -> AbstractAsyncContextManager[Self]:
        """Connect this account, and close on the way out; callbacks come to `public_url`."""

    async def send(self, message: Message, to: Address, *, attempt: AttemptToken) -> Receipt:
        """Hand the message over, or raise Refused, Unavailable or Unknown."""

    async def find(self, attempt: Attempt) -> Receipt | None:
        """Look the attempt up at the provider, for those that can; None where it is not there."""

    async def ask(self, reference: str, *, to: Address, attempt: AttemptToken) -> Receipt | None:
        """Ask what became of an accepted message, by the provider's own `reference`.

        None where the provider keeps no such message, or tells of none. Raises NotAccepted when it
        cannot be asked now.
        """

    async def check(self) -> Usability:
        """Is the account usable: credentials, sender, credit. Sends nothing."""
