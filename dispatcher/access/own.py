"""What somebody changes about her own access: her codes, her password."""

from dispatcher.access.codes import new_recovery_codes, recovery_hash, totp_step
from dispatcher.access.passwords import (
    SHORTEST_OF_ADMINISTRATORS,
    SHORTEST_PASSWORD,
    check_password,
    hashed,
)
from dispatcher.access.permissions import allowed
from dispatcher.access.sessions import FILLED_IN_S, confirmed
from dispatcher.store import factors
from dispatcher.store.ledger import Ledger
from dispatcher.store.sessions import Session
from dispatcher.store.versions import Chained

REPLACING = "Vous avez déjà un second facteur : confirmez d'abord avec lui."
WRONG_CODE = (
    "Ce code n'est pas le bon : attendez le suivant, et vérifiez l'heure de votre téléphone."
)


class NotShown(Exception):
    """What should prove the change was not given or is wrong; a sentence."""


async def keep_secret(
    ledger: Ledger, session: Session, secret: str, *, code: str, line: Chained
) -> None:
    """Keep a secret of one-time codes once its owner shows its code. Raises NotShown.

    Who has a second factor already shows it first: an open screen left alone changes nothing.
    """
    if session.factor == "kept" and not confirmed(session, within_s=FILLED_IN_S):
        raise NotShown(REPLACING)
    step = totp_step(secret, code, used=None)
    if step is None:
        raise NotShown(WRONG_CODE)
    if not await factors.keep_totp(ledger, session, secret=secret, step=step, line=line):
        raise NotShown("Votre accès vient d'être retiré : voyez avec un administrateur.")


async def renew_codes(ledger: Ledger, session: Session, *, line: Chained) -> list[str]:
    """Make a fresh set of recovery codes, shown this once; the former ones serve no more."""
    user = session.user
    codes = new_recovery_codes()
    hashes = [recovery_hash(user.commune, user.login, one) or "" for one in codes]
    await factors.put_codes(ledger, session, hashes, line=line)
    return codes


async def change_password(
    ledger: Ledger, session: Session, password: str, *, line: Chained
) -> None:
    """Keep a new password; the other sessions end. Raises WeakPassword."""
    manages = allowed(session.user.function, "access.manage")
    shortest = SHORTEST_OF_ADMINISTRATORS if manages else SHORTEST_PASSWORD
    check_password(password, session.user.login, shortest=shortest)
    await factors.keep_password(ledger, session, password_hash=await hashed(password), line=line)
