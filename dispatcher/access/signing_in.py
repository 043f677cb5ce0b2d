"""Signing in by a password (Argon2id) and a code; other ways have files of their own.

The answer to a wrong name, a wrong password or a wrong code is the same, and takes the same time.
Each try is counted before it is judged, by name and place of origin; after three failures the wait
doubles, after ten it is a quarter of an hour, never for good (store/guesses.py).
"""

from dataclasses import dataclass, field

from dispatcher.access.codes import recovery_hash, totp_step
from dispatcher.access.passwords import check_password, hashed, matches
from dispatcher.access.permissions import IN_WORDS
from dispatcher.access.sessions import Opening, SignInRefused, open_for, session_of
from dispatcher.store import factors, users
from dispatcher.store.guesses import Guess, count_guess, forget_guesses
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.sessions import NO_CODES, Codes, Session
from dispatcher.store.users import Credentials, User

COMMUNE_LENGTH, LOGIN_LENGTH = 5, 64

WRONG = "Identifiant, mot de passe ou code incorrect."
TOO_MANY = "Trop d'essais : attendez {seconds} secondes."


@dataclass(frozen=True)
class NewUser:
    """Who is given access, with her first password; `totp_secret` where she uses codes.

    `waived` asks her for no second factor, while nothing of this installation leaves the house.
    """

    user: User
    password: str
    totp_secret: str | None = None
    waived: bool = False


async def create_user(ledger: Ledger, new: NewUser, *, by: str, key: bytes) -> None:
    """Create a user, or give one a new password; raises WeakPassword."""
    check_password(new.password, new.user.login)
    entry = Entry(
        by,
        "access.user",
        f"Accès donné : {IN_WORDS.get(new.user.function, new.user.function)}",
        {"login": new.user.login, "function": new.user.function},
    )
    hers = Credentials(
        new.user, await hashed(new.password), totp_secret=new.totp_secret, waived=new.waived
    )
    await users.put_user(ledger, hers, line=(entry, key))


@dataclass(frozen=True)
class Claim:
    """Who someone says they are, and what they give to show it.

    `source` is where the request comes from (the client's address): failures are counted by name
    and source together. `code` is of six digits, or a recovery code.
    """

    commune: str
    login: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    source: str = ""
    agent: str = ""


async def sign_in(
    ledger: Ledger, *, commune: str, login: str, password: str, code: str = ""
) -> str:
    """Open a session for a claim whose source is not known; see `admit`."""
    return await admit(ledger, Claim(commune, login, password, code))


async def admit(ledger: Ledger, claim: Claim) -> str:
    """Open a session and return its token (256 random bits); raises SignInRefused.

    Who has no second factor yet is let in without: such a session may only add one.
    """
    if not _can_be(claim):
        raise SignInRefused(WRONG)
    guess = Guess(claim.commune, claim.login, claim.source)
    await judge_pace(ledger, guess)
    found = await users.credentials(ledger, claim.commune, claim.login)
    right = await matches(found.password_hash if found else None, claim.password)
    if found is None or not right:
        raise SignInRefused(WRONG)
    codes = await codes_of(ledger, found, claim.code)
    if found.keeps_factor and codes == NO_CODES:
        raise SignInRefused(WRONG)
    opening = Opening(
        "recovery" if codes.recovery_hash else "password",
        source=claim.source,
        agent=claim.agent,
        second=codes != NO_CODES or found.waived,
        codes=codes,
    )
    try:
        token = await open_for(ledger, found.user, opening)
    except SignInRefused as refused:
        raise SignInRefused(WRONG) from refused
    await forget_guesses(ledger, guess)
    return token


async def show_again(
    ledger: Ledger, session: Session, *, code: str, password: str, source: str
) -> Codes:
    """Judge what a signed-in person shows before a grave act; raises SignInRefused.

    Her code counts; her password only where no second factor is asked of her.
    """
    user = session.user
    # Counted by her session: who guesses at her password elsewhere does not keep her from acting.
    guess = Guess(user.commune, f"{user.login}\n{session.ident}", source)
    await judge_pace(ledger, guess)
    found = await users.credentials(ledger, user.commune, user.login)
    if found is None:
        raise SignInRefused(WRONG)
    codes = await codes_of(ledger, found, code)
    waived = found.waived and not found.keeps_factor
    if codes == NO_CODES and not (waived and await matches(found.password_hash, password)):
        raise SignInRefused("Code incorrect : attendez le suivant et recommencez.")
    await forget_guesses(ledger, guess)
    return codes


async def judge_pace(ledger: Ledger, guess: Guess) -> None:
    """Count a try before it is judged; raises SignInRefused with the seconds to wait."""
    to_wait_s = await count_guess(ledger, guess)
    if to_wait_s:
        raise SignInRefused(TOO_MANY.format(seconds=int(to_wait_s) + 1))


async def codes_of(ledger: Ledger, found: Credentials, code: str) -> Codes:
    """Return the code that was shown, if it is one of hers and unused."""
    user = found.user
    step = totp_step(found.totp_secret, code, used=found.totp_used)
    if step is not None:
        return Codes(totp_step=step)
    recovery = recovery_hash(user.commune, user.login, code)
    if recovery and await factors.code_is_hers(
        ledger, user.commune, user.login, code_hash=recovery
    ):
        return Codes(recovery_hash=recovery)
    return NO_CODES


async def session_user(ledger: Ledger, token: str) -> User | None:
    """Return who holds this session token, and note that it is in use."""
    found = await session_of(ledger, token)
    return found.user if found else None


async def disable_user(ledger: Ledger, user: User, *, by: str, key: bytes) -> bool:
    """Take someone's access away, open sessions included; False when there was none."""
    entry = Entry(by, "access.disabled", "Accès retiré", {"login": user.login})
    return await users.disable_user(ledger, user.commune, user.login, line=(entry, key))


def _can_be(claim: Claim) -> bool:
    """Tell whether the ledger could hold such a user: what it cannot hold is never asked of it."""
    fits = len(claim.commune) == COMMUNE_LENGTH and 0 < len(claim.login) <= LOGIN_LENGTH
    return fits and claim.commune.isalnum() and claim.login.isprintable()
