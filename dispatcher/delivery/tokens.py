"""Names of deliveries, attempts and answering pages: unguessable, and readable without an index."""

import hmac
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

from channels.contract import AttemptToken
from dispatcher.ciphers import mac
from dispatcher.store.names import ID_CHARS

_HASH_CHARS = 32  # 128 bits, as many as the token has
_PAGE_BYTES = 16  # of a page's token: one block of its cipher
_PAGE_CHARS = 22
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_MARK_CHARS = 20  # 80 bits: an attempt's token cannot be guessed


@dataclass(frozen=True)
class TokenKeys:
    """The two secrets of this installation that tokens are made with (32 bytes each)."""

    attempts: bytes
    answers: bytes


class NamedAttempt(NamedTuple):
    """What a genuine attempt token says: whose delivery, and which attempt at it."""

    commune: str
    delivery_id: str
    number: int


def inbound_token(keys: TokenKeys, account: str) -> str:
    """Return the token of the address where an account hands in what comes to its number.

    Always the same for an account, since it is typed into the provider's own settings.
    """
    return mac(keys.attempts, f"inbound\n{account}".encode()).hex()[:_HASH_CHARS]


@dataclass(frozen=True)
class Rung:
    """Which alert somebody who rang back is listening to."""

    account: str
    commune: str
    version_id: str


def ring_token(keys: TokenKeys, rung: Rung) -> str:
    """Return the token of the address that takes a key pressed while listening."""
    plain = f"{rung.account}.{rung.commune}.{rung.version_id}"
    return f"{plain}.{_mark(keys.attempts, f'ring {plain}')}"


def read_ring(keys: TokenKeys, value: str) -> Rung | None:
    """Return what a token of `ring_token` says, or None when we did not make it."""
    plain, _, mark = value.rpartition(".")
    parts = plain.split(".")
    known = hmac.compare_digest(mark.encode(), _mark(keys.attempts, f"ring {plain}").encode())
    return Rung(*parts) if known and len(parts) == 3 else None


def attempt_token(keys: TokenKeys, named: NamedAttempt) -> AttemptToken:
    """Return the token of one attempt: `commune-delivery-number-mark`, at most 64 characters."""
    plain = f"{named.commune}-{named.delivery_id}-{named.number}"
    return AttemptToken(f"{plain}-{_mark(keys.attempts, plain)}", named.delivery_id)


def read_attempt(keys: TokenKeys, value: str) -> NamedAttempt | None:
    """Return what a token names, or None when we did not make it."""
    plain, _, mark = value.rpartition("-")
    parts = plain.split("-")
    if len(parts) != 3 or not parts[2].isascii() or not parts[2].isdigit():
        return None
    if not hmac.compare_digest(mark.encode(), _mark(keys.attempts, plain).encode()):
        return None
    return NamedAttempt(parts[0], parts[1], int(parts[2]))


def answer_token(keys: TokenKeys, delivery: str) -> str:
    """Return the 128-bit token of the page where this delivery is answered (22 characters).

    The delivery's id, enciphered: as hard to guess as a random number, it tells nothing without
    the key, and the ledger needs no index of random hashes to find its delivery.
    """
    block = bytes.fromhex(delivery).ljust(_PAGE_BYTES, b"\0")
    enciphered = _page_cipher(keys.answers).update(block)
    return b2a_base64(enciphered, newline=False).translate(_URL_SAFE)[:_PAGE_CHARS].decode()


def page_names(keys: TokenKeys, token: str) -> tuple[str, ...]:
    """Return what the ledger may know a page's token by, to be tried in turn."""
    older = answer_hash(token)  # of a link sent before tokens held the delivery's id
    try:
        block = urlsafe_b64decode(f"{token}==".encode("ascii"))
    except ValueError:
        return (older,)
    if len(block) != _PAGE_BYTES:
        return (older,)
    plain = _pages(keys.answers).decryptor().update(block)
    delivery = plain[: ID_CHARS // 2].hex()
    made = not any(plain[ID_CHARS // 2 :]) and answer_token(keys, delivery) == token
    return (delivery, older) if made else (older,)


def _pages(key: bytes) -> Cipher[modes.ECB]:
    """Return the cipher of pages: one block each, so that there is nothing to chain."""
    return Cipher(algorithms.AES256(mac(key, b"pages")), modes.ECB())  # noqa: S305


@lru_cache(maxsize=8)
def _page_cipher(key: bytes) -> CipherContext:
    return _pages(key).encryptor()  # kept: making one costs twenty blocks


def answer_hash(token: str) -> str:
    """Return what the ledger keeps of an older answering page's token."""
    return sha256(token.encode()).hexdigest()[:_HASH_CHARS]


def _mark(key: bytes, plain: str) -> str:
    return mac(key, plain.encode()).hex()[:_MARK_CHARS]
