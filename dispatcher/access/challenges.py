"""Challenges of passkeys: signed notes that the ledger does not know before they have served.

Whoever opens the sign-in page is given a challenge. Kept in a table, each would let strangers fill
it; so a challenge carries its own end, and a signature over what it is for: the purpose, the
account, and the browser it was given to (the secret of its cookie). Only once a key of ours has
signed it is one row written, in the transaction that it allows, so that it never serves again
(store/passkeys.py): the table grows with real sign-ins alone.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from dispatcher.store.logbook import canonical
from dispatcher.store.passkeys import Spent

LIFE_S = 300
_NONCE, _END, _SIGNATURE = 16, 8, 32


@dataclass(frozen=True)
class Errand:
    """What a challenge is for; `login` is empty where any account may answer.

    `secret` is the cookie of the browser that asked: another browser's answer does not count.
    """

    purpose: str  # register | sign_in | step_up
    commune: str
    login: str
    secret: str = field(repr=False)


def challenge_for(key: bytes, errand: Errand, *, now_s: float) -> bytes:
    """Return a new challenge, good for LIFE_S seconds."""
    note = secrets.token_bytes(_NONCE) + int(now_s + LIFE_S).to_bytes(_END, "big")
    return note + _signature(key, errand, note)


def spent_by(key: bytes, errand: Errand, *, challenge: bytes, now_s: float) -> Spent | None:
    """Return what to spend for this challenge; None where it is old, or not for this errand."""
    note, signature = challenge[:-_SIGNATURE], challenge[-_SIGNATURE:]
    if len(note) != _NONCE + _END:
        return None
    if not hmac.compare_digest(signature, _signature(key, errand, note)):
        return None
    expires_at = int.from_bytes(note[_NONCE:], "big")
    if now_s >= expires_at:
        return None
    return Spent(hashlib.sha256(challenge).hexdigest(), float(expires_at))


def _signature(key: bytes, errand: Errand, note: bytes) -> bytes:
    """Sign a note; lengths cannot be shifted between the parts, since they are JSON."""
    told = canonical({**vars(errand), "note": note.hex()})
    return hmac.new(key, b"passkey challenge\n" + told, "sha256").digest()
