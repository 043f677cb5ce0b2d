"""Signing in: a password (Argon2id), a one-time code where the user has one, a session.

The answer to a wrong name, a wrong password or a wrong code is the same, and takes the same time.
Ten failures lock for a while that grows; it never locks for good, so that nobody can be shut out
of a crisis by another's guesses.
"""

import asyncio
import hashlib
import secrets
import time
from dataclasses import dataclass

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dispatcher.store import users
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.users import Credentials, User

SHORTEST_PASSWORD = 12
TOTP_PERIOD_S = 30
FREE_FAILURES = 3
LONGEST_WAIT_S = 900.0
SEEN_EVERY_S = 60.0
_COMMON = ("motdepasse", "password", "azertyuiop", "qwertyuiop", "123456789")

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex(16))  # an unknown login takes as long as a known one


class SignInRefused(Exception):
    """Not signed in; the sentence says no more than it must."""


class WeakPassword(ValueError):
    """A password that is too easy to guess, said in a sentence."""


@dataclass(frozen=True)
class NewUser:
    """Who is given access, with her first password; `totp_secret` where she uses codes."""

    user: User
    password: str
    totp_secret: str | None = None


async def create_user(ledger: Ledger, new: NewUser, *, by: str, key: bytes) -> None:
    """Create a user, or give one a new password; raises WeakPassword."""
    check_password(new.password, new.user.login)
    digest = await asyncio.to_thread(_hasher.hash, new.password)
    entry = Entry(
        by,
        "access.user",
        f"Accès donné : {new.user.function}",
        {"login": new.user.login, "function": new.user.function},
    )
    await users.put_user(
        ledger,
        new.user,
        password_hash=digest,
        totp_secret=new.totp_secret,
        line=(entry, key),
    )


def check_password(password: str, login: str) -> None:
    """Raise WeakPassword for a short, common or name-bearing password."""
    lowered = password.lower()
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(f"Le mot de passe doit avoir au moins {SHORTEST_PASSWORD} caractères.")
    if login.lower() in lowered or any(common in lowered for common in _COMMON):
        raise WeakPassword("Ce mot de passe est trop facile à deviner : prenez quatre mots.")


async def sign_in(
    ledger: Ledger, *, commune: str, login: str, password: str, code: str = ""
) -> str:
    """Open a session and return its token (256 random bits); raises SignInRefused."""
    found = await users.credentials(ledger, commune, login)
    if found is not None and found.wait_s > 0:
        raise SignInRefused(f"Trop d'essais : attendez {int(found.wait_s) + 1} secondes.")
    digest = found.password_hash if found else _NOBODY
    right = await asyncio.to_thread(_password_matches, digest, password)
    step = _totp_step(found, code) if found else None
    if found is None or not right or (found.totp_secret and step is None):
        if found is not None:
            await users.failed(ledger, commune, login, wait_s=_wait_s(found.failures + 1))
        raise SignInRefused("Identifiant, mot de passe ou code incorrect.")
    token = secrets.token_urlsafe(32)
    opened = await users.open_session(
        ledger, found.user, session_hash=session_hash(token), totp_step=step
    )
    if not opened:
        raise SignInRefused("Identifiant, mot de passe ou code incorrect.")
    return token


async def session_user(ledger: Ledger, token: str) -> User | None:
    """Return who holds this session token, and note that it is in use."""
    digest = session_hash(token)
    user = await users.user_of_session(ledger, digest)
    if user is not None:
        await users.touch_session(ledger, digest, at_most_every_s=SEEN_EVERY_S)
    return user


async def sign_out(ledger: Ledger, token: str) -> None:
    """End a session."""
    await users.revoke_session(ledger, session_hash(token))


def session_hash(token: str) -> str:
    """Return what the ledger keeps of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _password_matches(digest: str, password: str) -> bool:
    try:
        return _hasher.verify(digest, password)
    except (VerificationError, InvalidHashError):
        return False


def _totp_step(found: Credentials, code: str) -> int | None:
    """Return the time step whose code this is, if it was not used before (V6.5.1)."""
    if not found.totp_secret or not code.isdigit():
        return None
    now = int(time.time()) // TOTP_PERIOD_S
    totp = pyotp.TOTP(found.totp_secret)
    for step in (now, now - 1):
        if secrets.compare_digest(totp.at(step * TOTP_PERIOD_S), code):
            return step if step > (found.totp_used or 0) else None
    return None


def _wait_s(failures: int) -> float:
    """Double the wait at each failure after the third, to a quarter of an hour at most."""
    if failures <= FREE_FAILURES:
        return 0.0
    return min(LONGEST_WAIT_S, 2.0 ** (failures - FREE_FAILURES))
