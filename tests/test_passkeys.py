"""Passkeys: what opens, what does not, and that a refusal never says why."""

import asyncio
import copy
import time
from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import update
from webauthn.helpers import bytes_to_base64url

from dispatcher.access import ceremony
from dispatcher.access.ceremony import NOT_ACCEPTED
from dispatcher.access.challenges import LIFE_S
from dispatcher.access.passkey_doors import (
    Asked,
    begin_sign_in,
    begin_step_up,
    finish_sign_in,
)
from dispatcher.access.passkeys import begin_registration
from dispatcher.access.relying_party import RelyingParty
from dispatcher.access.sessions import SignInRefused
from dispatcher.access.signing_in import (
    NewUser,
    create_user,
    disable_user,
    session_user,
)
from dispatcher.store.passkey_tables import spent_challenges
from dispatcher.store.passkeys import MOST_KEYS, Signed, Spent, Use, passkeys_of, use_passkey
from dispatcher.store.tables import users
from dispatcher.store.users import credentials
from tests.key_holders import (
    ANYBODY,
    COMMUNE,
    HERE,
    KEY,
    MAYOR,
    ORIGIN,
    RP,
    added,
    asked_of,
    counted,
    enter,
    kinds,
    refused,
)
from tests.software_key import BE, BS, UP, UV, Lie, SoftwareKey, broken

pytest_plugins = ("tests.key_party",)


async def test_a_key_signs_its_owner_in_without_a_name(party: RelyingParty) -> None:
    key = await added(party)
    token = await enter(party, key.get(await asked_of(party)))
    assert await session_user(party.ledger, token) == MAYOR
    (kept,) = await passkeys_of(party.ledger, COMMUNE, "claire")
    assert kept.sign_count == 1
    assert kept.used_at is not None
    assert await kinds(party.ledger) == ["access.passkey_added"]


async def test_a_key_signs_its_owner_in_with_her_name(party: RelyingParty) -> None:
    key = await added(party)
    asked = Asked(COMMUNE, "claire")
    options = await asked_of(party, asked)
    assert bytes_to_base64url(key.ident) in [one["id"] for one in options["allowCredentials"]]
    assert await enter(party, key.get(options), asked)


async def test_every_ceremony_asks_that_the_owner_be_verified(party: RelyingParty) -> None:
    await added(party)
    new = await begin_registration(party, MAYOR, secret="s")
    assert new["authenticatorSelection"]["userVerification"] == "required"
    assert new["authenticatorSelection"]["residentKey"] == "preferred"
    assert new["attestation"] == "none"
    assert new["rp"] == {"name": "Tocsin", "id": RP}
    assert len(new["excludeCredentials"]) == 1
    for options in (await asked_of(party), await begin_step_up(party, MAYOR, secret="s")):
        assert options["userVerification"] == "required"
        assert options["rpId"] == RP


@pytest.mark.parametrize(
    "lie",
    [
        Lie(origin="https://tocsin.valombre.example.evil.example"),
        Lie(origin="http://tocsin.valombre.example"),
        Lie(rp_id="evil.example"),
        Lie(flags=UP),
        Lie(flags=UV),
        Lie(kind="webauthn.create"),
        Lie(challenge=b"x" * 56),
        Lie(challenge=b""),
        Lie(user_handle=bytes_to_base64url(b"somebody else")),
        Lie(cross_origin=True),
    ],
    ids=str,
)
async def test_an_answer_that_is_not_for_us_opens_nothing(party: RelyingParty, lie: Lie) -> None:
    key = await added(party)
    assert await refused(party, key.get(await asked_of(party), lie)) == NOT_ACCEPTED


@pytest.mark.parametrize("part", ["signature", "authenticatorData", "clientDataJSON"])
async def test_a_tampered_answer_opens_nothing(party: RelyingParty, part: str) -> None:
    key = await added(party)
    answer = broken(key.get(await asked_of(party)), part)
    assert await refused(party, answer) == NOT_ACCEPTED


async def test_a_challenge_serves_once(party: RelyingParty) -> None:
    key = await added(party)
    answer = key.get(await asked_of(party))
    assert await enter(party, answer)
    with pytest.raises(SignInRefused):
        await enter(party, answer)
    (kept,) = await passkeys_of(party.ledger, COMMUNE, "claire")
    assert kept.suspect_at is None  # a bad network sends twice: that is no copied key
    assert await enter(party, key.get(await asked_of(party)))


