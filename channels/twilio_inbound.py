"""What people send to a Twilio number: an SMS, a call, a key pressed in it; read once verified."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from channels.twilio_codes import CALL_FIELDS, MESSAGE_FIELDS

_MEDIA: Final = frozenset(f"Media{part}{n}" for part in ("Url", "ContentType") for n in range(10))
# What Twilio posts about an SMS that came in, and about a call that came in.
INBOUND_MESSAGE_FIELDS: Final = (
    MESSAGE_FIELDS
    | _MEDIA
    | {
        *("Body", "OptOutType", "ReferralNumMedia", "AddOns", "ForwardedFrom", "ProfileName"),
        *("MessageType", "ChannelMetadata", "OriginalRepliedMessageSid"),
    }
)
INBOUND_CALL_FIELDS: Final = CALL_FIELDS | {
    *("AddOns", "StirPassportToken", "CalledVia", "CallerIdName", "ForwardedVia", "SipDomain"),
}
# What stands in the place of a hidden number is either no number or one of these keypad words.
_HIDDEN: Final = frozenset(
    ("+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253")
)  # ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE
_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}")


class Unreadable(ValueError):
    """A genuine request that says nothing we can take."""


@dataclass(frozen=True)
class Texted:
    """An SMS that came in; `sender` is a number, or empty where it is none that can be answered."""

    sid: str
    sender: str = field(repr=False)
    to: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Rung:
    """A call that came in; `caller` is empty where the number is hidden, `digit` before a key."""

    sid: str
    caller: str = field(repr=False)
    to: str
    digit: str = ""


def read_text(form: Mapping[str, str]) -> Texted:
    """Read an incoming SMS. Raises Unreadable."""
    sid = form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid") or ""
    return Texted(_sid(sid), number_of(form.get("From", "")), form.get("To", ""), _body(form))


def read_ring(form: Mapping[str, str]) -> Rung:
    """Read an incoming call, or a key pressed in it. Raises Unreadable."""
    caller = number_of(form.get("From", "") or form.get("Caller", ""))
    return Rung(_sid(form.get("CallSid", "")), caller, form.get("To", ""), form.get("Digits", ""))


def number_of(sender: str) -> str:
    """Return the E.164 number somebody calls or texts from; empty where it is hidden or a name."""
    number = sender.strip()
    return number if _NUMBER.fullmatch(number) and number not in _HIDDEN else ""


def _body(form: Mapping[str, str]) -> str:
    """Return the words; PostgreSQL keeps no zero byte, and a picture alone is told as such."""
    words = form.get("Body", "").replace("\x00", "").strip()
    pictures = form.get("NumMedia", "0")
    return words or (f"[{pictures}]" if pictures not in ("", "0") else "")


def _sid(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}[0-9A-Za-z]{1,62}", value):
        raise Unreadable("Twilio's request holds no identifier.")
    return value
