"""What every ceremony of a passkey shares: its errand, its challenge, what a sound answer is.

A ceremony is the standard's word: a browser is given options, and comes back with an answer.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from webauthn import base64url_to_bytes, generate_authentication_options
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from dispatcher.access.challenges import Errand, challenge_for, spent_by
from dispatcher.access.passkey_answers import Expected, Told, Unsound
from dispatcher.access.relying_party import RelyingParty
from dispatcher.store.logbook import Entry
from dispatcher.store.passkeys import Passkey, Spent
from dispatcher.store.users import User
from dispatcher.store.versions import Chained

NOT_ACCEPTED = "Cette clé d'accès n'a pas été acceptée : recommencez, ou entrez autrement."
NO_KEY = "Votre compte n'a pas de clé d'accès : confirmez autrement."
_SENTENCES = {
    "added": "Clé d'accès ajoutée",
    "removed": "Clé d'accès supprimée",
    "suspect": "Clé d'accès peut-être copiée : elle n'ouvre plus rien",
}
TIMEOUT_MS = 120_000  # a security key has to be found in a drawer first


class KeyNotKept(Exception):
    """What cannot be done with one's own keys, said in a sentence."""


@dataclass(frozen=True)
class Browser:
    """Whose answer it is: what ties it to its form, where it comes from, how it calls itself."""

    secret: str = field(repr=False)
    source: str = ""
    agent: str = ""


def errand_of(user: User, purpose: str, *, secret: str) -> Errand:
    """Return an errand of somebody who is signed in."""
    return Errand(purpose, user.commune, user.login, secret)


def challenge(party: RelyingParty, errand: Errand) -> bytes:
    """Return a new challenge for this errand."""
    return challenge_for(party.challenge_key, errand, now_s=time.time())


def spending(party: RelyingParty, errand: Errand, *, told: Told) -> Spent:
    """Return what to spend for an answer; raises Unsound where it answers another errand."""
    spent = spent_by(party.challenge_key, errand, challenge=told.challenge, now_s=time.time())
    if spent is None:
        raise Unsound
    return spent


def expected(party: RelyingParty, told: Told) -> Expected:
    """Return what a sound answer was made for; `spending` judges its challenge."""
    return Expected(party.rp_id, party.origin, told.challenge)


def described(keys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    """Return keys as a browser looks for them."""
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(one.credential_id),
            transports=[AuthenticatorTransport(way) for way in one.transports] or None,
        )
        for one in keys
    ]


def request_for(
    party: RelyingParty, errand: Errand, allowed: list[PublicKeyCredentialDescriptor]
) -> dict[str, Any]:
    """Return what a browser needs to have a key answer this errand, its owner verified."""
    options = generate_authentication_options(
        rp_id=party.rp_id,
        challenge=challenge(party, errand),
        timeout=TIMEOUT_MS,
        allow_credentials=allowed,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def line_of(party: RelyingParty, key: Passkey, *, kind: str) -> Chained:
    """Return the logbook's line of a `kind` of _SENTENCES: whose key, and which, by its hash."""
    data = {"login": key.login, "passkey": key.credential_hash[:12]}
    entry = Entry(key.login, f"access.passkey_{kind}", _SENTENCES[kind], data)
    return Chained(entry, party.logbook_key)
