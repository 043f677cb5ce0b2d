"""An e-mail as bytes: its MIME template is built once for all who get the same words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.quoprimime import body_encode
from email.utils import format_datetime, quote
from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template
from time import time
from typing import Final

from channels.bounces import ATTEMPT_HEADER
from channels.contract import AttemptToken, Message, Refused
from channels.verp import MOST_LOCAL, packed

PAGE: Final = Template(Path(__file__).with_name("email.html").read_text("utf-8"))
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "ur"})
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ADDRESS = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
# As long as tokens are, packed: commune, delivery, number, mark.
_LONGEST_TOKEN: Final = f"{'x' * 5}-{'0' * 30}-9-{'0' * 20}"
_SLOT: Final = "\ue000"  # stands in a template for the person's answering page; no text holds it
_PARTS: Final = ("tocsin-part-text", "tocsin-part-page")
_TOKEN: Final = "{token}"  # noqa: S105 - a blank, no secret
_LONGEST_PLAIN = 60  # signs of a heading left as it is: no line needs folding


@dataclass(frozen=True)
class Envelope:
    """Who writes: the account's own address, and where answers go."""

    sender: str
    reply_to: str | None = None
    bounces: str | None = None  # where bounces come; {token} in it is each attempt's own

    def sender_of(self, attempt: AttemptToken) -> str:
        """Return the address that a mail of this attempt comes back to."""
        whole = self.bounces or self.sender
        if _TOKEN not in whole:
            return whole
        whole = whole.replace(_TOKEN, packed(attempt.value))
        return whole if len(whole.rpartition("@")[0]) <= MOST_LOCAL else self.sender

    @property
    def domain(self) -> str:
        """Domain of the sender: the Message-ID ends with it."""
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True)
class Words:
    """What many people get in common: the key of a template. `_SLOT` stands for their own link."""

    envelope: Envelope
    language: str
    issuer: str
    subject: str
    text: str
    html: str


def mail_bytes(message: Message, to: str, *, attempt: AttemptToken, envelope: Envelope) -> bytes:
    """Return one complete message, CRLF, 7-bit. Raises Refused on words that break headers."""
    template = _template(_words(message, envelope))
    link = message.answer_url or ""
    slots = (_quoted(link), _quoted(escape(link)))
    head = (
        f"To: {to}\r\nMessage-ID: {message_id(attempt, envelope)}\r\nDate: {_date(int(time()))}\r\n"
        f"{ATTEMPT_HEADER}: {attempt.value}\r\n"  # comes back with the headers of a bounce
    )
    return head.encode("ascii") + b"".join(
        part if isinstance(part, bytes) else slots[part] for part in template
    )


@lru_cache(maxsize=1)
def _date(epoch_s: int) -> str:
    return format_datetime(datetime.fromtimestamp(epoch_s, UTC))


def message_id(attempt: AttemptToken, envelope: Envelope) -> str:
    """Return the Message-ID of a delivery: the same over all its attempts."""
    return f"<{attempt.delivery}@{envelope.domain}>"


def mail_address(value: str) -> str:
    """Return `value` as SMTP takes it (domain in ASCII). Raises Refused on anything else."""
    local, _, domain = value.rpartition("@")
    try:
        written = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise _bad_address() from error
    if len(local) > MOST_LOCAL or not _ADDRESS.fullmatch(written):
        raise _bad_address()
    return written


def bounce_address(template: str) -> str:
    """Return where bounces come to, {token} left in it. Raises Refused where it cannot be used."""
    mail_address(template.replace(_TOKEN, packed(_LONGEST_TOKEN)))
    return template


def _bad_address() -> Refused:
    return Refused("bad-address", "Cette adresse e-mail n'est pas valide.")


