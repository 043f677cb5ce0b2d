"""Passwords: how they are judged, hashed (Argon2id) and compared."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dispatcher.sentences import Sentence

SHORTEST_PASSWORD = 12
SHORTEST_OF_ADMINISTRATORS = 16  # who gives access to others (ANSSI's figures, SECURITY T18)
_COMMON = ("motdepasse", "password", "azertyuiop", "qwertyuiop", "123456789")

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex(16))  # an unknown login takes as long as a known one


class WeakPassword(Sentence, ValueError):
    """A password that is too easy to guess, said in a sentence."""


def check_password(password: str, login: str, *, shortest: int = SHORTEST_PASSWORD) -> None:
    """Raise WeakPassword for a short, common or name-bearing password."""
    lowered = password.lower()
    if len(password) < shortest:
        raise WeakPassword(
            "Le mot de passe doit avoir au moins {shortest} caractères.", shortest=shortest
        )
    if login.lower() in lowered or any(common in lowered for common in _COMMON):
        raise WeakPassword("Ce mot de passe est trop facile à deviner : prenez quatre mots.")
    if len(set(password)) < SHORTEST_PASSWORD // 2:
        raise WeakPassword("Ce mot de passe se répète : prenez quatre mots.")


async def hashed(password: str) -> str:
    """Return the hash to keep, computed aside: it takes a while on purpose."""
    return await asyncio.to_thread(_hasher.hash, password)


async def matches(digest: str | None, password: str) -> bool:
    """Tell whether this is the password; without a hash it takes as long, and never is."""
    right = await asyncio.to_thread(_matches, digest or _NOBODY, password)
    return right and bool(digest)


def _matches(digest: str, password: str) -> bool:
    try:
        return _hasher.verify(digest, password)
    except (VerificationError, InvalidHashError):
        return False
