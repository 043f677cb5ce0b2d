"""SMS by any provider that takes an HTTP request, as its description says (`http_sms_words`)."""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar, Final, Self
from urllib.parse import quote, urlencode, urlsplit

import orjson

from channels.answers import from_status, sentence, unreadable
from channels.contract import (
    NOBODYS,
    AccountSettings,
    Address,
    Attempt,
    AttemptToken,
    Message,
    NotAccepted,
    Pace,
    Receipt,
    Refused,
    Status,
    Unavailable,
    Unit,
    Usability,
)
from channels.http_blanks import at, filled, text_at
from channels.http_line import Answer, Line
from channels.http_sms_words import Words, described
from channels.senders import number_fault, sender_fault

LONGEST_VALIDITY_S: Final = 36_000
LONGEST_BODY: Final = 1_600


@dataclass(frozen=True)
class HttpSms:
    """One account that texts by HTTP. Secret `key` signs in; values as `http_sms_words` reads."""

    medium: ClassVar[str] = "sms"
    provider: str
    pace: Pace
    sandbox: bool
    callbacks: str
    words: Words
    signed: "_SignedLine"

    @property
    def looks_up(self) -> bool:
        """Whether the description says how to look a message up."""
        return bool(self.words.find.url)

    @classmethod
    @asynccontextmanager
    async def open(cls, account: AccountSettings, *, public_url: str) -> AsyncIterator[Self]:
        """Connect this account. Raises ValueError on a description that cannot be used."""
        words = described(account)
        pace = Pace(Unit.SEGMENTS, account.rate_per_s)
        callbacks = f"{public_url.rstrip('/')}/hooks/sms/{account.name}"
        header = _sign_in(words, account.secrets["key"].get_secret_value())
        async with Line.open(words.url) as line:
            signed = _SignedLine(line, header)
            yield cls(account.name, pace, account.sandbox, callbacks, words, signed)

    async def send(self, message: Message, to: Address, *, attempt: AttemptToken) -> Receipt:
        """Hand one message over. Raises Refused, Unavailable or Unknown."""
        remaining_s = int((message.expires_at - datetime.now(UTC)).total_seconds())
        if remaining_s < 1:
            raise Refused("expired", "Le message a expiré avant son envoi.")
        if not message.text or len(message.text) > LONGEST_BODY:
            raise Refused("too-long", f"Un SMS a de 1 à {LONGEST_BODY} caractères.")
        blanks = {
            "to": to.value,
            "text": message.text,
            "sender": message.sender or self.words.sender,
            "reference": attempt.value,
            "delivery": attempt.delivery,
            "callback": f"{self.callbacks}/{attempt.value}",
            "validity_s": str(min(remaining_s, LONGEST_VALIDITY_S)),
        }
        kind, body = _body(self.words, blanks)
        answer = await self.signed.ask(self.words.method, self.words.url, kind=kind, body=body)
        return self._accepted(answer)

    async def find(self, attempt: Attempt) -> Receipt | None:
        """Ask for the messages of this delivery. Raises NotAccepted when that cannot be done."""
        rows = await self._rows(_blanks(attempt.to, attempt.token))
        return next(iter(rows), None)

    async def ask(self, reference: str, *, to: Address, attempt: AttemptToken) -> Receipt | None:
        """Ask for one message as described. Raises NotAccepted when that cannot be done."""
        words = self.words.ask
        blanks = _blanks(to, attempt)
        if words.url:
            found = await self._told(words.url, {**blanks, "id": quote(reference, safe="")})
            said = text_at(found, words.status)
            return self._receipt(reference, said, text_at(found, words.detail)) if said else None
        rows = await self._rows(blanks) if self.words.find.url else []
        return next((one for one in rows if one.reference == reference), None)

    async def _rows(self, blanks: Mapping[str, str]) -> list[Receipt]:
        words = self.words.find
        found = await self._told(words.url, blanks)
        rows = at(found, words.list) if words.list and found is not None else [found]
        if not isinstance(rows, list):
            raise unreadable()
        return [
            self._receipt(reference, text_at(row, words.status), text_at(row, words.detail))
            for row in rows
            if (reference := text_at(row, words.reference))
        ]

    async def _told(self, url: str, blanks: Mapping[str, str]) -> object:
        """Read what is at a described address; None where nothing is."""
        answer = await self.signed.ask("GET", str(filled(url, blanks)))
        return None if answer.status == 404 else _read(answer)

    def _receipt(self, reference: str, status: str, detail: str) -> Receipt:
        words = self.words.receipt
        known = words.statuses.get(status, Status.ACCEPTED)
        return Receipt(reference, known, words.detail_of(status, detail))

    async def check(self) -> Usability:
        """Ask for the account, or at least for an answer of its provider; sends nothing."""
        words = self.words.check
        try:
            found = await self._asked(words.url or f"{_origin(self.words.url)}/")
        except NotAccepted as refusal:
            return Usability(ok=False, problem=str(refusal), remedy="TOCSIN_ACCOUNTS_FILE")
        credit = text_at(found, words.credit) or at(found, words.credit) if words.credit else None
        if words.credit and _amount(credit) < words.least:
            return Usability(
                ok=False,
                problem=f"Il reste {credit} de crédit chez ce fournisseur.",
                remedy="Rechargez le compte.",
                credit=_amount(credit),
            )
        judge = number_fault if self.words.sender.startswith("+") else sender_fault
        fault = None if self.sandbox else judge(self.words.sender)
        if fault:
            return Usability(ok=False, problem=fault, remedy="Changez « sender » de ce compte.")
        return Usability(ok=True, credit=_amount(credit) if words.credit else None)

    async def _asked(self, url: str) -> object:
        answer = await self.signed.ask("GET", url)
        if self.words.check.url:
            return _read(answer)
        if answer.status >= 500:
            raise from_status(answer.status, answer.headers)
        return None

    def _accepted(self, answer: Answer) -> Receipt:
        """Read the answer to a message. What its tables do not name is no verdict on a person."""
        found = _json(answer.body)
        words = self.words.answer
        code = text_at(found, words.code)
        named = code if code in words.codes else str(answer.status)
        verdict = words.codes.get(named)
        if answer.status < 500 and verdict is not None:
            mark = NOBODYS if named in words.gone else ""
            raise _told(verdict, f"{mark}{code or f'http-{answer.status}'}", answer)
        if not 200 <= answer.status < 300:
            plain = from_status(answer.status, answer.headers)
            if isinstance(plain, Refused):
                raise Unavailable(code or plain.code, sentence("account-refused"))
            raise plain
        reference = text_at(found, words.reference)
        if not reference:
            raise unreadable()
        return Receipt(reference)