async def test_one_answer_sent_many_times_at_once_opens_one_session(party: RelyingParty) -> None:
    key = await added(party)
    answer = key.get(await asked_of(party))
    tries = (
        finish_sign_in(party, ANYBODY, answer=answer, browser=replace(HERE, source=str(n)))
        for n in range(4)
    )
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, str) for one in done) == 1


async def test_a_challenge_dies_after_five_minutes(party: RelyingParty) -> None:
    key = await added(party)
    now = time.time()
    with time_machine.travel(now - LIFE_S + 30, tick=False):
        alive = await asked_of(party)
    with time_machine.travel(now - LIFE_S, tick=False):
        dead = await asked_of(party)
    assert await refused(party, key.get(dead)) == NOT_ACCEPTED
    assert await enter(party, key.get(alive))


async def test_a_challenge_of_another_purpose_person_or_browser_counts_for_nothing(
    party: RelyingParty,
) -> None:
    key = await added(party)
    step_up = await begin_step_up(party, MAYOR, secret=HERE.secret)
    assert await refused(party, key.get(step_up)) == NOT_ACCEPTED
    named = await asked_of(party, Asked(COMMUNE, "jean"))
    assert await refused(party, key.get(named), Asked(COMMUNE, "claire")) == NOT_ACCEPTED
    theirs = await begin_sign_in(party, ANYBODY, secret="cookie of another browser")
    assert await refused(party, key.get(theirs)) == NOT_ACCEPTED


async def test_a_key_does_not_open_another_account(party: RelyingParty) -> None:
    key = await added(party)
    for asked in (Asked(COMMUNE, "jean"), Asked("35047", "claire"), Asked("35047")):
        assert await refused(party, key.get(await asked_of(party, asked)), asked) == NOT_ACCEPTED


async def test_a_key_of_another_installation_is_unknown_here(party: RelyingParty) -> None:
    stranger = SoftwareKey(ORIGIN)
    assert await refused(party, stranger.get(await asked_of(party))) == NOT_ACCEPTED


async def test_a_disabled_user_stays_out(party: RelyingParty) -> None:
    key = await added(party)
    async with party.ledger.writing() as connection:
        await connection.execute(update(users).values(disabled_at=time.time()))
    assert await refused(party, key.get(await asked_of(party))) == NOT_ACCEPTED


async def test_who_is_given_the_login_of_somebody_who_left_is_not_given_her_keys(
    party: RelyingParty,
) -> None:
    key = await added(party)
    await disable_user(party.ledger, MAYOR, by="maire", key=KEY)
    new = NewUser(replace(MAYOR, name="Claire BLANC"), "quatre mots sans rapport")
    await create_user(party.ledger, new, by="maire", key=KEY)
    assert await passkeys_of(party.ledger, COMMUNE, "claire") == []
    assert await refused(party, key.get(await asked_of(party))) == NOT_ACCEPTED


async def test_a_count_that_goes_back_makes_the_key_suspect(party: RelyingParty) -> None:
    key = await added(party)
    copied = copy.copy(key)
    for _ in range(2):
        await enter(party, key.get(await asked_of(party)))
    with pytest.raises(SignInRefused, match="n'a pas été acceptée"):
        await enter(party, copied.get(await asked_of(party)))
    (kept,) = await passkeys_of(party.ledger, COMMUNE, "claire")
    assert kept.suspect_at is not None
    assert (await kinds(party.ledger))[-1] == "access.passkey_suspect"
    with pytest.raises(SignInRefused):  # whoever of the two comes now
        await enter(party, key.get(await asked_of(party)))
    hers = await credentials(party.ledger, COMMUNE, "claire")
    assert getattr(hers, "keeps_factor", False)  # her password alone opens nothing either


async def test_of_two_copies_at_once_none_opens_after_the_first_doubt(party: RelyingParty) -> None:
    await added(party)
    (before,) = await passkeys_of(party.ledger, COMMUNE, "claire")
    line = ceremony.line_of(party, before, kind="suspect")
    ends = []
    for count, challenge in ((5, "a"), (3, "b"), (7, "c")):  # each read the key before the doubt
        spent = Spent(challenge, time.time() + 60)
        signed = Signed(count, backed_up=False)
        ends.append(
            await use_passkey(party.ledger, before, signed=signed, spent=spent, suspect=line)
        )
    assert ends == [Use.OPENED, Use.SUSPECT, Use.REPLAYED]


