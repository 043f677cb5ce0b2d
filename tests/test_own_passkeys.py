"""One's own passkeys: added, named, removed, and used to confirm who one is."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update
from webauthn.helpers import bytes_to_base64url

from dispatcher.access import passkey_answers
from dispatcher.access.ceremony import KeyNotKept
from dispatcher.access.passkey_doors import (
    begin_step_up,
    finish_step_up,
)
from dispatcher.access.passkeys import begin_registration, finish_registration, remove, rename
from dispatcher.access.relying_party import RelyingParty
from dispatcher.access.sessions import SignInRefused, confirmed, session_of
from dispatcher.access.signing_in import Claim, NewUser, admit, create_user
from dispatcher.store import logbook
from dispatcher.store.passkey_tables import passkeys
from dispatcher.store.passkeys import MOST_KEYS, passkeys_of
from dispatcher.store.tables import sessions
from tests.key_holders import (
    COMMUNE,
    DEPUTY,
    ELSEWHERE,
    HERE,
    KEY,
    MAYOR,
    ORIGIN,
    added,
    asked_of,
    counted,
    enter,
    kinds,
)
from tests.software_key import UP, Lie, SoftwareKey

pytest_plugins = ("tests.key_party",)


@pytest.mark.parametrize(
    "lie",
    [
        Lie(origin="https://evil.example"),
        Lie(rp_id="evil.example"),
        Lie(flags=UP),
        Lie(kind="webauthn.get"),
        Lie(challenge=b"x" * 56),
        Lie(cross_origin=True),
    ],
    ids=str,
)
async def test_a_new_key_that_is_not_for_us_is_not_kept(party: RelyingParty, lie: Lie) -> None:
    options = await begin_registration(party, MAYOR, secret="session")
    answer = SoftwareKey(ORIGIN).create(options, lie)
    with pytest.raises(SignInRefused, match="n'a pas été acceptée"):
        await finish_registration(party, MAYOR, answer=answer, secret="session")
    assert await counted(party.ledger, passkeys) == 0


async def test_a_key_made_for_one_account_is_not_kept_by_another(party: RelyingParty) -> None:
    options = await begin_registration(party, MAYOR, secret="session")
    answer = SoftwareKey(ORIGIN).create(options)
    for user, secret in ((DEPUTY, "session"), (ELSEWHERE, "session"), (MAYOR, "other session")):
        with pytest.raises(SignInRefused):
            await finish_registration(party, user, answer=answer, secret=secret)
    assert await counted(party.ledger, passkeys) == 0


async def test_confirming_counts_for_the_one_who_is_signed_in_alone(party: RelyingParty) -> None:
    mine, theirs = await added(party), await added(party, DEPUTY)
    token = await enter(party, mine.get(await asked_of(party)))
    async with party.ledger.writing() as connection:
        await connection.execute(update(sessions).values(confirmed_at=1.0))
    session = await session_of(party.ledger, token)
    assert session is not None
    browser = replace(HERE, secret=session.ident)
    options = await begin_step_up(party, MAYOR, secret=session.ident)
    for wrong in (theirs.get(options), mine.get(await asked_of(party))):
        with pytest.raises(SignInRefused, match="n'a pas été acceptée"):
            await finish_step_up(party, session, answer=wrong, browser=browser)
    unchanged = await session_of(party.ledger, token)
    assert unchanged is not None
    assert not confirmed(unchanged)
    new = await finish_step_up(party, session, answer=mine.get(options), browser=browser)
    assert await session_of(party.ledger, token) is None
    now = await session_of(party.ledger, new)
    assert now is not None
    assert confirmed(now)
    with pytest.raises(KeyNotKept, match="n'a pas de clé d'accès"):
        await begin_step_up(party, ELSEWHERE, secret="session")


async def test_a_key_is_a_second_factor_so_a_password_alone_opens_no_more(
    party: RelyingParty,
) -> None:
    new = NewUser(MAYOR, "quatre mots sans rapport", waived=True)
    await create_user(party.ledger, new, by="maire", key=KEY)
    claim = Claim(COMMUNE, "claire", "quatre mots sans rapport")
    assert await admit(party.ledger, claim)
    key = await added(party)
    with pytest.raises(SignInRefused):
        await admit(party.ledger, claim)
    found = await session_of(party.ledger, await enter(party, key.get(await asked_of(party))))
    assert found is not None
    assert (found.method, found.factor) == ("passkey", "kept")
    assert confirmed(found)


async def test_an_account_has_ten_keys_at_most(party: RelyingParty) -> None:
    options = await begin_registration(party, MAYOR, secret="session")
    late = SoftwareKey(ORIGIN).create(options)
    for _ in range(MOST_KEYS):
        await added(party)
    with pytest.raises(KeyNotKept, match="au plus 10"):
        await begin_registration(party, MAYOR, secret="session")
    with pytest.raises(KeyNotKept, match="au plus 10"):
        await finish_registration(party, MAYOR, answer=late, secret="session")


async def test_a_key_opens_one_account_of_the_installation(party: RelyingParty) -> None:
    key = await added(party)
    options = await begin_registration(party, ELSEWHERE, secret="session")
    with pytest.raises(KeyNotKept, match="déjà enregistrée"):
        await finish_registration(party, ELSEWHERE, answer=key.create(options), secret="session")


async def test_a_label_is_one_short_line(party: RelyingParty) -> None:
    key = await added(party)
    ident = passkey_answers.credential_hash(bytes_to_base64url(key.ident))
    label = "Mon\n téléphone\0" + "x" * 100
    await rename(party, MAYOR, credential_hash=ident, label=label)
    (kept,) = await passkeys_of(party.ledger, COMMUNE, "claire")
    assert kept.label.startswith("Mon téléphone x")
    assert len(kept.label) == 60
    with pytest.raises(KeyNotKept):
        await rename(party, DEPUTY, credential_hash=ident, label="à moi")


async def test_the_last_second_factor_is_not_removed(party: RelyingParty) -> None:
    await added(party)
    (kept,) = await passkeys_of(party.ledger, COMMUNE, "claire")
    with pytest.raises(KeyNotKept, match="seule seconde preuve"):
        await remove(party, MAYOR, credential_hash=kept.credential_hash, others=0)
    with pytest.raises(KeyNotKept, match="plus dans la liste"):
        await remove(party, DEPUTY, credential_hash=kept.credential_hash, others=1)
    await remove(party, MAYOR, credential_hash=kept.credential_hash, others=1)
    assert await passkeys_of(party.ledger, COMMUNE, "claire") == []
    assert (await kinds(party.ledger))[-1] == "access.passkey_removed"


async def test_of_all_keys_removed_at_once_one_stays(party: RelyingParty) -> None:
    for _ in range(6):
        await added(party)
    held = await passkeys_of(party.ledger, COMMUNE, "claire")
    tries = (remove(party, MAYOR, credential_hash=one.credential_hash, others=0) for one in held)
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["KeyNotKept", *["NoneType"] * 5]


async def test_keys_added_at_once_are_ten_at_most(party: RelyingParty) -> None:
    for _ in range(MOST_KEYS - 2):
        await added(party)
    options = [await begin_registration(party, MAYOR, secret="session") for _ in range(6)]
    tries = (
        finish_registration(party, MAYOR, answer=SoftwareKey(ORIGIN).create(one), secret="session")
        for one in options
    )
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, KeyNotKept) for one in done) == 4


async def test_a_suspect_key_is_no_factor_and_may_always_go(party: RelyingParty) -> None:
    await added(party)
    await added(party)
    suspect, sound = await passkeys_of(party.ledger, COMMUNE, "claire")
    async with party.ledger.writing() as connection:
        which = passkeys.c.credential_hash == suspect.credential_hash
        await connection.execute(update(passkeys).where(which).values(suspect_at=1.0))
    with pytest.raises(KeyNotKept):
        await remove(party, MAYOR, credential_hash=sound.credential_hash, others=0)
    await remove(party, MAYOR, credential_hash=suspect.credential_hash, others=0)
    assert [one.credential_hash for one in await passkeys_of(party.ledger, COMMUNE, "claire")] == [
        sound.credential_hash
    ]


async def test_the_logbook_tells_of_keys_by_their_hash_alone(party: RelyingParty) -> None:
    key = await added(party)
    (line,) = [one for one in await logbook.read(party.ledger, COMMUNE) if "passkey" in one.kind]
    assert line.data["login"] == "claire"
    assert bytes_to_base64url(key.ident) not in repr(line)
