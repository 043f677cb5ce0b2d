"""What leaves the logbook is signed: anybody with the public key can check it, nobody can make it.

The Ed25519 key is drawn from the logbook's own, so that it is kept nowhere else.
"""

import hmac
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from dispatcher.store.logbook import canonical


def public_key(key: bytes) -> str:
    """Return, in hex, the public key that checks what is signed with the logbook's key."""
    return _signer(key).public_key().public_bytes_raw().hex()


def signed(fields: Mapping[str, Any], *, key: bytes) -> dict[str, Any]:
    """Return the fields with the public key and, over their canonical JSON, the signature (hex)."""
    unsigned = {**fields, "public_key": public_key(key)}
    return {**unsigned, "signature": _signer(key).sign(canonical(unsigned)).hex()}


def is_signed(document: Mapping[str, Any], *, trusted_key: str) -> bool:
    """Tell whether a document is as it was signed with the trusted key."""
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(trusted_key))
        public.verify(bytes.fromhex(str(document.get("signature", ""))), canonical(unsigned))
    except (InvalidSignature, ValueError):
        return False
    return True


def _signer(key: bytes) -> Ed25519PrivateKey:
    seed = hmac.new(key, b"tocsin logbook export", "sha256").digest()
    return Ed25519PrivateKey.from_private_bytes(seed)
