"""An attempt's token inside an address that bounces come back to: short, and the same in any case.

Mail servers grant 64 signs before the @, and some write them all small. A token is words between
dashes; those that are hexadecimal are packed two signs a byte, and the whole is written in base 32.
"""

import base64
import binascii
from typing import Final

MOST_LOCAL: Final = 64  # signs before the @ (RFC 5321)
SHORTEST: Final = 32  # of a packed token that cannot be guessed
_HEX: Final = 0x80  # marks the length of a word that was packed
_DIGITS: Final = frozenset("0123456789abcdef")


def packed(token: str) -> str:
    """Return a token in small letters and digits. Raises ValueError on what is no token."""
    whole = bytearray()
    for word in token.split("-"):
        even = len(word) % 2 == 0 and set(word) <= _DIGITS
        raw = bytes.fromhex(word) if even else word.encode("ascii")
        if len(raw) >= _HEX:
            raise ValueError("A word of this token is too long.")
        whole += bytes((len(raw) | (_HEX if even else 0),)) + raw
    return base64.b32encode(whole).decode("ascii").rstrip("=").lower()


def unpacked(word: str) -> str | None:
    """Return the token that `packed` wrote, in whatever case it comes back; None of the rest."""
    padding = "=" * (-len(word) % 8)
    try:
        whole = base64.b32decode(f"{word.upper()}{padding}".encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        return None
    words, place = [], 0
    while place < len(whole):
        size = whole[place] & ~_HEX
        raw = whole[place + 1 : place + 1 + size]
        plain = not whole[place] & _HEX
        if len(raw) != size or (plain and not raw.isascii()):
            return None
        words.append(raw.decode("ascii") if plain else raw.hex())
        place += 1 + size
    return "-".join(words)
