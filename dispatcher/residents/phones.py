"""Telephone numbers as people write them, to E.164, by the region of the commune."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

# Départements and collectivities with a numbering of their own: first three digits of the INSEE
# code → region of libphonenumber.
_OVERSEAS = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT",
    "977": "BL", "978": "MF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
# Regions that share the ten-digit national plan: 0692… dialled in Paris rings in La Réunion.
_ONE_PLAN = ("FR", "RE", "GP", "MQ", "GF", "YT")
_FICTION_MOBILE = re.compile(r"\+3363998\d{4}")  # kept free by Arcep: possible, never valid
_DIALLED = re.compile(r"[+\d\s().,/-]+")
_MARKS = re.compile(r"[\s.-]")
# What the library says of most French numbers, thirty times faster; a law in the tests keeps both
# the same. Overseas and rarer blocks are left to the library.
_USUAL = re.compile(r"(?:\+33|0033|0)(63[0-8]\d{6}|(?:6[0-24-8]|[13]\d|4[1-9])\d{7})")
_SHORT = 6  # digits: 3639, 15, 112, 3-digit and 4-digit services
_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.VOIP: "fixed",  # 09: the telephone of an Internet box
}


@dataclass(frozen=True)
class Phone:
    """A number that can be rung: E.164, and `mobile` or `fixed`."""

    e164: str
    kind: str


class PhoneRefused(ValueError):
    """Not a number of a person; `reason` is a key of `sentences.py`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@cache
def region_of(commune: str) -> str:
    """Return the numbering region of an INSEE code: FR unless it is overseas."""
    return _OVERSEAS.get(commune[:3], "FR")


def read_phone(text: str, *, region: str, unsure: str = "fixed") -> Phone:
    """Return the number that the text writes, national numbers being those of the region.

    A national number that the region does not have is looked for in the rest of the French plan;
    the mobile block kept for fiction is taken. `unsure` is the kind of a number whose plan does not
    tell landlines from mobiles (Wallis, North America). Raises PhoneRefused: `phone_unreadable`
    for what is no number, `phone_short` and `phone_service` for a number that is nobody's home
    (112, 3639, 0800, 0899), `phone_unknown` for one that was never given out.
    """
    usual = _USUAL.fullmatch(_MARKS.sub("", text)) if region == "FR" else None
    if usual:
        return Phone(f"+33{usual[1]}", "mobile" if usual[1][0] == "6" else "fixed")
    if not _DIALLED.fullmatch(text.strip()):
        raise PhoneRefused("phone_unreadable")
    if sum(sign.isdigit() for sign in text) < _SHORT:
        raise PhoneRefused("phone_short")
    services = 0
    for number in _readings(text, region):
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if _FICTION_MOBILE.fullmatch(e164):
            return Phone(e164, "mobile")
        type_ = phonenumbers.number_type(number)
        if type_ in _KINDS:
            return Phone(e164, _KINDS[type_])
        if type_ == PhoneNumberType.FIXED_LINE_OR_MOBILE:
            return Phone(e164, unsure)
        services += type_ != PhoneNumberType.UNKNOWN
    raise PhoneRefused("phone_service" if services else "phone_unknown")


def dictated(e164: str) -> str:
    """Return a number spaced as people dictate it; what is none stays as it is."""
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def as_at_home(e164: str) -> str:
    """Return a number as those who have it write it; what is none stays as it is."""
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def _readings(text: str, region: str) -> Iterator[PhoneNumber]:
    """Give the number under the region and, written without a prefix, under the whole plan."""
    international = text.lstrip().startswith(("+", "00"))
    for one in dict.fromkeys((region, *(() if international else _ONE_PLAN))):
        try:
            yield phonenumbers.parse(text, one)
        except NumberParseException as fault:
            raise PhoneRefused("phone_unreadable") from fault
