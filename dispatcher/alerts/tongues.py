"""Do the languages of an alert say the same numbers and hours? What one alone says is told."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from channels.call_words import primary
from dispatcher.alerts.clues import PHONE, digits_of
from dispatcher.alerts.hours_said import NUMBERS, Hour, hours_in
from dispatcher.alerts.plain_reading import composed, plainly
from dispatcher.delivery.content import Texts

_NUMBER = re.compile(r"(?<![\w/.,:-])\d{1,4}(?![\w/:])(?![.,]\d)")


def disagreements(
    texts: Mapping[str, Texts], media: Sequence[str], own: str
) -> Iterator[tuple[str, str, str, str]]:
    """Give (medium, language, words, other language) for what one says and the other does not.

    Each language is compared with the commune's `own`. Hours are compared where both are read.
    """
    if own not in texts:
        return
    for other in (one for one in texts if one != own):
        for medium in media:
            here, there = _of(texts[own], medium), _of(texts[other], medium)
            for words in _alone(here, there, (own, other)):
                yield medium, own, words, other
            for words in _alone(there, here, (other, own)):
                yield medium, other, words, own


def _of(texts: Texts, medium: str) -> str:
    if medium == "email":
        return plainly(composed(f"{texts.email_subject}\n{texts.email_body}"))
    return plainly(composed(texts.sms if medium == "sms" else texts.voice))


def _alone(here: str, there: str, languages: tuple[str, str]) -> Iterator[str]:
    """Give the numbers and the hours of `here` that `there` does not say."""
    mine, theirs = map(primary, languages)
    phones = {digits_of(found) for found in PHONE.findall(there)}
    for found in PHONE.finditer(here):
        if digits_of(found.group()) not in phones:
            yield found.group()
    hours, others = hours_in(here, mine), hours_in(there, theirs)
    if mine in NUMBERS and theirs in NUMBERS:
        for hour in hours:
            if not hour.bare and not any(hour.agrees(one) for one in others):
                yield here[hour.start : hour.end].strip()
    said = _numbers_of(there, theirs)
    for found in _NUMBER.finditer(_without(here, hours)):
        if int(found.group()) > 1 and int(found.group()) not in said:
            yield found.group()


def _without(plain: str, hours: Sequence[Hour]) -> str:
    """Return the text without its telephone numbers and its hours."""
    for hour in hours:
        plain = plain[: hour.start] + " " * (hour.end - hour.start) + plain[hour.end :]
    return PHONE.sub(" ", plain)


def _numbers_of(plain: str, language: str) -> frozenset[int]:
    """Return every number that a text may be said to hold, in digits or in words."""
    digits = (int(found) for found in re.findall(r"\d{1,4}", plain))
    words = NUMBERS.get(language, [])
    spoken = (value for value, word in enumerate(words) if re.search(rf"\b{word}\b", plain))
    return frozenset(chain(digits, spoken))
