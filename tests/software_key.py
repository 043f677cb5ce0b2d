"""A security key made of software: it makes keys and signs as the standard says, or wrongly."""

import json
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
Options = Mapping[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Lie:
    """How an answer differs from what a sound browser and key would give."""

    origin: str | None = None
    rp_id: str | None = None
    flags: int | None = None
    kind: str | None = None
    challenge: bytes | None = None
    user_handle: str | None = None
    cross_origin: bool = False


TRUTH = Lie()


@dataclass
class SoftwareKey:
    """One key for one account; `count` is what it says it has signed."""

    origin: str
    count: int = 0
    counts: bool = True
    transports: tuple[str, ...] = ("internal",)
    flags: int = UP | UV
    ident: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: str = ""
    own: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: Options, lie: Lie = TRUTH) -> Answer:
        """Answer `navigator.credentials.create`."""
        self.handle = options["user"]["id"]
        numbers = self.own.public_key().public_numbers()
        x, y = (one.to_bytes(32, "big") for one in (numbers.x, numbers.y))
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = b"\0" * 16 + struct.pack(">H", len(self.ident)) + self.ident + cose
        data = self._data(options["rp"]["id"], lie, more=AT) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options, lie)
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "attestationObject": bytes_to_base64url(attestation),
                "transports": list(self.transports),
            }
        )

    def get(self, options: Options, lie: Lie = TRUTH) -> Answer:
        """Answer `navigator.credentials.get`."""
        self.count += self.counts
        data = self._data(options["rpId"], lie)
        client = self._client("webauthn.get", options, lie)
        signature = self.own.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(signature),
                "userHandle": self.handle if lie.user_handle is None else lie.user_handle,
            }
        )

    def _answer(self, response: Answer) -> Answer:
        ident = bytes_to_base64url(self.ident)
        return {"id": ident, "rawId": ident, "type": "public-key", "response": response}

    def _data(self, rp_id: str, lie: Lie, *, more: int = 0) -> bytes:
        flags = (self.flags if lie.flags is None else lie.flags) | more
        asked = sha256((lie.rp_id or rp_id).encode()).digest()
        return asked + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, options: Options, lie: Lie) -> bytes:
        asked = base64url_to_bytes(options["challenge"])
        told = {
            "type": lie.kind or kind,
            "challenge": bytes_to_base64url(asked if lie.challenge is None else lie.challenge),
            "origin": lie.origin or self.origin,
            "crossOrigin": lie.cross_origin,
        }
        return json.dumps(told).encode()


def broken(answer: Answer, part: str) -> Answer:
    """Return an answer with one bit of one part turned."""
    response = dict(answer["response"])
    raw = bytearray(base64url_to_bytes(response[part]))
    raw[-1] ^= 1
    return {**answer, "response": {**response, part: bytes_to_base64url(bytes(raw))}}
