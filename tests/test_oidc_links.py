"""Linking an account at a provider: by one's own act, or by a pass; and what is under way."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from dispatcher.access import oidc_refusals as words
from dispatcher.access.oidc import Back, Entered, Linked, come_back
from dispatcher.access.oidc_leaving import pass_of, to_link, to_redeem, to_sign_in
from dispatcher.access.oidc_links import needs_local_way, offer, unlink
from dispatcher.access.sessions import sign_out
from dispatcher.store import logbook, oidc_flows
from dispatcher.store.identities import Ways
from dispatcher.store.identity_tables import identities
from dispatcher.store.identity_tables import oidc_flows as flows
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import users
from dispatcher.store.users import User
from tests.oidc_pretender import (
    BROWSER,
    COMMUNE,
    KEY,
    MAYOR,
    OTHER_COMMUNE,
    SUBJECT,
    Pretender,
    enrol,
    gate_to,
    held,
    linked,
    refusal,
    signed_in_browser,
    tried,
)

pytest_plugins = ("tests.oidc_fixtures",)
COLLEAGUE = User(COMMUNE, "rac", "Camille AUBRY", "rac")


async def kinds(ledger: Ledger) -> list[str]:
    lines = await logbook.read(ledger, COMMUNE)
    return [line.kind for line in lines if line.kind != "access.user"]


async def rows(ledger: Ledger) -> int:
    async with ledger.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(flows))).scalar_one()


async def test_a_signed_in_user_links_her_account_and_gets_in_by_it(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    browser = await signed_in_browser(ledger)
    async with gate_to(pretender, ledger) as gate:
        address = await to_link(
            gate, await held(gate.ledger, browser), browser, vers="/compte/externe"
        )
        ended = await come_back(gate, Back(pretender.vouch(address), "code"), browser)
        assert ended == Linked("/compte/externe", signed_in=True)
        assert isinstance(await tried(gate, pretender), Entered)
        await unlink(ledger, MAYOR, issuer=pretender.url, passkeys=0, key=KEY)
        assert await refusal(tried(gate, pretender)) == words.NOBODY
        again = unlink(ledger, MAYOR, issuer=pretender.url, passkeys=0, key=KEY)
        assert await refusal(again) == words.NOT_LINKED
    assert await kinds(ledger) == ["access.identity_linked", "access.identity_unlinked"]


async def test_what_the_provider_calls_her_is_not_kept(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with ledger.reading() as connection:
        kept = repr((await connection.execute(select(identities))).all())
    assert pretender.url in kept
    assert SUBJECT not in kept


async def test_a_session_that_ended_meanwhile_links_nothing(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    browser = await signed_in_browser(ledger)
    other = await signed_in_browser(ledger)
    async with gate_to(pretender, ledger) as gate:
        for back_in in (other, replace(browser, session="")):
            address = await to_link(gate, await held(gate.ledger, browser), browser, vers="/")
            back = Back(pretender.vouch(address), "code")
            assert await refusal(come_back(gate, back, back_in)) == words.OTHER_SESSION
        address = await to_link(gate, await held(gate.ledger, browser), browser, vers="/")
        await sign_out(ledger, browser.session)
        back = Back(pretender.vouch(address), "code")
        assert await refusal(come_back(gate, back, browser)) == words.OTHER_SESSION
    assert await kinds(ledger) == []


async def test_an_account_opens_one_access_and_an_access_has_one_account(
    ledger: Ledger, pretender: Pretender
) -> None:
    for user in (MAYOR, COLLEAGUE):
        await enrol(ledger, user)
    await linked(ledger, pretender)
    mine, hers = await signed_in_browser(ledger), await signed_in_browser(ledger, COLLEAGUE)
    async with gate_to(pretender, ledger) as gate:
        address = await to_link(gate, await held(gate.ledger, hers), hers, vers="/")
        back = Back(pretender.vouch(address), "code")
        assert await refusal(come_back(gate, back, hers)) == words.TAKEN
        address = await to_link(gate, await held(gate.ledger, mine), mine, vers="/")
        back = Back(pretender.vouch(address, sub="un autre"), "code")
        assert await refusal(come_back(gate, back, mine)) == words.ALREADY
    neighbour = User(OTHER_COMMUNE, "claire", "Claire MARTIN", "dos")
    await enrol(ledger, neighbour)
    await linked(ledger, pretender, neighbour)  # the same person may serve two communes


async def test_a_pass_links_once_within_its_hour(ledger: Ledger, pretender: Pretender) -> None:
    await enrol(ledger)
    older = await offer(ledger, COMMUNE, "claire", by="console", key=KEY)
    secret = await offer(ledger, COMMUNE, "claire", by="console", key=KEY)
    assert await pass_of(ledger, older) is None
    async with gate_to(pretender, ledger) as gate:
        assert await refusal(to_redeem(gate, older, BROWSER)) == words.SPENT
        addresses = [await to_redeem(gate, secret, BROWSER) for _ in range(2)]
        back = Back(pretender.vouch(addresses[0]), "code")
        assert await come_back(gate, back, BROWSER) == Linked("/", signed_in=False)
        back = Back(pretender.vouch(addresses[1], sub="un autre"), "code")
        assert await refusal(come_back(gate, back, BROWSER)) == words.SPENT
        assert isinstance(await tried(gate, pretender), Entered)
    assert await kinds(ledger) == [
        "access.identity_offered",
        "access.identity_offered",
        "access.identity_linked",
    ]


async def test_a_pass_that_could_not_link_is_not_spent(
    ledger: Ledger, pretender: Pretender
) -> None:
    for user in (MAYOR, COLLEAGUE):
        await enrol(ledger, user)
    await linked(ledger, pretender, COLLEAGUE)
    secret = await offer(ledger, COMMUNE, "claire", by="console", key=KEY)
    async with gate_to(pretender, ledger) as gate:
        address = await to_redeem(gate, secret, BROWSER)
        back = Back(pretender.vouch(address), "code")
        assert await refusal(come_back(gate, back, BROWSER)) == words.TAKEN
    assert await pass_of(ledger, secret) is not None


async def test_a_pass_ends_with_its_hour_and_is_given_to_nobody_unknown(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    secret = await offer(ledger, COMMUNE, "claire", by="console", key=KEY)
    assert await refusal(offer(ledger, COMMUNE, "inconnu", by="console", key=KEY)) == words.GONE
    async with ledger.writing() as connection:
        await connection.execute(update(flows).values(expires_at=flows.c.expires_at - 3_601))
    async with gate_to(pretender, ledger) as gate:
        assert await refusal(to_redeem(gate, secret, BROWSER)) == words.SPENT


async def test_a_pass_is_no_answer_of_a_provider(ledger: Ledger, pretender: Pretender) -> None:
    await enrol(ledger)
    secret = await offer(ledger, COMMUNE, "claire", by="console", key=KEY)
    async with gate_to(pretender, ledger) as gate:
        back = Back(secret, "code")
        assert await refusal(come_back(gate, back, replace(BROWSER, nonce=""))) == words.EXPIRED
    assert await pass_of(ledger, secret) is not None


async def test_what_waited_ten_minutes_is_over(ledger: Ledger, pretender: Pretender) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        address = await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
        back = Back(pretender.vouch(address), "code")
        async with ledger.writing() as connection:
            await connection.execute(update(flows).values(expires_at=flows.c.expires_at - 601))
        assert await refusal(come_back(gate, back, BROWSER)) == words.EXPIRED
        await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
    assert await rows(ledger) == 1  # the old one was swept out


async def test_a_flood_of_strangers_pushes_out_its_own_and_no_pass(
    ledger: Ledger, pretender: Pretender, monkeypatch: pytest.MonkeyPatch
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    secret = await offer(ledger, COMMUNE, "claire", by="console", key=KEY)
    monkeypatch.setattr(oidc_flows, "MOST_OF_A_SOURCE", 5)
    async with gate_to(pretender, ledger) as gate:
        mine = await to_sign_in(gate, COMMUNE, replace(BROWSER, source="192.0.2.9"), vers="/")
        for _ in range(9):
            await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
        assert await rows(ledger) == 1 + 1 + 5
        back = Back(pretender.vouch(mine), "code")
        assert isinstance(await come_back(gate, back, BROWSER), Entered)
        monkeypatch.setattr(oidc_flows, "MOST", 7)
        addresses = [
            await to_sign_in(gate, COMMUNE, replace(BROWSER, source=f"198.51.100.{n}"), vers="/")
            for n in range(9)
        ]
        assert await rows(ledger) == 1 + 7
        back = Back(pretender.vouch(addresses[-1]), "code")
        assert isinstance(await come_back(gate, back, BROWSER), Entered)
    assert await pass_of(ledger, secret) is not None


async def test_secrets_of_what_is_under_way_are_kept_as_hashes(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    browser = await signed_in_browser(ledger)
    async with gate_to(pretender, ledger) as gate:
        session = await held(ledger, browser)
        state = pretender.vouch(
            await to_link(gate, await held(gate.ledger, browser), browser, vers="/")
        )
    async with ledger.reading() as connection:
        kept = repr((await connection.execute(select(flows))).all())
    assert session.ident in kept
    for secret in (state, browser.session, browser.nonce, browser.source):
        assert secret not in kept


async def test_the_only_way_in_is_not_taken_away(ledger: Ledger, pretender: Pretender) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with ledger.writing() as connection:
        await connection.execute(update(users).values(password_hash=""))
    last = unlink(ledger, MAYOR, issuer=pretender.url, passkeys=0, key=KEY)
    assert await refusal(last) == words.LAST_WAY
    await unlink(ledger, MAYOR, issuer=pretender.url, passkeys=1, key=KEY)


@pytest.mark.parametrize(
    ("ways", "passkeys", "needs"),
    [
        (Ways(None, None, password=False, code=False), 0, False),
        (Ways(1.0, None, password=False, code=False), 0, True),
        (Ways(1.0, None, password=True, code=False), 0, True),
        (Ways(1.0, 2.0, password=False, code=True), 0, True),
        (Ways(1.0, 2.0, password=True, code=True), 0, False),
        (Ways(1.0, 2.0, password=False, code=False), 1, False),
    ],
)
def test_a_local_way_is_a_passkey_or_a_password_with_a_code(
    ways: Ways, passkeys: int, needs: bool
) -> None:
    assert needs_local_way(ways, passkeys=passkeys) is needs
