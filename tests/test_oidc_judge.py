"""Our sign-in is understood by a certified provider, and its answers by us: a real process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dispatcher.access import oidc_refusals as words
from dispatcher.access.oidc import Back, Confirmed, Entered, Linked, come_back
from dispatcher.access.oidc_leaving import Gate, to_link, to_sign_in, to_step_up
from dispatcher.access.oidc_provider import Grant, opened_provider
from dispatcher.access.oidc_refusals import ProviderSignInRefused
from dispatcher.access.signing_in import session_user
from dispatcher.store.ledger import Ledger
from tests.oidc_judge import judge, judged_by, shown_at_the_judge
from tests.oidc_pretender import (
    BROWSER,
    COMMUNE,
    KEY,
    MAYOR,
    RETURN,
    enrol,
    held,
    signed_in_browser,
)


@asynccontextmanager
async def gate(ledger: Ledger, issuer: str, *, second_factor: bool = False) -> AsyncIterator[Gate]:
    told = judged_by(issuer, second_factor=second_factor)
    async with opened_provider(told) as provider:
        assert provider is not None
        yield Gate(ledger, provider, RETURN, KEY)


async def link_by(way: Gate, account: str) -> None:
    browser = await signed_in_browser(way.ledger)
    address = await to_link(way, await held(way.ledger, browser), browser, vers="/compte/externe")
    ended = await come_back(way, await shown_at_the_judge(address, account), browser)
    assert ended == Linked("/compte/externe", signed_in=True)


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256"])
@pytest.mark.parametrize("auth", ["client_secret_basic", "client_secret_post"])
async def test_somebody_links_her_account_and_signs_in_by_it(
    ledger: Ledger, tmp_path: Path, unused_tcp_port: int, alg: str, auth: str
) -> None:
    await enrol(ledger)
    with judge(tmp_path, unused_tcp_port, return_to=RETURN, alg=alg, auth=auth) as issuer:
        async with gate(ledger, issuer) as way:
            await link_by(way, "claire.martin")
            address = await to_sign_in(way, COMMUNE, BROWSER, vers="/")
            back = await shown_at_the_judge(address, "claire.martin")
            entered = await come_back(way, back, BROWSER)
            assert isinstance(entered, Entered)
            assert await session_user(ledger, entered.token) == MAYOR
            address = await to_sign_in(way, COMMUNE, BROWSER, vers="/")
            back = await shown_at_the_judge(address, "quelqu'un d'autre")
            with pytest.raises(ProviderSignInRefused, match="n'est relié à aucun accès"):
                await come_back(way, back, BROWSER)


async def test_the_judge_gives_nothing_for_a_code_that_is_not_ours(
    ledger: Ledger, tmp_path: Path, unused_tcp_port: int
) -> None:
    await enrol(ledger)
    with judge(tmp_path, unused_tcp_port, return_to=RETURN) as issuer:
        async with gate(ledger, issuer) as way:
            address = await to_sign_in(way, COMMUNE, BROWSER, vers="/")
            back = await shown_at_the_judge(address, "claire.martin")
            with pytest.raises(ProviderSignInRefused, match="n'a pas confirmé"):
                await way.provider.redeem(Grant(back.code, "x" * 43, RETURN))  # another's PKCE
            back = await shown_at_the_judge(address, "claire.martin")
            with pytest.raises(ProviderSignInRefused, match="n'est relié"):
                await come_back(way, back, BROWSER)
            address = await to_sign_in(way, COMMUNE, BROWSER, vers="/")
            other = await shown_at_the_judge(address, "claire.martin")
            used = Back(other.state, back.code, issuer=back.issuer)
            with pytest.raises(ProviderSignInRefused, match="n'a pas confirmé"):
                await come_back(way, used, BROWSER)


async def test_a_provider_that_comes_back_with_new_keys_is_believed_again(
    ledger: Ledger, tmp_path: Path, unused_tcp_port: int
) -> None:
    await enrol(ledger)
    async with gate(ledger, f"http://localhost:{unused_tcp_port}") as way:
        with judge(tmp_path, unused_tcp_port, return_to=RETURN):
            await link_by(way, "claire.martin")
            old = await way.provider.keys()
            address = await to_sign_in(way, COMMUNE, BROWSER, vers="/")
            back = await shown_at_the_judge(address, "claire.martin")
        with pytest.raises(ProviderSignInRefused) as down:
            await come_back(way, back, BROWSER)
        assert str(down.value) == words.DOWN
        with judge(tmp_path, unused_tcp_port, return_to=RETURN):
            address = await to_sign_in(way, COMMUNE, BROWSER, vers="/")
            back = await shown_at_the_judge(address, "claire.martin")
            assert isinstance(await come_back(way, back, BROWSER), Entered)
            assert await way.provider.keys() != old


@pytest.mark.parametrize("mfa", [True, False])
async def test_the_judge_tells_how_it_knew_her_and_asks_again_when_told_to(
    ledger: Ledger, tmp_path: Path, unused_tcp_port: int, mfa: bool
) -> None:
    await enrol(ledger)
    with judge(tmp_path, unused_tcp_port, return_to=RETURN) as issuer:
        async with gate(ledger, issuer, second_factor=True) as way:
            await link_by(way, "claire.martin")
            browser = await signed_in_browser(ledger)
            address = await to_step_up(
                way, await held(way.ledger, browser), browser, vers="/console/alertes"
            )
            back = await shown_at_the_judge(address, "claire.martin", mfa=mfa)
            if mfa:
                ended = await come_back(way, back, browser)
                assert isinstance(ended, Confirmed)
                assert await session_user(ledger, ended.token) == MAYOR
            else:
                with pytest.raises(ProviderSignInRefused) as refused:
                    await come_back(way, back, browser)
                assert str(refused.value) == words.NO_SECOND_FACTOR
