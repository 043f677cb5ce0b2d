"""Names of deliveries, attempts and answering pages: unguessable, and readable without an index."""

import base64
import hmac
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from channels.contract import AttemptToken

_HASH_CHARS = 32  # 128 bits, as many as the token has
_BLOCK_BYTES = 64  # of SHA-256
_MARK_CHARS = 20  # 80 bits: an attempt's token cannot be guessed


@dataclass(frozen=True)
class TokenKeys:
    """The two secrets of this installation that tokens are made with (32 bytes each)."""

    attempts: bytes
    answers: bytes


@dataclass(frozen=True)
class NamedAttempt:
    """What a genuine attempt token says: whose delivery, and which attempt at it."""

    commune: str
    delivery_id: str
    number: int


def inbound_token(keys: TokenKeys, account: str) -> str:
    """Return the token of the address where an account hands in what comes to its number.

    Always the same for an account, since it is typed into the provider's own settings.
    """
    return hmac.digest(keys.attempts, f"inbound\n{account}".encode(), "sha256").hex()[:_HASH_CHARS]


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


def answer_token(keys: TokenKeys, commune: str, delivery: str) -> str:
    """Return the 128-bit token of the page where this delivery is answered (22 characters)."""
    mark = mac(keys.answers, f"{commune}\n{delivery}".encode())
    return base64.urlsafe_b64encode(mark[:16]).rstrip(b"=").decode()


def answer_hash(token: str) -> str:
    """Return what the ledger keeps of an answering page's token."""
    return sha256(token.encode()).hexdigest()[:_HASH_CHARS]


def _mark(key: bytes, plain: str) -> str:
    return mac(key, plain.encode()).hex()[:_MARK_CHARS]


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