@dataclass(frozen=True)
class _SignedLine:
    """The line to the provider, and the header that signs in."""

    line: Line = field(repr=False)
    sign_in: str = field(repr=False)

    async def ask(self, method: str, url: str, *, kind: str = "", body: bytes = b"") -> Answer:
        """Send a request; the address is at the line's own host. Raises Unavailable or Unknown."""
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self.line.host_header}\r\n{self.sign_in}"
            f"Accept: application/json\r\n"
        )
        if kind:
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        return await self.line.ask(f"{head}\r\n".encode("ascii") + body)


def _blanks(to: Address, attempt: AttemptToken) -> dict[str, str]:
    """Return what fills the addresses of questions."""
    named = {"delivery": attempt.delivery, "reference": attempt.value, "to": to.value}
    return {name: quote(value, safe="") for name, value in named.items()}


def _told(verdict: str, code: str, answer: Answer) -> NotAccepted:
    if verdict == "refused":
        return Refused(code, sentence("not-accepted"))
    plain = from_status(429, answer.headers)
    return Unavailable(
        code, sentence("too-fast"), retry_after_s=getattr(plain, "retry_after_s", None)
    )


def _sign_in(words: Words, key: str) -> str:
    if not key.isascii() or not key.isprintable():
        raise ValueError("secrets.key: holds a sign that no header can carry.")
    if words.auth == "basic":
        return f"Authorization: Basic {b64encode(f'{words.user}:{key}'.encode()).decode()}\r\n"
    if words.auth == "header":
        return f"{words.header}: {key}\r\n"
    return f"Authorization: Bearer {key}\r\n"


def _body(words: Words, blanks: Mapping[str, str]) -> tuple[str, bytes]:
    whole = filled(words.fields, blanks)
    if words.body == "form" and isinstance(whole, dict):
        return "application/x-www-form-urlencoded", urlencode(whole, doseq=True).encode()
    return "application/json", orjson.dumps(whole)


def _read(answer: Answer) -> object:
    if not 200 <= answer.status < 300:
        raise from_status(answer.status, answer.headers)
    found = _json(answer.body)
    if found is None:
        raise unreadable()
    return found


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _amount(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0.0
