"""What an SMS costs: GSM-7 or UCS-2, how many segments, and a wording that would cost less."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

# The default alphabet of 3GPP TS 23.038 §6.2.1. Slot 0x09 is the capital Ç: operators differ on
# the small ç, so ç counts as out (DOMAIN §4.4).
_ONE_SEPTET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_SEPTETS = frozenset("\f^{}\\[~]|€")

_SEPTET_BITS, _UCS2_BITS, _HEADER_BITS = 7, 16, 48
_ROOM = {"GSM-7": (160, 153), "UCS-2": (70, 67)}

# Signs whose plain twin says the same: applied everywhere, place names included.
_SIGNS = str.maketrans(
    {
        "’": "'", "‘": "'", "‛": "'", "ʼ": "'", "′": "'", "´": "'", "`": "'", "‚": ",",
        "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"', "‹": "<", "›": ">",
        "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "−": "-", "•": "-", "·": "-",
        "…": "...", "×": "x", "÷": "/", "⁄": "/", "½": "1/2", "¼": "1/4", "¾": "3/4",
        "²": "2", "³": "3", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "№": "no",
        "\t": " ", "\u2028": "\n", "\u2029": "\n", "\u00ad": "", "\u200b": "", "\u200c": "",
        "\u200d": "", "\u2060": "", "\ufeff": "", "\ufe0f": "",
        **dict.fromkeys("\u00a0\u202f\u205f\u3000", " "),
        **{chr(point): " " for point in range(0x2000, 0x200B)},
    }
)  # fmt: skip
_LIGATURES = re.compile("[œŒ]")
_NUMBER_SIGN = re.compile(r"\b([nN])°[ ]?(?=\d|\b)")
_INNER_SPACE = re.compile("(?<=«)[\\s\u00a0\u202f]+|[\\s\u00a0\u202f]+(?=»)")


@dataclass(frozen=True)
class Measured:
    """A text as an operator counts it.

    `units` are septets (GSM-7) or 16-bit units (UCS-2). `offending` lists once each character that
    forces UCS-2. `suggestion` says the same in cheaper signs; `unaccented` goes further and drops
    accents (ê → e), which a person must want: both are offers, None where nothing is gained.
    """

    encoding: Encoding
    segments: int
    units: int
    offending: tuple[str, ...] = ()
    suggestion: str | None = None
    unaccented: str | None = None

    @property
    def message_bits(self) -> int:
        """Size of the words alone."""
        return self.units * (_SEPTET_BITS if self.encoding == "GSM-7" else _UCS2_BITS)

    @property
    def total_bits(self) -> int:
        """Size with the header that joins segments (48 bits in each, when there are several)."""
        return self.message_bits + (_HEADER_BITS * self.segments if self.segments > 1 else 0)


def measure(text: str, *, keep: Collection[str] = ()) -> Measured:
    """Count `text`; `keep` are place names whose letters no offer may change."""
    counted = _count(text)
    if counted.encoding == "GSM-7":
        return counted
    kept = _kept(tuple(sorted(keep)))
    plain = _spare(plain_signs(text), kept, _plain_letters)
    bare = _spare(plain, kept, _without_accents)
    return Measured(
        counted.encoding,
        counted.segments,
        counted.units,
        counted.offending,
        suggestion=_offer(plain, counted, instead_of=text),
        unaccented=_offer(bare, counted, instead_of=plain),
    )


def pieces(text: str) -> tuple[str, ...]:
    """Cut a text where its segments end, as phones put them together again; never empty."""
    encoding = _count(text).encoding
    plain = encoding == "GSM-7"
    single, joined = _ROOM[encoding]
    widths = [_septets(c) if plain else _utf16(c) for c in text]
    if sum(widths) <= single:
        return (text,)
    cuts, used = [0], 0
    for at, width in enumerate(widths):
        if used + width > joined:
            cuts.append(at)
            used = 0
        used += width
    return tuple(text[start:end] for start, end in pairwise([*cuts, len(text)]))


def plain_twin(character: str) -> str | None:
    """Return what says the same in the plain alphabet, or nearly (ê → e); None where nothing does.

    A sign that is left out (a zero-width space) has the empty text for its twin.
    """
    if _septets(character):
        return None
    plain = {"œ": "oe", "Œ": "OE"}.get(character) or plain_signs(character)
    if plain == character:
        plain = _without_accents(plain)
    return plain if all(_septets(c) for c in plain) else None


def plain_signs(text: str) -> str:
    """`text` with quotes, dashes, dots and spaces of the GSM-7 alphabet; letters are untouched."""
    joined = _INNER_SPACE.sub("", unicodedata.normalize("NFC", text))
    return "".join(c if _septets(c) else c.translate(_SIGNS) for c in joined)


def _count(text: str) -> Measured:
    offending = tuple(dict.fromkeys(c for c in text if not _septets(c)))
    if offending:
        return _filled("UCS-2", [_utf16(c) for c in text], offending)
    return _filled("GSM-7", [_septets(c) for c in text], ())


def _filled(encoding: Encoding, widths: list[int], offending: tuple[str, ...]) -> Measured:
    single, joined = _ROOM[encoding]
    units = sum(widths)
    segments = 1 if units <= single else _segments(widths, joined)
    return Measured(encoding, segments, units, offending)


def _segments(widths: Iterable[int], room: int) -> int:
    """Segments filled in order, no escape sequence and no surrogate pair cut in two."""
    segments, used = 1, 0
    for width in widths:
        if used + width > room:
            segments, used = segments + 1, 0
        used += width
    return segments


def _utf16(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1


def _septets(character: str) -> int:
    """1 or 2 septets, 0 when the character is not in the alphabet."""
    return 1 if character in _ONE_SEPTET else 2 * (character in _TWO_SEPTETS)


def _offer(text: str, counted: Measured, *, instead_of: str) -> str | None:
    if text == instead_of:
        return None
    after = _count(text)
    gains = after.encoding == "GSM-7" or len(after.offending) < len(counted.offending)
    return text if gains and after.segments <= counted.segments else None


@lru_cache(maxsize=8)  # a commune's place names hardly change between two measures
def _kept(names: tuple[str, ...]) -> re.Pattern[str] | None:
    plain = sorted({plain_signs(name) for name in names if name.strip()}, key=len, reverse=True)
    if not plain:
        return None
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, plain))})(?!\w)", re.IGNORECASE)


def _spare(text: str, kept: re.Pattern[str] | None, change: Callable[[str], str]) -> str:
    """`change` applied to all of `text` but the kept names."""
    if kept is None:
        return change(text)
    out, end = [], 0
    for match in kept.finditer(text):
        out += [change(text[end : match.start()]), match.group()]
        end = match.end()
    return "".join([*out, change(text[end:])])


def _plain_letters(text: str) -> str:
    numbered = _NUMBER_SIGN.sub(r"\1o ", text)
    return _LIGATURES.sub(lambda found: _ligature(numbered, found), numbered)


def _ligature(text: str, found: re.Match[str]) -> str:
    if found.group() == "œ":
        return "oe"
    following = text[found.end() : found.end() + 1]
    return "OE" if following.isupper() else "Oe"


def _without_accents(text: str) -> str:
    return "".join(c if _septets(c) else _base_letter(c) for c in text)


def _base_letter(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isalpha() and _septets(base) else {"°": " deg."}.get(character, character)