async def test_who_only_knows_a_keys_id_cannot_make_it_suspect(party: RelyingParty) -> None:
    key = await added(party)
    await enter(party, key.get(await asked_of(party)))
    forger = SoftwareKey(ORIGIN, ident=key.ident, counts=False)
    with pytest.raises(SignInRefused):
        await enter(party, forger.get(await asked_of(party)))
    (kept,) = await passkeys_of(party.ledger, COMMUNE, "claire")
    assert kept.suspect_at is None


async def test_keys_that_do_not_count_serve_again_and_again(party: RelyingParty) -> None:
    key = await added(party, key=SoftwareKey(ORIGIN, counts=False, flags=UP | UV | BE | BS))
    for _ in range(3):
        assert await enter(party, key.get(await asked_of(party)))
    (kept,) = await passkeys_of(party.ledger, COMMUNE, "claire")
    assert kept.backed_up
    assert kept.kind == "synced"


async def test_strangers_write_no_challenge_into_the_ledger(party: RelyingParty) -> None:
    for _ in range(20):
        stranger = SoftwareKey(ORIGIN)
        with pytest.raises(SignInRefused):
            await enter(party, stranger.get(await asked_of(party)))
    assert await counted(party.ledger, spent_challenges) == 0


async def test_spent_challenges_are_swept_once_they_are_old(party: RelyingParty) -> None:
    key = await added(party)
    async with party.ledger.writing() as connection:
        await connection.execute(update(spent_challenges).values(expires_at=time.time() - 3700))
    await enter(party, key.get(await asked_of(party)))
    assert await counted(party.ledger, spent_challenges) == 1


async def test_wrong_answers_wait_and_a_right_one_forgets_them(party: RelyingParty) -> None:
    key = await added(party)
    for _ in range(3):
        await refused(party, broken(key.get(await asked_of(party)), "signature"))
    assert await enter(party, key.get(await asked_of(party)))
    for _ in range(4):
        with pytest.raises(SignInRefused, match="n'a pas été acceptée"):
            await enter(party, broken(key.get(await asked_of(party)), "signature"))
    with pytest.raises(SignInRefused, match="attendez"):
        await enter(party, key.get(await asked_of(party)))
    elsewhere = replace(HERE, source="198.51.100.3")
    answer = key.get(await asked_of(party))
    assert await finish_sign_in(party, ANYBODY, answer=answer, browser=elsewhere)


async def test_a_telephone_that_insists_keeps_no_colleague_waiting(party: RelyingParty) -> None:
    key = await added(party, key=SoftwareKey(ORIGIN, ident=b"a colleague's"))
    removed = SoftwareKey(ORIGIN, ident=b"removed last year")
    said = [await refused(party, removed.get(await asked_of(party))) for _ in range(5)]
    assert "attendez" in said[-1]
    assert await enter(party, key.get(await asked_of(party)))


async def test_an_unknown_key_waits_like_a_known_one(party: RelyingParty) -> None:
    known, unknown = await added(party), SoftwareKey(ORIGIN)
    said = {}
    for key, part in ((known, "signature"), (unknown, "signature")):
        said[key.handle] = [
            await refused(party, broken(key.get(await asked_of(party)), part)) for _ in range(5)
        ]
    first, second = said.values()
    assert first == second
    assert "attendez" in first[-1]


async def test_no_name_tells_by_its_list_of_keys_whether_it_exists(party: RelyingParty) -> None:
    key = await added(party)
    lists = {}
    for login in ("claire", "jean", "personne", "\0", "x" * 300):
        options = await asked_of(party, Asked(COMMUNE, login))
        again = await asked_of(party, Asked(COMMUNE, login))
        assert options["allowCredentials"] == again["allowCredentials"]
        lists[login] = options["allowCredentials"]
    assert {len(one) for one in lists.values()} == {MOST_KEYS}
    assert {frozenset(one) for each in lists.values() for one in each} == {
        frozenset({"id", "type"})
    }
    assert bytes_to_base64url(key.ident) in {one["id"] for one in lists["claire"]}
