"""Invitations that cannot work: an answer nobody receives, a link that is heard, a number not told.

Each is looked for in the text of one medium as its readers get it; where what is promised is there
after all, nothing is found. Sources: DOMAIN §4.1 (a name as the sender is one-way), §4.2.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dispatcher.alerts.clues import PHONE, SITE
from dispatcher.alerts.plain_reading import plainly
from dispatcher.delivery.content import LINK_BLANK
from plans.replies import help_offer_in, invitation_in

SHORTENERS: Final = re.compile(
    r"(?<![\w.-])(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|ow\.ly|is\.gd|buff\.ly|cutt\.ly|rebrand\.ly"
    r"|tiny\.cc|urlz\.fr|vu\.fr|shorturl\.at|rb\.gy|t\.ly|s\.id|lc\.cx|urls\.fr)/?\S*"
)
_CLICK: Final = re.compile(
    r"\bcliqu(?:ez|er)\b|\bclick\b|\btap\s(?:on\s)?(?:the\s)?(?:link|here)\b"
    r"|\b(?:suivez|ouvrez)\s(?:ce|le)\slien\b|\b(?:follow|open)\s(?:this|the)\slink\b"
    r"|\blien\s(?:ci-dessous|suivant)\b|\blink\sbelow\b"
)
_CALL: Final = re.compile(
    r"(?<!n')\b(?:appelez|telephonez|contactez|joignez|call|phone|ring|contact)"
    r"(?:-nous\b|\s(?:nous|us|la\smairie|votre\smairie|the\stown\shall|au\s(?:numero|standard)"
    r"|ce\snumero|le\snumero|this\snumber|the\snumber)\b)"
)
_CALL_BACK: Final = re.compile(
    r"(?<!n')\b(?:rappel(?:ez|er)|call\s(?:us\s)?back|ring\s(?:us\s)?back)\b"
    r"|\b(?:appelez|call)\s(?:ce\snumero|this\snumber)\b"
)
_REFUSED: Final = re.compile(r"\b(?:ne|n'|do\snot|don't|never)\s?$")
_KEY: Final = re.compile(
    r"\b(?:tapez|appuyez\ssur|composez|press|dial)\s(?:(?:la\stouche|le|key|the|number)\s)*"
    r"[\"'«“]?\s?(?P<key>\d)(?!\d|\s\d)"
)
_HELP_BY_LINK: Final = re.compile(
    r"\b(?:(?:besoin|demande[rz]?)\s(?:d'|de\sl')aide|aide|(?:need|ask\sfor)\shelp|help)\b"
    r"[^.\n]{0,30}?" + re.escape(LINK_BLANK) + r"(?P<other>\s(?:ou|or)\b)?"
)
_DANGLING: Final = re.compile(
    r"(?P<before>[^\W\d][\w' -]{0,30})\s?:\s{0,3}(?P<gap>(?:ou|or)\s|[.,;]|$)", re.MULTILINE
)
_KEYS_OF_A_CALL: Final = "012"


@dataclass(frozen=True)
class Broken:
    """A promise that will not be kept: its kind, and where it stands in the text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Means:
    """What stands behind the words: can answers come back, is help taken, is a number shown."""

    two_way: bool
    offers_help: bool
    shows_number: bool


def broken_promises(medium: str, text: str, means: Means) -> Iterator[Broken]:
    """Find what a text of a medium (sms, voice, email) invites to and that cannot work."""
    plain = plainly(text)
    if medium == "voice":
        yield from _of_a_call(plain, means)
    else:
        yield from _of_a_screen(plain, medium, text, means)
    yield from _of_calling(plain, medium, means)
    if not means.offers_help:
        yield from _of_help(plain, text)


def _of_a_call(plain: str, means: Means) -> Iterator[Broken]:
    for pattern in (_CLICK, SITE):
        for found in pattern.finditer(plain):
            kind = "link_in_voice" if pattern is SITE else "click_in_voice"
            yield Broken(kind, *found.span())
    for found in _DANGLING.finditer(plain):
        yield Broken("nothing_after", found.start("before"), found.end("gap"))
    for found in _KEY.finditer(plain):
        key = found["key"]
        if key not in _KEYS_OF_A_CALL:
            yield Broken("dead_key", *found.span())
    said = None if means.two_way else invitation_in(_of_sms(plain))
    if said:
        yield _at(plain, said, "reply_one_way")


def _of_sms(plain: str) -> str:
    """Return the sentences that speak of an SMS: « tapez 1 » alone is a key of the call."""
    sentences = re.split(r"(?<=[.!?\n])\s", plain)
    return " ".join(one for one in sentences if re.search(r"\b(?:sms|textos?)\b", one))


def _of_a_screen(plain: str, medium: str, text: str, means: Means) -> Iterator[Broken]:
    linked = LINK_BLANK in text or bool(SITE.search(plain))
    if not linked:
        for found in _CLICK.finditer(plain):
            yield Broken("no_link", *found.span())
    if medium == "sms" and not means.two_way:
        said = invitation_in(PHONE.sub("{tel}", text))
        if said:
            yield _at(text, said, "reply_one_way")
    for found in _KEY.finditer(plain) if medium == "email" else ():
        yield Broken("key_in_mail", *found.span())


def _of_calling(plain: str, medium: str, means: Means) -> Iterator[Broken]:
    shown = medium == "voice" and means.shows_number
    if PHONE.search(plain) or shown:
        return
    for pattern, kind in ((_CALL_BACK, "no_call_back"), (_CALL, "no_number")):
        for found in pattern.finditer(plain):
            refused = _REFUSED.search(plain, max(0, found.start() - 12), found.start())
            if not refused and not _numbered(plain, found.end()):
                yield Broken(kind, *found.span())


def _numbered(plain: str, end: int) -> bool:
    """Whether a short number (112) follows in the same breath."""
    return bool(re.match(r"[^.\n]{0,40}?\b\d{2,4}\b", plain[end : end + 60]))


def _of_help(plain: str, text: str) -> Iterator[Broken]:
    offered = help_offer_in(text)
    if offered:
        yield _at(text, offered, "help_not_taken")
    for found in _HELP_BY_LINK.finditer(plain):
        kind = "help_by_link" if found["other"] else "help_not_taken"
        yield Broken(kind, *found.span())


def _at(text: str, words: str, kind: str) -> Broken:
    start = max(text.find(words), 0)
    return Broken(kind, start, start + len(words))
