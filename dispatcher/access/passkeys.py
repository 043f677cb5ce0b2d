"""One's own passkeys: added while signed in, renamed, removed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from webauthn import generate_registration_options
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from dispatcher.access import ceremony
from dispatcher.access import passkey_answers as answers
from dispatcher.access.ceremony import NOT_ACCEPTED, KeyNotKept
from dispatcher.access.passkey_answers import Unsound
from dispatcher.access.relying_party import RelyingParty
from dispatcher.access.sessions import SignInRefused
from dispatcher.store import passkeys as store
from dispatcher.store.passkeys import MOST_KEYS, Addition, Passkey
from dispatcher.store.users import User

LONGEST_LABEL = 60
GONE = "Cette clé d'accès n'est plus dans la liste : rechargez la page."
LAST = (
    "C'est la seule seconde preuve de votre compte : ajoutez d'abord une autre clé d'accès, ou une"
    " application de codes."
)
ADDITION = {
    Addition.REPLAYED: NOT_ACCEPTED,
    Addition.KNOWN: "Cette clé d'accès est déjà enregistrée.",
    Addition.TOO_MANY: f"Un compte a au plus {MOST_KEYS} clés d'accès : supprimez-en une d'abord.",
}


async def begin_registration(party: RelyingParty, user: User, *, secret: str) -> dict[str, Any]:
    """Return what a browser needs to make a new key; raises KeyNotKept at MOST_KEYS.

    `secret` is the session's id: the answer must come back in it.
    """
    held = await store.passkeys_of(party.ledger, user.commune, user.login)
    if len(held) >= MOST_KEYS:
        raise KeyNotKept(ADDITION[Addition.TOO_MANY])
    # One installation may hold the same name in two communes: the list of a telephone tells them.
    shown = user.login if party.commune else f"{user.login} ({user.commune})"
    options = generate_registration_options(
        rp_id=party.rp_id,
        rp_name="Tocsin",
        user_id=answers.handle_of(user),
        user_name=shown,
        user_display_name=user.name or shown,
        challenge=ceremony.challenge(party, ceremony.errand_of(user, "register", secret=secret)),
        timeout=ceremony.TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=ceremony.described(held),
    )
    return options_to_json_dict(options)


async def finish_registration(
    party: RelyingParty, user: User, *, answer: Mapping[str, Any], secret: str, label: str = ""
) -> Passkey:
    """Keep the key that a browser made; raises SignInRefused or KeyNotKept."""
    try:
        told = answers.told(answer)
        errand = ceremony.errand_of(user, "register", secret=secret)
        spent = ceremony.spending(party, errand, told=told)
        key = answers.registered(answer, ceremony.expected(party, told))
    except Unsound as error:
        raise SignInRefused(NOT_ACCEPTED) from error
    mine = replace(key, commune=user.commune, login=user.login, label=_label(label))
    line = ceremony.line_of(party, mine, kind="added")
    done = await store.add_passkey(party.ledger, mine, spent=spent, line=line)
    if done is not Addition.ADDED:
        raise KeyNotKept(ADDITION[done])
    return mine


async def rename(party: RelyingParty, user: User, *, credential_hash: str, label: str) -> None:
    """Call one of one's keys otherwise; raises KeyNotKept when it is gone."""
    key = await _own(party, user, credential_hash)
    await store.rename_passkey(party.ledger, key, _label(label))


async def remove(party: RelyingParty, user: User, *, credential_hash: str, others: int) -> None:
    """Forget one of one's keys; raises KeyNotKept for the last second factor of the account.

    `others` is how many second factors the account has besides passkeys.
    """
    key = await _own(party, user, credential_hash)
    line = ceremony.line_of(party, key, kind="removed")
    if not await store.remove_passkey(party.ledger, key, others=others, line=line):
        raise KeyNotKept(LAST)


async def _own(party: RelyingParty, user: User, credential_hash: str) -> Passkey:
    held = await store.passkeys_of(party.ledger, user.commune, user.login)
    mine = [one for one in held if one.credential_hash == credential_hash]
    if not mine:
        raise KeyNotKept(GONE)
    return mine[0]


def _label(given: str) -> str:
    """Return a label on one line, as long as the page shows."""
    printable = "".join(one if one.isprintable() else " " for one in given)
    return " ".join(printable.split())[:LONGEST_LABEL]
