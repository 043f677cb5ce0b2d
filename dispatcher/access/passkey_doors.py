"""Signing in by a passkey, and confirming by one that it is still her.

A refused answer says the same whatever was wrong, and an unknown key goes the way of a known one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webauthn import base64url_to_bytes
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from dispatcher.access import ceremony
from dispatcher.access import passkey_answers as answers
from dispatcher.access.ceremony import NO_KEY, NOT_ACCEPTED, Browser, KeyNotKept
from dispatcher.access.challenges import Errand
from dispatcher.access.passkey_answers import Told, Unsound
from dispatcher.access.relying_party import RelyingParty
from dispatcher.access.sessions import Opening, SignInRefused, open_for, stepped_up
from dispatcher.access.signing_in import COMMUNE_LENGTH, LOGIN_LENGTH, judge_pace
from dispatcher.store import passkeys as store
from dispatcher.store.guesses import Guess, forget_guesses
from dispatcher.store.passkeys import MOST_KEYS, Use
from dispatcher.store.sessions import Session
from dispatcher.store.users import User

# An unknown key is judged by the key of nobody: it takes as long as a known one.
_NOBODY = answers.nobodys_key(), User("", "", "", "")


@dataclass(frozen=True)
class Asked:
    """For whom a sign-in was begun; both may be empty: a key knows its account."""

    commune: str = ""
    login: str = ""

    @property
    def can_be(self) -> bool:
        """Whether the ledger could hold such a user: it is never asked for another."""
        fits = len(self.commune) == COMMUNE_LENGTH and 0 < len(self.login) <= LOGIN_LENGTH
        return fits and self.commune.isalnum() and self.login.isprintable()


async def begin_sign_in(party: RelyingParty, asked: Asked, *, secret: str) -> dict[str, Any]:
    """Return what a browser needs to sign in with a key; `secret` is its cookie's.

    Without a name the browser offers the keys that it knows. With one, keys that remember no
    account can answer too; the list is as long for every name, real or not, so that nobody learns
    from it who has an account.
    """
    allowed: list[PublicKeyCredentialDescriptor] = []
    if asked.login:
        held = []
        if asked.can_be:
            held = await store.passkeys_of(party.ledger, asked.commune, asked.login)
        real = [base64url_to_bytes(one.credential_id) for one in held if one.suspect_at is None]
        made_up = [
            answers.imaginary(party.challenge_key, asked.login, number=number)
            for number in range(MOST_KEYS - len(real))
        ]
        allowed = [PublicKeyCredentialDescriptor(id=one) for one in sorted(real + made_up)]
    errand = Errand("sign_in", asked.commune, asked.login, secret)
    return ceremony.request_for(party, errand, allowed)


async def finish_sign_in(
    party: RelyingParty, asked: Asked, *, answer: Mapping[str, Any], browser: Browser
) -> str:
    """Open a session for whom the key belongs to, and return its token; raises SignInRefused."""
    told, guess = await _counted(party, answer, browser=browser)
    errand = Errand("sign_in", asked.commune, asked.login, browser.secret)
    user = await _opened_by(party, errand, answer=answer, told=told)
    token = await open_for(
        party.ledger, user, Opening("passkey", source=browser.source, agent=browser.agent)
    )
    await forget_guesses(party.ledger, guess)
    return token


async def begin_step_up(party: RelyingParty, user: User, *, secret: str) -> dict[str, Any]:
    """Return what a browser needs to confirm who is signed in; raises KeyNotKept without a key."""
    held = await store.passkeys_of(party.ledger, user.commune, user.login)
    sound = [one for one in held if one.suspect_at is None]
    if not sound:
        raise KeyNotKept(NO_KEY)
    errand = ceremony.errand_of(user, "step_up", secret=secret)
    return ceremony.request_for(party, errand, ceremony.described(sound))


async def finish_step_up(
    party: RelyingParty, session: Session, *, answer: Mapping[str, Any], browser: Browser
) -> str:
    """Note that who is signed in showed it again, and return her session's new token.

    Raises SignInRefused, for another person's key too.
    """
    told, guess = await _counted(party, answer, browser=browser)
    errand = ceremony.errand_of(session.user, "step_up", secret=browser.secret)
    await _opened_by(party, errand, answer=answer, told=told)
    token = await stepped_up(party.ledger, session)
    await forget_guesses(party.ledger, guess)
    return token


async def _counted(
    party: RelyingParty, answer: Mapping[str, Any], *, browser: Browser
) -> tuple[Told, Guess]:
    """Count a try before it is judged, as those with a password are; raises SignInRefused.

    By source, and by one in 256 of all keys: a colleague's telephone that insists with a key that
    was removed keeps nobody else of the town hall waiting.
    """
    try:
        told = answers.told(answer)
        which = answers.credential_hash(told.credential_id)[:2]
    except Unsound:
        told, which = Told("", b"", ""), ""
    guess = Guess("", f"\npasskey {which}", browser.source)  # no login holds a new line
    await judge_pace(party.ledger, guess)
    return told, guess


async def _opened_by(
    party: RelyingParty, errand: Errand, *, answer: Mapping[str, Any], told: Told
) -> User:
    """Return whose key answered this errand, its challenge spent; raises SignInRefused."""
    found = await store.owner_of(party.ledger, answers.credential_hash(told.credential_id))
    key, user = found or _NOBODY
    try:
        spent = ceremony.spending(party, errand, told=told)
        signed = answers.signed(answer, ceremony.expected(party, told), key)
    except Unsound as error:
        raise SignInRefused(NOT_ACCEPTED) from error
    if found is None or not _fits(user, errand, told=told):
        raise SignInRefused(NOT_ACCEPTED)
    suspect = ceremony.line_of(party, key, kind="suspect")
    used = await store.use_passkey(party.ledger, key, signed=signed, spent=spent, suspect=suspect)
    if used is not Use.OPENED:
        raise SignInRefused(NOT_ACCEPTED)
    return user


def _fits(user: User, errand: Errand, *, told: Told) -> bool:
    """Tell whether this person may run this errand, and is whom the key says."""
    handle = answers.handle_of(user)
    named = not told.user_handle or base64url_to_bytes(told.user_handle) == handle
    asked = errand.commune in ("", user.commune) and errand.login in ("", user.login)
    return named and asked
