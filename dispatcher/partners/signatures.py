"""Standard Webhooks: what a partner signs, and how we know it (SECURITY T8).

No secret is kept: each is made from a key file beside the ledger and the serial of the partner's
key, so that a stolen ledger signs nothing.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

TOLERANCE_S = 300.0  # either way between the sending time and our clock
LONGEST_ID = 128
MOST_PROOFS = 10  # two secrets at each end while keys are changed, and room
PREFIX = "whsec_"
_VERSION = "v1"

Direction = Literal["in", "out"]


class Unsigned(Exception):
    """A request that no partner of ours has signed; its sentence says what to look at."""


class Stale(Unsigned):
    """Its sending time is too far from our clock: sign it again now, and send it again."""


@dataclass(frozen=True)
class Signed:
    """The three headers of a message: its id, its sending time in epoch seconds, its proofs."""

    message_id: str
    sent_at: int
    proofs: tuple[str, ...]


def secret_of(
    master: bytes, *, commune: str, partner: str, serial: int, direction: Direction = "in"
) -> bytes:
    """Return the 32 bytes that a partner signs with; `out`: those that we sign its events with."""
    named = f"partner\n{commune}\n{partner}\n{serial}\n{direction}".encode()
    return hmac.new(master, named, "sha256").digest()


def written(secret: bytes) -> str:
    """Return a secret as partners' libraries take it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, message_id: str, sent_at: int, *, body: bytes) -> str:
    """Return the proof of a message: HMAC-SHA256 over its id, its sending time and its body."""
    signed = f"{message_id}.{sent_at}.".encode() + body
    return f"{_VERSION}," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def read_headers(headers: Mapping[str, str], *, now: datetime) -> Signed:
    """Read the headers of a message; raises Unsigned where they are none, Stale where too old.

    The sending time is compared with `now` within five minutes; when the thing itself happened is
    told in the body, and may be hours ago.
    """
    message_id = headers.get("webhook-id", "")
    if not 0 < len(message_id) <= LONGEST_ID or not message_id.isprintable():
        raise Unsigned("Il manque l'en-tête webhook-id (128 signes au plus).")
    if "." in message_id:  # it parts what is signed: two messages could share one proof
        raise Unsigned("L'en-tête webhook-id ne doit pas contenir de point.")
    told = headers.get("webhook-timestamp", "")
    if not (told.isascii() and told.isdigit() and len(told) <= 12):
        raise Unsigned("L'en-tête webhook-timestamp n'est pas une heure en secondes Unix.")
    proofs = tuple(headers.get("webhook-signature", "").split()[:MOST_PROOFS])
    if not proofs:
        raise Unsigned("Il manque l'en-tête webhook-signature.")
    if abs(now.timestamp() - int(told)) > TOLERANCE_S:
        clock = datetime.fromtimestamp(int(now.timestamp()), UTC).isoformat()
        raise Stale(
            "L'heure d'envoi (webhook-timestamp) est à plus de 5 minutes de la nôtre,"
            f" {clock} : signez de nouveau avec l'heure de cet envoi, et le même webhook-id."
        )
    return Signed(message_id, int(told), proofs)


def proves(signed: Signed, secrets: Iterable[bytes], *, body: bytes) -> bool:
    """Tell whether one of the proofs is by one of the secrets; in a time that tells nothing."""
    found = False
    for secret in secrets:
        expected = signature(secret, signed.message_id, signed.sent_at, body=body).encode()
        for proof in signed.proofs:
            found |= hmac.compare_digest(expected, proof.encode())
    return found
