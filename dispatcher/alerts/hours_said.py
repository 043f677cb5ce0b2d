"""The hours that a text says, in digits or in words, in French and in English."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

HALF_DAY_MIN: Final = 12 * 60
_MOST: Final = 100  # hours of one text: a message has two

_WORDS_OF_NUMBERS: Final = {
    "fr": (
        "zero une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
        "seize dix-sept dix-huit dix-neuf vingt vingt-et-une vingt-deux vingt-trois vingt-quatre"
    ),
    "en": (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty twenty-one twenty-two twenty-three "
        "twenty-four"
    ),
}
NUMBERS: Final = {language: words.split() for language, words in _WORDS_OF_NUMBERS.items()}
"""Words for 0 to 24, without accents."""

_MINUTES: Final = {
    "cinq": 5, "dix": 10, "quinze": 15, "et quart": 15, "vingt": 20, "trente": 30, "et demie": 30,
    "quarante": 40, "quarante-cinq": 45, "cinquante": 50, "moins le quart": -15, "moins dix": -10,
    "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45,
    "fifty": 50,
}  # fmt: skip
_LASTING = re.compile(
    r"(?:\b(?:dans|pendant|durant|apres|environ|toutes les|moins de|plus de|in|for|within|every"
    r"|about)\s(?:les\s|des\s)?|\bd')$"
)


def _words(language: str, least: int = 0, most: int = 24) -> str:
    return "|".join(sorted(NUMBERS[language][least : most + 1], key=len, reverse=True))


def _minutes(names: str) -> str:
    longest = sorted(names.split("|"), key=len, reverse=True)
    return "|".join(longest).replace(" ", r"\s")


_FRENCH_PAST = "et quart|et demie|moins le quart|moins dix|cinq|dix|quinze|vingt|trente"
_FRENCH_MORE = "|quarante|quarante-cinq|cinquante"
_ENGLISH_MORE = "ten|fifteen|twenty|thirty|forty|forty-five|fifty"
_HALF = r"a\.m\.|p\.m\.|am\b|pm\b"

_FORMS: Final = {
    "fr": re.compile(
        rf"""
          \b(?P<h>[01]?\d|2[0-4])\s?(?:h(?:eures?)?(?![a-z/])(?:\s?(?P<m>[0-5]\d)(?!\d)|\s(?P<wm2>{_minutes(_FRENCH_PAST)})\b)?)
        | \b(?P<h2>[01]?\d|2[0-3]):(?P<m2>[0-5]\d)(?!\d)
        | \b(?P<w>{_words("fr")})\sheures?(?:\s(?P<wm>{_minutes(_FRENCH_PAST + _FRENCH_MORE)})\b)?
        | \b(?P<noon>midi)\b | \b(?P<midnight>minuit)\b
        | \b(?P<r>[01]?\d|2[0-3])(?=\s?(?:-|a|et)\s?(?:[01]?\d|2[0-4])\s?h(?:eures?)?\b)
        """,
        re.VERBOSE,
    ),
    "en": re.compile(
        rf"""
          \b(?P<h>1[0-2]|0?[1-9])(?:[:.](?P<m>[0-5]\d))?\s?(?P<half>{_HALF})
        | \b(?P<h2>[01]?\d|2[0-3]):(?P<m2>[0-5]\d)(?!\d)
        | \b(?P<h3>1[0-2]|[1-9])\so'clock
        | \b(?P<past>half\spast|quarter\spast|quarter\sto)\s(?P<w2>{_words("en", 1, 12)})\b
            (?:\s(?P<half2>{_HALF}))?
        | \b(?P<w>{_words("en", 1, 12)})(?:\s(?P<wm>{_minutes(_ENGLISH_MORE)}))?
            \s(?:o'clock|(?P<half3>{_HALF}))
        | \b(?P<noon>noon|midday)\b | \b(?P<midnight>midnight)\b
        | \b(?:at|from|to|till|until|before|by|between|and|after)\s
            (?P<bare>{_words("en", 1, 12)}|1[0-2]|[1-9])\b(?![\w:.%-]*\d)
            (?!(?:\s(?:{_minutes(_ENGLISH_MORE)}))?\s?(?:{_HALF}|o'clock))
        """,
        re.VERBOSE,
    ),
}
_PAST: Final = {"half past": 30, "quarter past": 15, "quarter to": -15}


@dataclass(frozen=True)
class Hour:
    """An hour in a text: `minutes` after midnight, and where it stands.

    Unless it is `sure`, the text does not say which half of the day. `bare` is a number that may
    be an hour or not (« from eleven to eight »).
    """

    minutes: int
    start: int
    end: int
    sure: bool = True
    bare: bool = False

    def agrees(self, other: "Hour") -> bool:
        """Whether both may be the same hour."""
        around = 2 * HALF_DAY_MIN if self.sure and other.sure else HALF_DAY_MIN
        return (self.minutes - other.minutes) % around == 0


def hours_in(plain: str, language: str) -> tuple[Hour, ...]:
    """Return the hours of a plain text (`plain_reading`); durations are none."""
    form = _FORMS.get(language)
    return tuple(islice(_hours(plain, form, language), _MOST)) if form else ()


def _hours(plain: str, form: re.Pattern[str], language: str) -> Iterator[Hour]:
    for found in form.finditer(plain):
        if _LASTING.search(plain, max(0, found.start() - 16), found.start()):
            continue
        minutes, sure = _read(found, NUMBERS[language])
        bare = found.groupdict().get("bare") is not None
        start = found.start("bare") if bare else found.start()
        yield Hour(minutes % (2 * HALF_DAY_MIN), start, found.end(), sure, bare)


def _read(found: re.Match[str], words: list[str]) -> tuple[int, bool]:
    """Return minutes after midnight, and whether the half of the day is told."""
    told = {name: value for name, value in found.groupdict().items() if value}
    if "noon" in told or "midnight" in told:
        return (HALF_DAY_MIN if "noon" in told else 0), True
    hour = _number(_first(told, "h", "h2", "h3", "r", "bare", "w", "w2"), words)
    minutes = int(_first(told, "m", "m2") or 0)
    minutes += _MINUTES.get(_first(told, "wm", "wm2"), 0) + _PAST.get(told.get("past", ""), 0)
    half = _first(told, "half", "half2", "half3")
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    english = words is NUMBERS["en"]
    return 60 * hour + minutes, bool(half) or "h2" in told or not english


def _first(told: dict[str, str], *names: str) -> str:
    return next((told[name] for name in names if name in told), "")


def _number(word: str, words: list[str]) -> int:
    return int(word) if word.isdigit() else words.index(word)
