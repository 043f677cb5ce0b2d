"""Access given alone in a crisis, and how it ends; screens that follow a crisis stay."""

import time

import pytest
from sqlalchemy import update

from dispatcher.access.sessions import Opening, SignInRefused, open_for, session_of
from dispatcher.access.signing_in import Claim, admit
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.crisis import deciding
from dispatcher.crisis.standing_down import stand_down, warnings_of
from dispatcher.staff import asking
from dispatcher.staff import deciding as accesses
from dispatcher.staff.asking import Invitation
from dispatcher.store.crises import Event
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import sessions
from dispatcher.store.users import User, accounts_of
from tests.crises import MAYOR, RAC, activated, by, opened, town_hall
from tests.signing import enrol
from tests.situations import COMMUNE, PASSWORD

LEADER = User(COMMUNE, "samir", "Samir NOIR", "rac", "dst")
HELPER = Invitation("nora", "operator", name="Nora AMRANI", mobile="06 39 98 00 31")


async def end(town: Office, event: Event) -> None:
    """Stand a crisis down, everything that is left known."""
    knows = [one.kind for one in await warnings_of(town, event)]
    await stand_down(town, event.event_id, asked=by(MAYOR, "décrue"), knows=knows)


async def test_in_a_crisis_the_rac_alone_lets_a_helper_in_until_the_stand_down(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    sent = await asking.grant_for_crisis(town, HELPER, by=LEADER)
    assert sent.granted
    await accesses.take_up(town, sent.token, password=PASSWORD)
    token = await admit(ledger, Claim(COMMUNE, "nora", PASSWORD))
    session = await session_of(ledger, token)
    assert session is not None
    assert session.user.until_event == event.event_id
    await end(town, event)
    assert await session_of(ledger, token) is None
    with pytest.raises(SignInRefused):
        await admit(ledger, Claim(COMMUNE, "nora", PASSWORD))
    (account,) = [one for one in await accounts_of(ledger, COMMUNE) if one.user.login == "nora"]
    assert not account.entitled


@pytest.mark.parametrize("function", ["cell_chief", "rac", "deputy", "dos", "administrator"])
async def test_one_person_alone_gives_nothing_more_than_operator_or_observer(
    ledger: Ledger, function: str
) -> None:
    town = await town_hall(ledger)
    await activated(town)
    helper = Invitation("nora", function, name="Nora", mobile="06 39 98 00 31")
    with pytest.raises(NotSo):
        await asking.grant_for_crisis(town, helper, by=LEADER)


async def test_without_a_crisis_nobody_is_let_in_by_one_person(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    with pytest.raises(NotNow):
        await asking.grant_for_crisis(town, HELPER, by=LEADER)
    event = await opened(town)  # somebody looks at it: nobody is called up yet
    with pytest.raises(NotNow):
        await asking.grant_for_crisis(town, HELPER, by=LEADER)
    await deciding.pre_alert(town, event.event_id, asked=by(RAC))
    assert (await asking.grant_for_crisis(town, HELPER, by=LEADER)).granted


async def test_a_link_of_a_crisis_that_is_over_gives_nothing(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await activated(town)
    sent = await asking.grant_for_crisis(town, HELPER, by=LEADER)
    await end(town, event)
    await accesses.take_up(town, sent.token, password=PASSWORD)
    with pytest.raises(SignInRefused):
        await admit(ledger, Claim(COMMUNE, "nora", PASSWORD))


async def test_a_screen_that_follows_a_crisis_is_not_thrown_out(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    user = await enrol(ledger, "samir", "rac", contact="dst")
    token = await open_for(ledger, user, Opening("password"))
    event = await activated(town)
    async with ledger.writing() as connection:
        old = {"seen_at": time.time() - 20 * 60, "created_at": time.time() - 100_000}
        await connection.execute(update(sessions).values(**old))
    assert await session_of(ledger, token) is not None
    await end(town, event)
    assert await session_of(ledger, token) is None
