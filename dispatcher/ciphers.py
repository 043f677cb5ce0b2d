"""What is sealed in the ledger: bound to its place, and found again without being opened.

AES-256-GCM (NIST SP 800-38D) with 96 random bits of nonce for each value: one key may seal 2^32 of
them. The place, such as `vulnerable_people.identity.35047.<id>`, is authenticated with the value: a
ciphertext moved to another row or column does not open. The first byte is the number of the key, so
that a newer key seals while the older ones still open what they sealed.

A mark is a blind index: HMAC-SHA256 of a value under a key of its own, by which an exact search
works and nothing is read. It is made from the first key for ever, so that a newer one changes no
mark.
"""

import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES: Final = 12
MOST_KEYS: Final = 255  # the number of a key is one byte
_FIRST: Final = 1
_BLOCK_BYTES: Final = 64  # of SHA-256


class NotOpened(Exception):
    """A sealed value that no key here opens, or that was moved, cut or changed.

    Put back the key folder of the last backup, then read again: nothing was altered by trying.
    """


@dataclass(frozen=True)
class Ring:
    """The keys of one register: number → 32 bytes; the highest number seals. None is ever shown.

    `again` reads them anew when something is met that a newer key sealed: a process that runs while
    a key is made learns it then.
    """

    keys: Mapping[int, bytes] = field(repr=False)
    again: Callable[[], Mapping[int, bytes]] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a ring that lacks its first key, of which every mark is made."""
        if _FIRST not in self.keys or not all(0 < one <= MOST_KEYS for one in self.keys):
            raise ValueError("A ring holds key 1, and none above 255.")

    @property
    def newest(self) -> int:
        """The number of the key that seals."""
        return max(self._sealers)

    def seal(self, value: bytes, *, place: str) -> bytes:
        """Return the value sealed for this place: number of the key, nonce, ciphertext, tag."""
        nonce = os.urandom(NONCE_BYTES)
        newest = self.newest
        head = bytes((newest,))
        sealed = self._sealers[newest].encrypt(nonce, value, head + place.encode())
        return head + nonce + sealed

    def unseal(self, sealed: bytes, *, place: str) -> bytes:
        """Return what was sealed for this place; raises NotOpened."""
        head, nonce, rest = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        sealer = self._sealer(head[0]) if head else None
        if sealer is None:
            raise NotOpened(f"No key {head.hex() or 'at all'} opens {place}.")
        try:
            return sealer.decrypt(nonce, rest, head + place.encode())
        except (InvalidTag, ValueError) as fault:  # ValueError: a nonce that was cut
            raise NotOpened(f"What stands at {place} was not sealed for it, or was changed.") from (
                fault
            )

    def opened(self, sealed: bytes, *, place: str) -> bytes | None:
        """Return what was sealed for this place; None where nothing here opens it."""
        try:
            return self.unseal(sealed, place=place)
        except NotOpened:
            return None

    def is_old(self, sealed: bytes) -> bool:
        """Tell whether a newer key should seal this again."""
        return sealed[:1] != bytes((self.newest,))

    def witness(self, number: int) -> str:
        """Return what only the key of this number makes: a ledger knows its keys again by it."""
        return hmac.digest(_derived(self.keys[number], b"witness"), b"tocsin", "sha256").hex()

    def mark(self, what: str, value: str) -> str:
        """Return the mark of a value of this kind: 64 hexadecimal signs, the same each time."""
        return mac(self._marker, f"{what}\0{value}".encode()).hex()

    def _sealer(self, number: int) -> AESGCM | None:
        known = self._sealers.get(number)
        if known is None and self.again is not None:
            self._sealers.update(_sealers_of(self.again()))
            known = self._sealers.get(number)
        return known

    @cached_property
    def _sealers(self) -> dict[int, AESGCM]:
        return _sealers_of(self.keys)

    @cached_property
    def _marker(self) -> bytes:
        return _derived(self.keys[_FIRST], b"mark")


def _sealers_of(keys: Mapping[int, bytes]) -> dict[int, AESGCM]:
    return {number: AESGCM(_derived(key, b"seal")) for number, key in keys.items()}


def _derived(key: bytes, purpose: bytes) -> bytes:
    """Return a key for one purpose: no two uses share one (RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=b"tocsin " + purpose).derive(key)


def mac(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA256 (RFC 2104) for a key of at most 64 bytes.

    Two are made for each message: OpenSSL 3 looks its algorithm up anew for each `hmac.digest`,
    which takes three times as long.
    """
    inner, outer = _pads(key)
    return sha256(outer + sha256(inner + message).digest()).digest()


@lru_cache(maxsize=64)
def _pads(key: bytes) -> tuple[bytes, bytes]:
    if len(key) > _BLOCK_BYTES:
        raise ValueError("a longer key is hashed first: none of ours is")
    whole = key.ljust(_BLOCK_BYTES, b"\0")
    return bytes(one ^ 0x36 for one in whole), bytes(one ^ 0x5C for one in whole)
