"""What mail servers send back: delivery status notifications (RFC 3464), read without trust.

Anyone may write to the address that bounces come to. Nothing here follows a message deeper than
its own parts, so that no nesting costs anything; what it finds are claims, to be checked by the
token that only our own mails carry.
"""

import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from itertools import islice, pairwise
from typing import Final

from channels.contract import Receipt, Status
from channels.verp import SHORTEST, unpacked

MOST_BYTES: Final = 512 * 1024  # what follows is the returned message, which we wrote
ATTEMPT_HEADER: Final = "X-Tocsin-Attempt"
_MOST_HEAD: Final = 64 * 1024
_MOST_VALUE: Final = 4_000
_MOST_PARTS: Final = 8
_MOST_GROUPS: Final = 20

# `delayed` moves nothing: the mail is still on its way. `relayed` and `expanded` left our sight.
_ACTIONS: Final[Mapping[str, Status]] = {
    "failed": Status.UNDELIVERED,
    "delayed": Status.SENDING,
    "delivered": Status.DELIVERED,
    "relayed": Status.SENT,
    "expanded": Status.SENT,
}
_REPORT = re.compile(r"multipart/report\b", re.I)
_OF_DELIVERY = re.compile(r"report-type\s*=\s*\"?delivery-status\b", re.I)
_BOUNDARY = re.compile(r"boundary\s*=\s*(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.I)
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_PACKED = re.compile(rf"[a-z2-7]{{{SHORTEST},64}}", re.I)
_MESSAGE_ID = re.compile(r"<([^<>\s@]{1,100}@[^<>\s@]{1,255})>")
_TO_US: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to")
_RETURNED: Final = (
    "text/rfc822-headers", "message/rfc822", "message/global-headers", "message/global",
)  # fmt: skip
_STATUS_PARTS: Final = ("message/delivery-status", "message/global-delivery-status")


class NoBounce(ValueError):
    """A message that tells of no delivery: `reason` is a word for the log."""

    def __init__(self, reason: str) -> None:
        """Keep why."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Bounce:
    """What a notification claims: of which attempt, by tokens to be checked, and what became of it.

    `message_id` is that of the returned message, without its brackets.
    """

    tokens: tuple[str, ...]
    message_id: str
    receipts: tuple[Receipt, ...]


def read_bounce(raw: bytes) -> Bounce:
    """Read a delivery status notification. Raises NoBounce on any other message."""
    head, body = _split(raw[:MOST_BYTES])
    kind = _value(head, "content-type")
    boundary = _BOUNDARY.search(kind)
    if not _REPORT.match(kind) or not _OF_DELIVERY.search(kind) or boundary is None:
        raise NoBounce("not-a-report")
    told: list[Message] = []
    returned = Message(compat32)
    for part_head, content in _parts(body, boundary[1] or boundary[2]):
        part_kind = _value(part_head, "content-type").partition(";")[0].strip().lower()
        if part_kind in _STATUS_PARTS and not told:
            told = list(_groups(_decoded(part_head, content)))
        elif part_kind in _RETURNED:
            returned, _ = _split(_decoded(part_head, content))
    if _REPORT.match(_value(returned, "content-type")):
        raise NoBounce("of-a-bounce")
    receipts = tuple(one for group in told if (one := _receipt(group)) is not None)
    if not receipts:
        raise NoBounce("no-status")
    found = _MESSAGE_ID.search(_value(returned, "message-id"))
    return Bounce(tuple(_tokens(head, told, returned)), found[1] if found else "", receipts)


def _split(raw: bytes) -> tuple[Message, bytes]:
    """Return a message's headers, and what follows them."""
    blank = _BLANK_LINE.search(raw, 0, _MOST_HEAD)
    head, rest = (raw[: blank.start()], raw[blank.end() :]) if blank else (raw[:_MOST_HEAD], b"")
    return _headers(head), rest


def _headers(raw: bytes) -> Message:
    return BytesHeaderParser(policy=compat32).parsebytes(raw)


def _value(head: Message, name: str) -> str:
    """Return a header on one line, cut where it is longer than any of use."""
    return " ".join(str(head.get(name, ""))[:_MOST_VALUE].split())


def _parts(body: bytes, boundary: str) -> Iterator[tuple[Message, bytes]]:
    mark = re.compile(
        rb"^--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(?:--)?\s*$", re.M
    )
    places = [(one.start(), one.end()) for one in islice(mark.finditer(body), _MOST_PARTS)]
    for (_, start), (end, _) in pairwise([*places, (len(body), 0)]):
        yield _split(body[start:end].lstrip(b"\r\n"))


def _decoded(head: Message, content: bytes) -> bytes:
    """Undo what a gateway may have done to a part that should be plain."""
    how = _value(head, "content-transfer-encoding").lower()
    try:
        if how == "base64":
            return binascii.a2b_base64(content)
        return quopri.decodestring(content) if how == "quoted-printable" else content
    except binascii.Error:
        return b""


def _groups(content: bytes) -> Iterator[Message]:
    """Give the fields of the message, then those of each recipient."""
    for group in _BLANK_LINE.split(content[:_MOST_HEAD].strip(), _MOST_GROUPS)[:_MOST_GROUPS]:
        yield _headers(group.lstrip(b"\r\n"))


def _receipt(group: Message) -> Receipt | None:
    status = _ACTIONS.get(_value(group, "action").partition(" ")[0].lower())
    if status is None:
        return None
    codes = _STATUS.findall(f"{_value(group, 'status')} {_value(group, 'diagnostic-code')}")
    exact = [code for code in codes if not code.endswith(".0.0")]
    return Receipt(None, status, next(iter(exact or codes), None))


def _tokens(head: Message, told: list[Message], returned: Message) -> Iterator[str]:
    for group in told:
        if envelope := _value(group, "original-envelope-id"):
            yield _XTEXT.sub(lambda sign: chr(int(sign[1], 16)), envelope)
    if attempt := _value(returned, ATTEMPT_HEADER):
        yield attempt
    for name in _TO_US:
        for address in head.get_all(name, [])[:_MOST_PARTS]:
            for word in _PACKED.findall(str(address)[:_MOST_VALUE]):
                if token := unpacked(word):
                    yield token
