"""What could be better in one text of an alert: length, capitals, short links, hours gone by."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from channels.segments import measure
from dispatcher.alerts.clues import PHONE, digits_of
from dispatcher.alerts.hours_said import HALF_DAY_MIN, hours_in
from dispatcher.alerts.plain_reading import plainly, sentence_around
from dispatcher.alerts.promises import SHORTENERS
from dispatcher.delivery.content import LINK_BLANK

READ_AT_A_GLANCE: Final = 2  # segments (DOMAIN §4.1)
_FEW_LETTERS, _MOSTLY = 25, 0.7
_GONE_MIN: Final = HALF_DAY_MIN // 2  # before that, « avant 6h » written at 22h is tomorrow's
_DEADLINE: Final = re.compile(
    r"\b(?:avant|jusqu'a|d'ici|au\splus\stard\sa|until|till|before|by|no\slater\sthan)\s(?:les?\s)?$"
)
_ANOTHER_DAY: Final = re.compile(
    r"\b(?:demain|tomorrow|apres-demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|matin|morning)\b|\d{1,2}/\d{1,2}"
)
_AGAINST: Final = {
    "Shelter": r"\bevacue[zr]\b|\bpartez\b|\bquittez\s(?:vos?|votre|le\ssecteur|la\szone|les\slieux"
    r"|tout\sde\ssuite|immediatement)\b|\bevacuate\b|\bleave\s(?:your|the\sarea|now|immediately)\b",
    "Evacuate": r"\brestez\s(?:chez|a\sl'abri|a\sl'interieur|confines)|\bconfinez-vous\b"
    r"|\bne\ssortez\spas\b|\bstay\s(?:home|at\shome|inside|indoors|in\b)|\bdo\snot\sgo\sout\b",
    "Prepare": r"\b(?:evacuez|partez|quittez)\b[^.!?]{0,40}\b(?:maintenant|immediatement|tout\sde"
    r"\ssuite)|\b(?:evacuate|leave)\b[^.!?]{0,40}\b(?:now|immediately)\b",
    "AllClear": r"\bevacuez\b|\bconfinez-vous\b|\brestez\s(?:chez|a\sl'abri)|\bevacuate\b"
    r"|\bstay\s(?:home|inside|indoors)\b",
    "None": r"\bevacuez\b|\bconfinez-vous\b|\bquittez\s(?:vos?|votre)\b|\bevacuate\b",
}
_NOT: Final = re.compile(r"\b(?:ne|n'|do\snot|don't|never|sans)\s?$")


@dataclass(frozen=True)
class Tip:
    """One advice, where it stands and the words it is about."""

    kind: str
    words: str = ""
    span: tuple[int, int] | None = None
    about: str = ""


class Known(Protocol):
    """What is asked of the judge's facts."""

    @property
    def response(self) -> tuple[str, ...]:
        """CAP's response types of the template."""

    @property
    def segments_max(self) -> int:
        """Segments that the policy allows an SMS."""

    @property
    def page(self) -> str:
        """A sample of an answering page's address."""

    @property
    def prefix(self) -> str:
        """What the mode puts before each text."""

    @property
    def personal(self) -> frozenset[str]:
        """Digits of the numbers of people."""

    @property
    def now(self) -> datetime:
        """The moment, on the commune's clock."""


def advice(medium: str, text: str, language: str, known: Known) -> Iterator[Tip]:
    """Give what could be better in the text of one medium; `past` is worse: it cannot be obeyed."""
    plain = plainly(text)
    for found in SHORTENERS.finditer(plain):
        yield Tip("shortened", text[found.start() : found.end()], found.span())
    letters = [sign for sign in text.removeprefix(known.prefix) if sign.isalpha()]
    capitals = sum(sign.isupper() for sign in letters)
    if len(letters) >= _FEW_LETTERS and capitals > _MOSTLY * len(letters):
        yield Tip("capitals")
    for found in PHONE.finditer(text):
        if digits_of(found.group()) in known.personal:
            yield Tip("personal", found.group(), found.span())
    if medium == "sms":
        yield from _length(text, known)
    yield from _gone(plain, text, language, now=known.now)
    yield from _contradictions(plain, text, known)


def _length(text: str, known: Known) -> Iterator[Tip]:
    segments = measure(text.replace(LINK_BLANK, known.page)).segments
    if segments > known.segments_max:
        yield Tip("too_long", str(segments))
    elif segments > READ_AT_A_GLANCE:
        yield Tip("long", str(segments))


def _gone(plain: str, text: str, language: str, *, now: datetime) -> Iterator[Tip]:
    """Find deadlines of today that are over: by more than six hours they are tomorrow's."""
    clock = 60 * now.hour + now.minute
    for hour in hours_in(plain, language):
        opening = _DEADLINE.search(plain, max(0, hour.start - 24), hour.start)
        if opening is None or _ANOTHER_DAY.search(sentence_around(plain, hour.start)):
            continue
        readings = (0,) if hour.sure else (0, HALF_DAY_MIN)
        ago = [(clock - hour.minutes - half) % (2 * HALF_DAY_MIN) for half in readings]
        if all(0 < one <= _GONE_MIN for one in ago):
            yield Tip("past", text[opening.start() : hour.end].strip(), (opening.start(), hour.end))


def _contradictions(plain: str, text: str, known: Known) -> Iterator[Tip]:
    for response in known.response:
        against = _AGAINST.get(response)
        for found in re.finditer(against, plain) if against else ():
            if not _NOT.search(plain, max(0, found.start() - 12), found.start()):
                words = text[found.start() : found.end()]
                yield Tip("contradicts", words, found.span(), response)
                break
