"""Who an SMS or a call comes from: a name made of the commune's, and what may not send."""

import re
import unicodedata
from collections.abc import Callable, Iterator

_LONGEST = 11  # signs of a sender name (3GPP TS 23.040, and every French operator)
_SMALL_WORDS = {
    "a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "lez", "lès",
    "sous", "sur",
}  # fmt: skip
# 06 and 07 are for people: Arcep and the operators forbid them to automates, overseas too.
_MOBILE = re.compile(r"\+33[67]\d*|\+(?:262|590|594|596)[67]\d*|0[67]\d{8}")
_NUMBER = re.compile(r"\+?\d+")


def sender_of(commune: str, fault: Callable[[str], str | None]) -> str | None:
    """Make the first legal sender name of a commune's name; None where none is legal."""
    return next((name for name in _candidates(commune) if fault(name) is None), None)


def _candidates(commune: str) -> Iterator[str]:
    folded = commune.replace("œ", "oe").replace("Œ", "Oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", plain)
    strong = [word for word in words if word.lower() not in _SMALL_WORDS] or words
    yield from (name for name in ("".join(words), "".join(strong)) if len(name) <= _LONGEST)
    short = [{"saint": "St", "sainte": "Ste"}.get(word.lower(), word) for word in strong]
    for count in range(len(short), 0, -1):
        if len(name := "".join(short[:count])) <= _LONGEST:
            yield name
    yield "".join(short)[:_LONGEST]
    yield f"Ville{''.join(strong)}"[:_LONGEST]


def is_number(sender: str) -> bool:
    """Tell whether the sender is a number, long or short, instead of a name."""
    return bool(_NUMBER.fullmatch(sender))


def is_mobile(number: str) -> bool:
    """Tell whether it is a French 06 or 07 number."""
    return bool(_MOBILE.fullmatch(number))
