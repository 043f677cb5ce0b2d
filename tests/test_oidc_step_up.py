"""Showing again who one is: a fresh answer for the same person, in the same session."""

from dataclasses import replace

import pytest

from dispatcher.access import oidc_refusals as words
from dispatcher.access.oidc import Back, Confirmed, come_back
from dispatcher.access.oidc_leaving import to_step_up
from dispatcher.access.sessions import confirmed, session_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.users import User
from tests.oidc_pretender import (
    COMMUNE,
    MAYOR,
    FromNow,
    Pretender,
    enrol,
    gate_to,
    held,
    linked,
    refusal,
    signed_in_browser,
)

pytest_plugins = ("tests.oidc_fixtures",)
HOUR = 3600


MFA = {"amr": ["pwd", "mfa"]}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (MFA, ""),
        ({"amr": ["pwd"]}, words.NO_SECOND_FACTOR),
        ({**MFA, "auth_time": None}, words.NOT_FRESH),
        ({**MFA, "auth_time": FromNow(-HOUR)}, words.NOT_FRESH),
        ({**MFA, "sub": "autre"}, words.OTHER_ACCOUNT),
        ({**MFA, "sub": "voisine"}, words.OTHER_ACCOUNT),
    ],
    ids=str,
)
async def test_showing_again_who_one_is_takes_a_fresh_answer_for_the_same_person(
    ledger: Ledger, pretender: Pretender, changes: dict[str, object], told: str
) -> None:
    colleague = User(COMMUNE, "voisine", "Une VOISINE", "rac")
    for user, subject in ((MAYOR, "8f14e45f"), (colleague, "voisine")):
        await enrol(ledger, user)
        await linked(ledger, pretender, user, subject)
    browser = await signed_in_browser(ledger)
    async with gate_to(pretender, ledger, second_factor=True) as gate:
        address = await to_step_up(
            gate, await held(gate.ledger, browser), browser, vers="/console/alertes"
        )
        assert "max_age=0" in address
        back = Back(pretender.vouch(address, **changes), "code")
        if told:
            assert await refusal(come_back(gate, back, browser)) == told
        else:
            ended = await come_back(gate, back, browser)
            assert isinstance(ended, Confirmed)
            assert ended.vers == "/console/alertes"
            assert await session_of(ledger, browser.session) is None  # a step-up renews the token
            assert confirmed(await held(ledger, replace(browser, session=ended.token)))


async def test_another_session_is_not_confirmed(ledger: Ledger, pretender: Pretender) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    mine, other = await signed_in_browser(ledger), await signed_in_browser(ledger)
    async with gate_to(pretender, ledger, second_factor=True) as gate:
        for browser in (other, replace(mine, session="")):
            address = await to_step_up(gate, await held(gate.ledger, mine), mine, vers="/")
            back = Back(pretender.vouch(address, **MFA), "code")
            assert await refusal(come_back(gate, back, browser)) == words.OTHER_SESSION
    async with gate_to(pretender, ledger) as gate:
        assert (
            await refusal(to_step_up(gate, await held(gate.ledger, mine), mine, vers="/"))
            == words.NO_SECOND_FACTOR
        )
