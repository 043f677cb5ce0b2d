"""Sessions: opened for who showed herself, confirmed again before a grave act, ended."""

import hashlib
import secrets
import time
from dataclasses import dataclass

from dispatcher.store import sessions
from dispatcher.store.ledger import Ledger
from dispatcher.store.sessions import NO_CODES, Codes, NewSession, Session
from dispatcher.store.users import User
from dispatcher.store.versions import Chained

SEEN_EVERY_S = 60.0
CONFIRMED_S = 5 * 60.0  # a second factor shown that recently covers a grave act
FILLED_IN_S = 15 * 60.0  # … and the form that was opened under it
AGENT_LENGTH = 200


class SignInRefused(Exception):
    """Not signed in; the sentence says no more than it must."""


@dataclass(frozen=True)
class Opening:
    """How somebody showed who she is: password, passkey, oidc, recovery; from where, with what."""

    method: str
    source: str = ""
    agent: str = ""
    second: bool = True
    codes: Codes = NO_CODES


async def open_for(
    ledger: Ledger, user: User, opening: Opening, *, line: Chained | None = None
) -> str:
    """Open a session and return its token (256 random bits); raises SignInRefused.

    Refused where she lost her access meanwhile, or another sign-in used the same code first.
    """
    token = secrets.token_urlsafe(32)
    new = NewSession(
        ident=secrets.token_hex(8),
        digest=session_hash(token),
        method=opening.method,
        second=opening.second,
        source=opening.source,
        agent=opening.agent[:AGENT_LENGTH],
        codes=opening.codes,
    )
    if not await sessions.open_session(ledger, user, new, line=line):
        raise SignInRefused("Ce code a déjà servi, ou cet accès a été retiré.")
    return token


async def session_of(ledger: Ledger, token: str, *, follows: bool = False) -> Session | None:
    """Return the live session of this token, and note that it is in use.

    A part of a page that asks again by itself only `follows`: nobody need be there.
    """
    found = await sessions.session_of(ledger, session_hash(token)) if token else None
    if found is not None:
        await sessions.touch(
            ledger, found.user.commune, found.ident, at_most_every_s=SEEN_EVERY_S, follows=follows
        )
    return found


async def stepped_up(ledger: Ledger, session: Session, *, codes: Codes = NO_CODES) -> str:
    """Note that a second factor was shown again; return the session's new token.

    The old one opens nothing any more (SECURITY T17). Raises SignInRefused for a used code.
    """
    token = secrets.token_urlsafe(32)
    if not await sessions.confirm(ledger, session, digest=session_hash(token), codes=codes):
        raise SignInRefused("Ce code a déjà servi : attendez le suivant.")
    return token


def confirmed(session: Session, *, within_s: float = CONFIRMED_S) -> bool:
    """Tell whether a second factor was shown recently enough for a grave act."""
    return (session.confirmed_at or 0.0) > time.time() - within_s


async def sign_out(ledger: Ledger, token: str) -> None:
    """End a session."""
    found = await sessions.session_of(ledger, session_hash(token))
    if found is not None:
        await sessions.end_session(ledger, found.user.commune, found.user.login, found.ident)


def session_hash(token: str) -> str:
    """Return what the ledger keeps of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()