def _words(message: Message, envelope: Envelope) -> Words:
    first_line = message.text.strip().split("\n", 1)[0][:120]
    subject = message.subject or first_line or message.issuer
    for heading in (subject, message.issuer):
        if _CONTROLS.search(heading):
            raise Refused(
                "header-injection",
                "L'objet ou le nom de l'émetteur contient un saut de ligne ou un signe invisible.",
            )
    text = message.text.replace(_SLOT, "")
    page = (message.html or "").replace(_SLOT, "")
    if message.answer_url:
        page = page.replace(escape(message.answer_url), _SLOT).replace(message.answer_url, _SLOT)
        text = text.replace(message.answer_url, _SLOT)
    return Words(envelope, message.language, message.issuer, subject, text, page)


@lru_cache(maxsize=64)  # an alert has a template a language, and two or three versions
def _template(words: Words) -> Sequence[bytes | int]:
    """Return the message in pieces: bytes, or 0 and 1 for the link in the text and in the page."""
    head, body = _skeleton(words).as_bytes().split(b"\r\n\r\n", 1)
    before, rest = body.split(_PARTS[0].encode(), 1)  # a heading may hold any words
    between, after = rest.split(_PARTS[1].encode(), 1)
    page = words.html or _page(words)
    head = f"{_headings(words)}\r\n".encode("ascii") + head
    return (head + b"\r\n\r\n" + before, *_pieces(words.text, 0), between, *_pieces(page, 1), after)


def _skeleton(words: Words) -> EmailMessage:
    """Build headers and structure by the library that knows them; the parts are marks for now."""
    mail = EmailMessage(policy=SMTP)
    if words.envelope.reply_to:
        mail["Reply-To"] = words.envelope.reply_to
    # RFC 3834: no out-of-office answers to an alert. No Precedence: bulk mail is read last.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail["Importance"] = "high"
    mail.set_content(_PARTS[0], cte="quoted-printable", charset="utf-8")
    mail.add_alternative(_PARTS[1], subtype="html", cte="quoted-printable", charset="utf-8")
    mail["Content-Language"] = words.language  # last: making parts moves Content-… into the first
    return mail


def _headings(words: Words) -> str:
    """Write Subject and From: the newer way of the library folds names of many accents wrongly.

    Between two encoded words it loses spaces or adds some (CPython 3.11: « Châteaud'eau »), and a
    place name must arrive as it was written. The older one encodes the whole text, spaces too.
    """
    name = _encoded("From", words.issuer)
    if name == words.issuer:
        name = f'"{quote(name)}"'
    return (
        f"Subject: {_encoded('Subject', words.subject)}\r\n"
        f"From: {name}\r\n <{words.envelope.sender}>"
    )


def _encoded(name: str, text: str) -> str:
    short = len(text) <= _LONGEST_PLAIN and text.isascii() and "=?" not in text
    return text if short else Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


def _page(words: Words) -> str:
    """Return an accessible page of the text: a heading, a paragraph for each, the link to press."""
    paragraphs = "\n".join(
        f"<p>{_linked(escape(part)).replace(chr(10), '<br>')}</p>"
        for part in re.split(r"\n\s*\n", words.text.replace("\r\n", "\n").strip())
    )
    return PAGE.substitute(
        language=escape(words.language),
        direction="rtl" if words.language[:2] in _RIGHT_TO_LEFT else "ltr",
        subject=escape(words.subject),
        paragraphs=paragraphs,
        issuer=escape(words.issuer),
    )


def _linked(escaped: str) -> str:
    return escaped.replace(_SLOT, f'<a href="{_SLOT}">{_SLOT}</a>')


def _pieces(text: str, slot: int) -> Sequence[bytes | int]:
    pieces: list[bytes | int] = []
    for number, part in enumerate(text.split(_SLOT)):
        pieces += [*([slot] if number else []), _quoted(part)]
    return pieces


def _quoted(text: str) -> bytes:
    """Return `text` in quoted-printable, between soft breaks: pieces join without a seam."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    encoded = body_encode(lines.encode("utf-8", "replace").decode("latin-1"), eol="\r\n")
    return b"=\r\n" + encoded.encode("ascii") + b"=\r\n" if encoded else b""
