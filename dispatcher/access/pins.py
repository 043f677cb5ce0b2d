"""The personal code for a decision by telephone: six digits, kept as a hash (Argon2id)."""

from dispatcher.access.passwords import WeakPassword, hashed
from dispatcher.store import phone_approvals
from dispatcher.store.ledger import Ledger
from dispatcher.store.versions import Chained

PIN_DIGITS = 6
_ROWS = ("0123456789", "9876543210", "1234567890")


def check_pin(pin: str) -> None:
    """Raise WeakPassword for what is no six digits, or too easy to guess."""
    if not (pin.isascii() and pin.isdigit() and len(pin) == PIN_DIGITS):
        raise WeakPassword("Le code pour le téléphone a six chiffres.")
    repeats = len(set(pin)) < 3 or pin[:3] == pin[3:]
    if repeats or any(pin in row for row in _ROWS):
        raise WeakPassword("Ce code est trop facile à deviner : prenez six chiffres au hasard.")


async def keep_pin(ledger: Ledger, commune: str, login: str, *, pin: str, line: Chained) -> None:
    """Keep a user's code for the telephone; raises WeakPassword."""
    check_pin(pin)
    digest = await hashed(pin)
    await phone_approvals.keep_pin(ledger, commune, login, digest=digest, line=line)
