"""Signing in: a password (Argon2id), a one-time code where the user has one, a session.

The answer to a wrong name, a wrong password or a wrong code is the same, and takes the same time.
Each try is counted before it is judged, by name and place of origin; after three failures the wait
doubles, after ten it is a quarter of an hour, never for good (store/guesses.py).
"""

import asyncio
import hashlib
import secrets
import time
from dataclasses import dataclass, field

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dispatcher.store import users
from dispatcher.store.guesses import Guess, count_guess, forget_guesses
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.users import Credentials, User

SHORTEST_PASSWORD = 12
COMMUNE_LENGTH, LOGIN_LENGTH = 5, 64
TOTP_PERIOD_S = 30
SEEN_EVERY_S = 60.0
_COMMON = ("motdepasse", "password", "azertyuiop", "qwertyuiop", "123456789")

_WRONG = "Identifiant, mot de passe ou code incorrect."

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


@dataclass(frozen=True)
class Claim:
    """Who someone says they are, and what they give to show it.

    `source` is where the request comes from (the client's address): failures are counted by name
    and source together.
    """

    commune: str
    login: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    source: str = ""


async def sign_in(
    ledger: Ledger, *, commune: str, login: str, password: str, code: str = ""
) -> str:
    """Open a session for a claim whose source is not known; see `admit`."""
    return await admit(ledger, Claim(commune, login, password, code))


async def admit(ledger: Ledger, claim: Claim) -> str:
    """Open a session and return its token (256 random bits); raises SignInRefused."""
    if not _can_be(claim):
        raise SignInRefused(_WRONG)
    guess = Guess(claim.commune, claim.login, claim.source)
    to_wait_s = await count_guess(ledger, guess)
    if to_wait_s:
        raise SignInRefused(f"Trop d'essais : attendez {int(to_wait_s) + 1} secondes.")
    found = await users.credentials(ledger, claim.commune, claim.login)
    digest = found.password_hash if found else _NOBODY
    right = await asyncio.to_thread(_password_matches, digest, claim.password)
    step = _totp_step(found, claim.code) if found else None
    if found is None or not right or (found.totp_secret and step is None):
        raise SignInRefused(_WRONG)
    token = secrets.token_urlsafe(32)
    opened = await users.open_session(
        ledger, found.user, session_hash=session_hash(token), totp_step=step
    )
    if not opened:
        raise SignInRefused(_WRONG)
    await forget_guesses(ledger, guess)
    return token


async def session_user(ledger: Ledger, token: str) -> User | None:
    """Return who holds this session token, and note that it is in use."""
    digest = session_hash(token)
    user = await users.user_of_session(ledger, digest)
    if user is not None:
        await users.touch_session(ledger, digest, at_most_every_s=SEEN_EVERY_S)
    return user


async def disable_user(ledger: Ledger, user: User, *, by: str, key: bytes) -> bool:
    """Take someone's access away, open sessions included; False when there was none."""
    entry = Entry(by, "access.disabled", "Accès retiré", {"login": user.login})
    return await users.disable_user(ledger, user.commune, user.login, line=(entry, key))


async def sign_out(ledger: Ledger, token: str) -> None:
    """End a session."""
    await users.revoke_session(ledger, session_hash(token))


def session_hash(token: str) -> str:
    """Return what the ledger keeps of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _can_be(claim: Claim) -> bool:
    """Tell whether the ledger could hold such a user: what it cannot hold is never asked of it."""
    fits = len(claim.commune) == COMMUNE_LENGTH and 0 < len(claim.login) <= LOGIN_LENGTH
    return fits and claim.commune.isalnum() and claim.login.isprintable()


def _password_matches(digest: str, password: str) -> bool:
    try:
        return _hasher.verify(digest, password)
    except (VerificationError, InvalidHashError):
        return False


def _totp_step(found: Credentials, code: str) -> int | None:
    """Return the time step whose code this is, if it was not used before (V6.5.1)."""
    if not found.totp_secret or not (code.isascii() and code.isdigit()):
        return None
    now = int(time.time()) // TOTP_PERIOD_S
    totp = pyotp.TOTP(found.totp_secret)
    for step in (now, now - 1):
        if secrets.compare_digest(totp.at(step * TOTP_PERIOD_S), code):
            return step if step > (found.totp_used or 0) else None
    return None
