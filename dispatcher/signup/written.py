"""An address as people write it on an envelope, cut down to its number and street."""

import re

_SIGN = re.compile(r"\bn[°o]\.?\s*(?=\d)", re.IGNORECASE)
_POSTCODE = re.compile(r"\s\d{5}\b.*$")
_AFTER = re.compile(
    r"\s(?:app(?:t|artement)?|b[âa]t(?:iment)?|esc(?:alier)?|[ée]tage|porte)\b\.?.*$", re.IGNORECASE
)


def street_of(typed: str) -> str:
    """Return number and street of what was typed as on an envelope: no flat, postcode, or town."""
    said = _SIGN.sub("", typed)
    first, _, rest = said.partition(",")
    if first.strip().isdigit():  # « 12, rue des Lilas, 35000 Rennes »
        first = f"{first} {rest.partition(',')[0]}"
    return " ".join(_AFTER.sub("", _POSTCODE.sub("", first)).split())
