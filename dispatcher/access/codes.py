"""Codes that show who somebody is besides her password: of six digits, and for recovery.

The six digits come from an application that shares a secret with us (RFC 6238, 30 s); the twelve
letters of a recovery code come from a sheet of paper, each serves once.
"""

import hashlib
import hmac
import secrets
import time
from urllib.parse import quote, urlencode

import pyotp

TOTP_PERIOD_S = 30
RECOVERY_CODES = 10
RECOVERY_LENGTH, RECOVERY_GROUP = 12, 4
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0 O 1 I: 60 bits in twelve of them
PENDING_S = 15 * 60.0


def new_secret() -> str:
    """Return a fresh secret of one-time codes, in base 32 (160 bits)."""
    return pyotp.random_base32()


def totp_step(secret: str | None, code: str, *, used: int | None) -> int | None:
    """Return the time step whose code this is, if it was not used before (V6.5.1)."""
    if not secret or not (code.isascii() and code.isdigit()):
        return None
    now = int(time.time()) // TOTP_PERIOD_S
    totp = pyotp.TOTP(secret)
    for step in (now, now - 1):
        if secrets.compare_digest(totp.at(step * TOTP_PERIOD_S), code):
            return step if step > (used or 0) else None
    return None


def totp_address(secret: str, *, login: str, issuer: str) -> str:
    """Return the `otpauth:` address that a picture carries to the application."""
    label = quote(f"{issuer}:{login}", safe="")
    told = urlencode({"secret": secret, "issuer": issuer, "period": TOTP_PERIOD_S, "digits": 6})
    return f"otpauth://totp/{label}?{told}"


def in_groups(text: str, *, size: int = RECOVERY_GROUP, between: str = " ") -> str:
    """Cut a code in groups, as people copy it by hand."""
    return between.join(text[at : at + size] for at in range(0, len(text), size))


def new_recovery_codes() -> list[str]:
    """Return a fresh set of recovery codes, grouped as they are printed."""
    codes = (
        "".join(secrets.choice(LETTERS) for _ in range(RECOVERY_LENGTH))
        for _ in range(RECOVERY_CODES)
    )
    return [in_groups(code, between="-") for code in codes]


def recovery_hash(commune: str, login: str, code: str) -> str | None:
    """Return what the ledger keeps of a recovery code, however it was typed; None if it is none."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    if len(plain) != RECOVERY_LENGTH or not set(plain) <= set(LETTERS):
        return None
    return hashlib.sha256(f"{commune}\n{login}\n{plain}".encode()).hexdigest()


def sealed(key: bytes, *parts: str) -> str:
    """Return the seal of a secret shown to somebody until she gives its first code."""
    return hmac.new(key, "\n".join(("pending", *parts)).encode(), "sha256").hexdigest()


def seal_fits(key: bytes, given: str, *parts: str) -> bool:
    """Tell whether a seal is of these parts."""
    return hmac.compare_digest(sealed(key, *parts).encode(), given.encode())
