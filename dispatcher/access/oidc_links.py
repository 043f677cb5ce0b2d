"""Linking an account at the provider to a user here, undoing it, and keeping a local way in."""

import secrets

from dispatcher.access.oidc_refusals import (
    ALREADY,
    GONE,
    LAST_WAY,
    NOT_LINKED,
    SPENT,
    TAKEN,
    ProviderSignInRefused,
)
from dispatcher.store import identities
from dispatcher.store.identities import Identity, NotLinked, Ways
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.users import User

_WHY = {"taken": TAKEN, "already": ALREADY, "spent": SPENT, "gone": GONE}


async def link(
    ledger: Ledger, user: User, identity: Identity, *, key: bytes, pass_hash: str | None = None
) -> None:
    """Link an identity to a user, by her own act; `key` is the logbook's.

    `pass_hash` is of the pass that allows it where she is not signed in; it is spent. Raises
    ProviderSignInRefused where either has another already, or the pass or the user is gone.
    """
    entry = Entry(
        user.login,
        "access.identity_linked",
        "Compte externe relié",
        {"login": user.login, "issuer": identity.issuer, "by_pass": pass_hash is not None},
    )
    try:
        await identities.link_identity(
            ledger, identity, user, line=(entry, key), pass_hash=pass_hash
        )
    except NotLinked as refused:
        raise ProviderSignInRefused(_WHY[refused.why]) from refused


async def unlink(ledger: Ledger, user: User, *, issuer: str, passkeys: int, key: bytes) -> None:
    """Undo a user's link; raises ProviderSignInRefused where there is none, or no other way in.

    `passkeys` is how many she has.
    """
    ways = await identities.ways_of(ledger, user, issuer=issuer)
    if ways.linked_at is not None and not ways.password and not passkeys:
        raise ProviderSignInRefused(LAST_WAY)
    said = {"login": user.login, "issuer": issuer}
    entry = Entry(user.login, "access.identity_unlinked", "Compte externe délié", said)
    if not await identities.unlink_identity(ledger, user, issuer=issuer, line=(entry, key)):
        raise ProviderSignInRefused(NOT_LINKED)


async def offer(ledger: Ledger, commune: str, login: str, *, by: str, key: bytes) -> str:
    """Give out a pass that links an account to `login` within the hour; return its secret.

    Raises ProviderSignInRefused for a login that nobody has. A newer pass ends an older one.
    """
    secret = secrets.token_urlsafe(24)
    entry = Entry(by, "access.identity_offered", "Lien pour relier un compte", {"login": login})
    if not await identities.offer_pass(ledger, commune, login, secret=secret, line=(entry, key)):
        raise ProviderSignInRefused(GONE)
    return secret


async def ways_in(ledger: Ledger, user: User, *, issuer: str) -> Ways:
    """Return how a user can get in, passkeys aside."""
    return await identities.ways_of(ledger, user, issuer=issuer)


def needs_local_way(ways: Ways, *, passkeys: int) -> bool:
    """Tell whether a linked user could not get in on the day the provider is down.

    A local way is a passkey, or a password with a one-time code.
    """
    return ways.linked_at is not None and not passkeys and not (ways.password and ways.code)
