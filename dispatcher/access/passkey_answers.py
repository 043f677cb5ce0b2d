"""What a browser answers for a key, read and checked (WebAuthn §7.1 and §7.2).

Answers come from anywhere: whatever is wrong with one, it is Unsound, and nothing is said of why.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256, shake_256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from webauthn import (
    base64url_to_bytes,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    encode_cbor,
    parse_client_data_json,
)
from webauthn.helpers.exceptions import WebAuthnException

from dispatcher.store.passkeys import Passkey, Signed
from dispatcher.store.users import User

TRANSPORTS = frozenset({"internal", "hybrid", "usb", "nfc", "ble", "smart-card", "cable"})
LONGEST_ID, LONGEST_KEY = 1023, 1024  # bytes: the standard's limit, and RSA of 4,096 bits with room
# What a damaged answer makes the library and its parsers raise; the fuzz test knows no other.
_DAMAGED = (
    WebAuthnException,
    ValueError,  # binascii.Error, UnicodeDecodeError, JSONDecodeError are such
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
    OverflowError,
)


class Unsound(Exception):
    """An answer that no key of ours gave to a question of ours."""


@dataclass(frozen=True)
class Expected:
    """What a sound answer was made for."""

    rp_id: str
    origin: str
    challenge: bytes


@dataclass(frozen=True)
class Told:
    """What an answer says before it is checked: which key, which challenge, whose."""

    credential_id: str
    challenge: bytes
    user_handle: str


def credential_hash(credential_id: str) -> str:
    """Return what the ledger finds a key by: ids may be a thousand bytes long."""
    return sha256(credential_id.encode()).hexdigest()


def handle_of(user: User) -> bytes:
    """Return what a key calls an account by: the same for ever, and no name in clear."""
    told = json.dumps([user.commune, user.login]).encode()
    return sha256(b"tocsin account\n" + told).digest()


def told(answer: Mapping[str, Any]) -> Told:
    """Read which key answers which challenge; raises Unsound."""
    try:
        response = answer["response"]
        client = parse_client_data_json(base64url_to_bytes(response["clientDataJSON"]))
        handle = response.get("userHandle") or ""
        ident = _spelled(base64url_to_bytes(answer["id"]))
        if client.cross_origin or not isinstance(handle, str):
            raise Unsound
        return Told(ident, client.challenge, _spelled(base64url_to_bytes(handle)))
    except _DAMAGED as error:
        raise Unsound from error


def registered(answer: Mapping[str, Any], expected: Expected) -> Passkey:
    """Check a new key; it belongs to nobody yet. Raises Unsound."""
    try:
        made = verify_registration_response(
            credential=dict(answer),
            expected_challenge=expected.challenge,
            expected_rp_id=expected.rp_id,
            expected_origin=expected.origin,
            require_user_verification=True,
        )
        key = made.credential_public_key
        if len(made.credential_id) > LONGEST_ID or len(key) > LONGEST_KEY:
            raise Unsound
        # Read once now: a key that can check nothing would be found out at 3 in the morning.
        decoded_public_key_to_cryptography(decode_credential_public_key(key))
    except _DAMAGED as error:
        raise Unsound from error
    ident = bytes_to_base64url(made.credential_id)
    return Passkey(
        commune="",
        login="",
        credential_hash=credential_hash(ident),
        credential_id=ident,
        public_key=bytes_to_base64url(key),
        sign_count=made.sign_count,
        transports=_transports(answer),
        backed_up=made.credential_backed_up,
    )


def signed(answer: Mapping[str, Any], expected: Expected, key: Passkey) -> Signed:
    """Check that a key signed this challenge, its owner verified. Raises Unsound.

    The library would judge the count before the signature, and so let anybody who knows a key's id
    make it suspect: it is told that the key never signed, and the ledger judges the count.
    """
    try:
        checked = verify_authentication_response(
            credential=dict(answer),
            expected_challenge=expected.challenge,
            expected_rp_id=expected.rp_id,
            expected_origin=expected.origin,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except _DAMAGED as error:
        raise Unsound from error
    return Signed(checked.new_sign_count, checked.credential_backed_up)


LENGTHS = (16, 20, 32, 48, 64)  # bytes, of the ids of usual keys


def nobodys_key() -> Passkey:
    """Return a key that nobody holds: the private half is forgotten at once."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    curve = [numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")]
    cose = {1: 2, 3: -7, -1: 1, -2: curve[0], -3: curve[1]}  # EC2, ES256, P-256 (RFC 9053)
    return Passkey("", "", "", "", bytes_to_base64url(encode_cbor(cose)), 0)


def imaginary(key: bytes, login: str, *, number: int) -> bytes:
    """Return the id of a key that does not exist, always the same for a name.

    As long as those that real keys have, which differ: the length tells nothing.
    """
    told = json.dumps([login, number]).encode()
    drawn = shake_256(key + b"imaginary passkey\n" + told).digest(65)
    return drawn[1 : 1 + LENGTHS[drawn[0] % len(LENGTHS)]]


def _spelled(raw: bytes) -> str:
    """Return the one spelling of these bytes."""
    return bytes_to_base64url(raw)


def _transports(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Return how a browser says the key can be reached; words that nobody knows are dropped."""
    given = answer["response"].get("transports")
    known = given if isinstance(given, list) else []
    return tuple(one for one in known[:10] if isinstance(one, str) and one in TRANSPORTS)
