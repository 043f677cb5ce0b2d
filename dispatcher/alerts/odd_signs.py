"""The signs that make an SMS dear: named, and replaced when somebody asks for it.

The names of places are never changed with the rest: each is asked for by itself (DOMAIN §4.4).
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from channels.segments import measure, plain_twin
from dispatcher.alerts.plain_reading import composed
from plans.faults import Language
from plans.words import blanks_of

_MARKS: Final = {
    "\u0300": "accent grave", "\u0301": "accent aigu", "\u0302": "accent circonflexe",
    "\u0303": "tilde", "\u0308": "tréma", "\u0327": "cédille", "\u030c": "caron",
}  # fmt: skip
_NAMES: Final = {
    "’": "apostrophe courbe", "‘": "apostrophe ouvrante", "“": "guillemet anglais ouvrant",
    "”": "guillemet anglais fermant", "«": "guillemet ouvrant", "»": "guillemet fermant",
    "–": "tiret moyen", "—": "tiret long", "‑": "trait d'union insécable",
    "…": "points de suspension", "•": "puce", "°": "rond des degrés", "²": "2 en exposant",
    "œ": "e dans l'o", "Œ": "E dans l'O", "→": "flèche", "\u00a0": "espace insécable",
    "\u202f": "espace fine insécable", "\t": "tabulation", "\u00ad": "césure invisible",
}  # fmt: skip
_NUMBER_SIGN: Final = re.compile(r"\b([nN])°")
_INVISIBLE: Final = ("Cf", "Cc", "Zs", "Mn")


@dataclass(frozen=True)
class OddSign:
    """A sign of a filled text that leaves the plain alphabet.

    `free` occurrences were typed and are in no place name. `places` are the names in the typed text
    that hold it, `blanks` those whose value does. `twin` is what would stand for it, None where
    nothing does.
    """

    sign: str
    free: int
    twin: str | None
    places: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()

    def name(self, language: Language) -> str:
        """Name it as people would; what nobody names has Unicode's own name."""
        return name_of(self.sign, language)

    @property
    def shown(self) -> str:
        """The sign as it can be seen; empty where it cannot."""
        return "" if unicodedata.category(self.sign) in _INVISIBLE else self.sign


def name_of(sign: str, language: Language) -> str:
    """Name a sign: « e accent circonflexe », “e with circumflex”."""
    unicode = unicodedata.name(sign, f"U+{ord(sign):04X}").lower()
    if language == "en":
        capital = unicode.replace("latin capital letter ", "capital ")
        return capital.replace("latin small letter ", "")
    if sign in _NAMES:
        return _NAMES[sign]
    parts = unicodedata.normalize("NFD", sign)
    base, marks = parts[0], parts[1:]
    said = [_MARKS[mark] for mark in marks if mark in _MARKS]
    if marks and len(said) == len(marks):
        return " ".join([base.lower(), *(["majuscule"] if base.isupper() else []), *said])
    return unicode


def odd_signs(
    typed: str, filled: str, blanks: Mapping[str, str], *, names: Collection[str]
) -> tuple[OddSign, ...]:
    """Return the signs of a filled text that cost, and where in what was typed they come from."""
    typed = composed(typed)
    kept = names_in(typed, names)
    bare = _without(typed, kept)
    asked = {name: composed(blanks.get(name, "")) for name in blanks_of(typed)}
    return tuple(
        OddSign(
            sign,
            typed.count(sign) if not sign.isalpha() else bare.count(sign),
            plain_twin(sign),
            tuple(name for name in kept if sign.isalpha() and sign in name),
            tuple(name for name, value in asked.items() if sign in value),
        )
        for sign in measure(composed(filled)).offending
    )


def plainer(typed: str, *, names: Collection[str], only: str | None = None) -> str:
    """Return the typed text in the plain alphabet, or with one sign replaced.

    No letter of a place name changes; quotes and dashes do everywhere, since they say the same.
    """
    typed = composed(typed)
    kept = names_in(typed, names)
    if not kept:
        return _plain(typed, only)
    out, end = [], 0
    for found in _pattern(kept).finditer(typed):
        out += [
            _plain(typed[end : found.start()], only),
            _plain(found.group(), only, letters=False),
        ]
        end = found.end()
    return "".join([*out, _plain(typed[end:], only)])


def respelled(typed: str, name: str) -> str:
    """Return the typed text with one name of a place in the plain alphabet."""
    typed = composed(typed)
    return _pattern((name,)).sub(lambda found: _plain(found.group(), None), typed)


def names_in(typed: str, names: Collection[str]) -> tuple[str, ...]:
    """Return the names of places in a text that a plain alphabet cannot write, as they stand."""
    dear = _dear(tuple(names))
    if dear is None:
        return ()
    return tuple(dict.fromkeys(found.group() for found in dear.finditer(typed)))


@lru_cache(maxsize=8)  # a commune's names hardly change between two letters that are typed
def _dear(names: tuple[str, ...]) -> re.Pattern[str] | None:
    dear = [name for name in map(composed, names) if name.strip() and measure(name).offending]
    return _pattern(dear) if dear else None


def _pattern(names: Collection[str]) -> re.Pattern[str]:
    longest = sorted(names, key=len, reverse=True)
    spelled = (re.sub("['’]", "['’]", re.escape(name)) for name in longest)
    return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)", re.IGNORECASE)


def _without(typed: str, kept: Collection[str]) -> str:
    return _pattern(kept).sub(" ", typed) if kept else typed


def _plain(text: str, only: str | None, *, letters: bool = True) -> str:
    if only in (None, "°"):
        text = _NUMBER_SIGN.sub(r"\1o", text)
    return "".join(_twin_or(sign, only, letters=letters) for sign in text)


def _twin_or(sign: str, only: str | None, *, letters: bool) -> str:
    if (only is not None and sign != only) or (sign.isalpha() and not letters):
        return sign
    twin = plain_twin(sign)
    return sign if twin is None else twin
