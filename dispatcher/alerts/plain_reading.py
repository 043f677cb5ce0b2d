"""A text as the judges of messages read it: no accents, no capitals, every sign in its place."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_TWINS = {"’": "'", "‘": "'", "\u00a0": " ", "\u202f": " ", "‑": "-", "–": "-"}

_NEAR = 240
_ENDS = (". ", "\n", "! ", "? ")


def composed(text: str) -> str:
    """Return the text with each accented letter as one sign: what spans are counted in."""
    return unicodedata.normalize("NFC", text)


def plainly(text: str) -> str:
    """Return a composed text without accents and capitals, as long as it was: spans hold in both.

    So « Répondez » and « REPONDEZ » are one word, whoever typed it and on what keyboard.
    """
    return "".join(map(_plain_sign, text))


@lru_cache(maxsize=512)
def _plain_sign(sign: str) -> str:
    base = unicodedata.normalize("NFD", _TWINS.get(sign, sign))[0]
    return base.lower()[:1] or base


def any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds one of these names, whole, in a plain text; None where there are none."""
    plain = {plainly(composed(name)).strip() for name in names}
    longest = sorted((one for one in plain if len(one) > 1), key=len, reverse=True)
    if not longest:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")


def sentence_around(plain: str, at: int) -> str:
    """Return the sentence that holds a position, or what of it is near."""
    before, after = plain[max(0, at - _NEAR) : at], plain[at : at + _NEAR]
    start = max(before.rfind(sign) for sign in _ENDS)
    ends = [found for sign in _ENDS if (found := after.find(sign)) >= 0]
    return before[start + 1 :] + after[: min(ends, default=len(after))]
