"""The envelope of a binder: sealed with a public key, opened by the private one and nothing else.

The server holds the public key alone: who takes the server, or the share that binders are copied
to, reads none of them. Who holds the private key (a USB stick in the town hall's safe, another at
home of who is on call) opens them on any machine with Python, without the server, its ledger or
its passwords: that is the night on which the binder is needed.

X25519 with a key made anew for each binder, HKDF-SHA256, AES-256-GCM over the whole; the header is
authenticated. Layout: `TOCSIN-BINDER-1` and a new line, 32 bytes of public key, 12 of
nonce, the ciphertext.
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"TOCSIN-BINDER-1\n"
RECIPIENT, SECRET = "tocsin-binder-", "TOCSIN-BINDER-SECRET-"
KEY_BYTES, NONCE_BYTES = 32, 12


class EnvelopeRefused(Exception):
    """A key or an envelope that is not one, or that do not fit; a sentence of French."""


def new_key() -> tuple[str, str]:
    """Return a private key and its recipient, as they are written down."""
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return SECRET + _written(private.private_bytes_raw()), RECIPIENT + _written(public)


def seal(content: bytes, recipient: str) -> bytes:
    """Return the content for one recipient. Raises EnvelopeRefused."""
    raw = _read(recipient, RECIPIENT, "TOCSIN_BINDER_RECIPIENT")
    public = X25519PublicKey.from_public_bytes(raw)
    once = X25519PrivateKey.generate()
    mine, nonce = once.public_key().public_bytes_raw(), os.urandom(NONCE_BYTES)
    header = MAGIC + mine + nonce
    key = _key(once, public, mine=mine, theirs=public.public_bytes_raw())
    return header + AESGCM(key).encrypt(nonce, content, header)


def unseal(envelope: bytes, secret: str) -> bytes:
    """Return what is in an envelope. Raises EnvelopeRefused."""
    head = len(MAGIC) + KEY_BYTES + NONCE_BYTES
    if not envelope.startswith(MAGIC) or len(envelope) <= head:
        raise EnvelopeRefused("Ce fichier n'est pas un classeur de Tocsin, ou il n'est pas entier.")
    private = X25519PrivateKey.from_private_bytes(_read(secret, SECRET, "la clé privée"))
    header = envelope[:head]
    mine = header[len(MAGIC) : len(MAGIC) + KEY_BYTES]
    theirs = private.public_key().public_bytes_raw()
    try:
        key = _key(private, X25519PublicKey.from_public_bytes(mine), mine=mine, theirs=theirs)
        return AESGCM(key).decrypt(header[-NONCE_BYTES:], envelope[head:], header)
    except (InvalidTag, ValueError) as fault:
        raise EnvelopeRefused(
            "Cette clé n'ouvre pas ce classeur, ou il a été modifié : essayez l'autre clé, ou le"
            " classeur d'une autre nuit."
        ) from fault


def check_recipient(recipient: str) -> None:
    """Raise EnvelopeRefused where this is no recipient."""
    _read(recipient, RECIPIENT, "TOCSIN_BINDER_RECIPIENT")


def _key(own: X25519PrivateKey, other: X25519PublicKey, *, mine: bytes, theirs: bytes) -> bytes:
    shared = own.exchange(other)
    hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=mine + theirs, info=b"tocsin binder 1")
    return hkdf.derive(shared)


def _written(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()  # can be copied by hand, read aloud


def _read(text: str, prefix: str, named: str) -> bytes:
    body = text.strip()
    if not body.lower().startswith(prefix.lower()):
        raise EnvelopeRefused(f"{named} commence par « {prefix} » : recopiez-la entière.")
    body = body[len(prefix) :].upper()
    try:
        raw = base64.b32decode(body + "=" * (-len(body) % 8))
    except (binascii.Error, ValueError) as fault:
        raise EnvelopeRefused(f"{named} n'est pas entière : recopiez-la.") from fault
    if len(raw) != KEY_BYTES:
        raise EnvelopeRefused(f"{named} n'est pas entière : recopiez-la.")
    return raw
