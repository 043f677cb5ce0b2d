"""Signing in by a provider: whom it lets in, once, in the browser that began it."""

import asyncio
import base64
import hashlib
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from sqlalchemy import update

from dispatcher.access import oidc_leaving
from dispatcher.access import oidc_refusals as words
from dispatcher.access.oidc import Back, CodeAsked, Entered, come_back
from dispatcher.access.oidc_code import enter_with_code
from dispatcher.access.oidc_leaving import to_sign_in
from dispatcher.access.oidc_refusals import ProviderDown
from dispatcher.access.signing_in import disable_user, session_user
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import users
from dispatcher.store.users import User
from tests.oidc_pretender import (
    BROWSER,
    COMMUNE,
    KEY,
    MAYOR,
    OTHER_COMMUNE,
    RETURN,
    Pretender,
    enrol,
    gate_to,
    linked,
    refusal,
    signed_in_browser,
    tried,
)

pytest_plugins = ("tests.oidc_fixtures",)
HOUR = 3600


async def test_who_is_linked_gets_in_and_goes_where_she_was_going(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        first, second = await tried(gate, pretender), await tried(gate, pretender)
    assert isinstance(first, Entered)
    assert isinstance(second, Entered)
    assert await session_user(ledger, first.token) == MAYOR
    assert (first.vers, first.first, second.first) == ("/console/alertes", True, False)
    assert not first.two_factors


async def test_what_is_asked_of_the_provider_binds_its_answer(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger, acr="eidas2") as gate:
        address = await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
        state = pretender.vouch(address, acr="eidas2")
        await come_back(gate, Back(state, "le code"), BROWSER)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    form = {name: values[0] for name, values in pretender.forms[-2].items()}
    challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == sent["code_challenge"]
    assert sent["code_challenge_method"] == "S256"
    assert (sent["redirect_uri"], form["redirect_uri"]) == (RETURN, RETURN)
    assert (sent["scope"], sent["acr_values"]) == ("openid email profile", "eidas2")
    assert (form["code"], form["grant_type"]) == ("le code", "authorization_code")
    assert min(len(sent["state"]), len(sent["nonce"]), len(form["code_verifier"])) >= 43
    assert pretender.asked == ["/.well-known/openid-configuration", "/token", "/jwks"]


async def test_an_answer_serves_once_even_when_it_comes_many_times_at_once(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        address = await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
        back = Back(pretender.vouch(address), "code")
        tries = (come_back(gate, back, replace(BROWSER, source=f"192.0.2.{n}")) for n in range(4))
        ends = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(end, Entered) for end in ends) == 1
    assert {str(end) for end in ends if isinstance(end, Exception)} == {words.EXPIRED}
    assert pretender.asked.count("/token") == 1


async def test_another_browser_cannot_use_an_answer(ledger: Ledger, pretender: Pretender) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        address = await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
        back = Back(pretender.vouch(address), "code")
        victim = replace(BROWSER, nonce="un autre navigateur")
        assert await refusal(come_back(gate, back, victim)) == words.EXPIRED
        assert isinstance(await come_back(gate, back, BROWSER), Entered)
    assert pretender.asked.count("/token") == 1


async def test_the_answer_of_another_provider_is_not_redeemed(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    pretender.described = {"authorization_response_iss_parameter_supported": True}
    async with gate_to(pretender, ledger) as gate:
        for issuer in ("https://evil.example", ""):  # RFC 9207: a promised name may not be missing
            address = await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
            back = Back(pretender.vouch(address), "code", issuer=issuer)
            assert await refusal(come_back(gate, back, BROWSER)) == words.NOT_PROVEN
    assert "/token" not in pretender.asked


async def test_a_refusal_of_the_provider_is_told_and_counts_as_no_guess(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        for _ in range(5):
            address = await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
            back = Back(pretender.vouch(address), error="access_denied")
            assert await refusal(come_back(gate, back, BROWSER)) == words.CANCELLED
        assert isinstance(await tried(gate, pretender), Entered)


async def test_guesses_of_a_source_are_counted_and_keep_nobody_else_out(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        for n in range(4):
            back = Back(f"guess{n}", "code")
            assert await refusal(come_back(gate, back, BROWSER)) == words.EXPIRED
        assert await refusal(tried(gate, pretender)) == words.WAIT
        elsewhere = replace(BROWSER, source="192.0.2.77")
        assert isinstance(await tried(gate, pretender, browser=elsewhere), Entered)


async def test_who_is_unknown_gets_nothing_and_nothing_is_created(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    named = {"sub": "inconnu", "email": "claire@vaubrenne.fr", "preferred_username": "claire"}
    async with gate_to(pretender, ledger) as gate:
        assert await refusal(tried(gate, pretender, named)) == words.NOBODY


async def test_an_identity_of_another_commune_opens_nothing_here(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    neighbour = User(OTHER_COMMUNE, "claire", "Claire VOISINE", "dos")
    await enrol(ledger, neighbour)
    await linked(ledger, pretender, neighbour)
    async with gate_to(pretender, ledger) as gate:
        assert await refusal(tried(gate, pretender)) == words.NOBODY


async def test_who_is_disabled_stays_out_and_so_does_who_had_her_login_before(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        assert await disable_user(ledger, MAYOR, by="maire", key=KEY)
        assert await refusal(tried(gate, pretender)) == words.NOBODY
        await enrol(ledger)  # the login, given to somebody else
        assert await refusal(tried(gate, pretender)) == words.NOBODY


async def test_who_was_disabled_by_hand_is_nobody(ledger: Ledger, pretender: Pretender) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with ledger.writing() as connection:
        await connection.execute(update(users).values(disabled_at=1.0))
    async with gate_to(pretender, ledger) as gate:
        assert await refusal(tried(gate, pretender)) == words.NOBODY


async def test_a_lower_level_than_asked_for_opens_nothing(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger, acr="eidas2") as gate:
        for acr in ("eidas1", None, "eidas2 "):
            assert await refusal(tried(gate, pretender, {"acr": acr})) == words.TOO_WEAK
        assert isinstance(await tried(gate, pretender, {"acr": "eidas2"}), Entered)


@pytest.mark.parametrize(
    ("settings", "changes", "two"),
    [
        ({}, {"amr": ["pwd", "mfa"]}, False),
        ({"second_factor": True}, {"amr": ["pwd"]}, False),
        ({"second_factor": True}, {}, False),
        ({"second_factor": True}, {"amr": ["pwd", "mfa"]}, True),
        ({"second_factor": True, "acr": "eidas2"}, {"acr": "eidas2"}, True),
    ],
)
async def test_two_factors_are_believed_only_where_said_and_allowed(
    ledger: Ledger,
    pretender: Pretender,
    settings: dict[str, object],
    changes: dict[str, object],
    two: bool,
) -> None:
    secret = pyotp.random_base32()
    await enrol(ledger, totp_secret=secret)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger, **settings) as gate:
        outcome = await tried(gate, pretender, changes)
    assert isinstance(outcome, Entered if two else CodeAsked)


async def test_ones_own_code_is_asked_for_and_serves_once(
    ledger: Ledger, pretender: Pretender
) -> None:
    secret = pyotp.random_base32()
    await enrol(ledger, totp_secret=secret)
    await linked(ledger, pretender)
    code = pyotp.TOTP(secret).now()
    async with gate_to(pretender, ledger) as gate:
        asked = await tried(gate, pretender)
        assert isinstance(asked, CodeAsked)
        other = replace(BROWSER, nonce="un autre")
        for given, browser, told in (
            ("000000x", BROWSER, words.WRONG_CODE),
            (code, other, words.EXPIRED),
        ):
            trial = enter_with_code(gate, asked.secret, code=given, browser=browser)
            assert await refusal(trial) == told
        entered = await enter_with_code(gate, asked.secret, code=code, browser=BROWSER)
        assert await session_user(ledger, entered.token) == MAYOR
        again = await tried(gate, pretender)
        assert isinstance(again, CodeAsked)
        trial = enter_with_code(gate, again.secret, code=code, browser=BROWSER)
        assert await refusal(trial) == words.WRONG_CODE


async def test_a_session_is_changed_at_every_sign_in(ledger: Ledger, pretender: Pretender) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    browser = await signed_in_browser(ledger)
    async with gate_to(pretender, ledger) as gate:
        entered = await tried(gate, pretender, browser=browser)
    assert isinstance(entered, Entered)
    assert entered.token != browser.session
    assert await session_user(ledger, browser.session) is None


async def test_nobody_is_sent_to_a_provider_that_has_gone_down(
    ledger: Ledger, pretender: Pretender, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gate_to(pretender, ledger) as gate:
        await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
        pretender.raw["/.well-known/openid-configuration"] = b""
        await to_sign_in(gate, COMMUNE, BROWSER, vers="/")  # it was up a moment ago
        monkeypatch.setattr(oidc_leaving, "ALIVE_S", 0.0)
        with pytest.raises(ProviderDown):
            await to_sign_in(gate, COMMUNE, BROWSER, vers="/")


async def test_a_silent_provider_is_told_with_the_local_ways(
    ledger: Ledger, pretender: Pretender
) -> None:
    pretender.raw["/.well-known/openid-configuration"] = b""
    async with gate_to(pretender, ledger) as gate:
        with pytest.raises(ProviderDown, match="clé d'accès ou votre mot de passe"):
            await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
