"""A text as the judges of messages read it: no accents, no capitals, every sign in its place."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_TWINS = {"’": "'", "‘": "'", "\u00a0": " ", "\u202f": " ", "‑": "-", "–": "-"}


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
    """Return the sentence that holds a position."""
    start = max(plain.rfind(sign, 0, at) for sign in (". ", "\n", "! ", "? "))
    ends = [found for sign in (". ", "\n", "! ", "? ") if (found := plain.find(sign, at)) >= 0]
    return plain[start + 1 : min(ends, default=len(plain))]
