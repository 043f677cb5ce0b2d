"""How long a session lives, what confirms it, who ends it."""

import time

import pyotp
import pytest
from sqlalchemy import update

from dispatcher.access.sessions import (
    Opening,
    SignInRefused,
    confirmed,
    open_for,
    session_of,
    stepped_up,
)
from dispatcher.access.signing_in import Claim, NewUser, admit, create_user, show_again
from dispatcher.store import logbook
from dispatcher.store.attendance import living
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.sessions import end_others, end_session, sessions_of
from dispatcher.store.tables import sessions
from dispatcher.store.users import User
from dispatcher.store.versions import Chained
from tests.situations import COMMUNE, PASSWORD, Planned, change_version, write_alert

KEY = b"k" * 32
MAYOR = User(COMMUNE, "claire", "Claire MARTIN", "dos")
LINE = Chained(Entry("claire", "access.session_ended", "Session fermée"), KEY)
HOUR = 3600.0


@pytest.fixture
async def secret(ledger: Ledger) -> str:
    """Give the mayor access with one-time codes; returns their secret."""
    made = pyotp.random_base32()
    await create_user(ledger, NewUser(MAYOR, PASSWORD, made), by="test", key=KEY)
    return made


async def opened(ledger: Ledger, *, agent: str = "") -> str:
    return await open_for(ledger, MAYOR, Opening("password", source="192.0.2.7", agent=agent))


async def age(ledger: Ledger, **ago_s: float) -> None:
    """Make every session older."""
    values = {name: time.time() - one for name, one in ago_s.items()}
    async with ledger.writing() as connection:
        await connection.execute(update(sessions).values(**values))


@pytest.mark.parametrize(
    ("seen_ago_s", "opened_ago_s", "alive"),
    [
        (29 * 60, HOUR, True),
        (31 * 60, HOUR, False),
        (60, 11.9 * HOUR, True),
        (60, 12.1 * HOUR, False),
    ],
)
async def test_a_session_ends_when_left_alone_and_after_half_a_day(
    ledger: Ledger, secret: str, seen_ago_s: float, opened_ago_s: float, alive: bool
) -> None:
    token = await opened(ledger)
    await age(ledger, seen_at=seen_ago_s, created_at=opened_ago_s)
    assert (await session_of(ledger, token) is not None) == alive


async def test_a_screen_that_follows_a_live_alert_is_never_thrown_out(
    ledger: Ledger, secret: str
) -> None:
    written = await write_alert(ledger, Planned(launched_ago_s=20 * HOUR))
    token = await opened(ledger)
    await age(ledger, seen_at=2 * HOUR, created_at=30 * HOUR)
    assert await session_of(ledger, token) is not None
    await age(ledger, seen_at=13 * HOUR)
    assert await session_of(ledger, token) is None
    await age(ledger, seen_at=60, created_at=30 * HOUR)
    await change_version(ledger, written, cancelled_at=time.time())
    assert await session_of(ledger, token) is None


async def test_a_screen_that_asks_again_by_itself_is_in_use_only_while_it_follows_an_alert(
    ledger: Ledger, secret: str
) -> None:
    token = await opened(ledger)
    await age(ledger, seen_at=20 * 60)
    left = await session_of(ledger, token, follows=True)
    assert left is not None
    assert left.seen_at < time.time() - 19 * 60
    await write_alert(ledger, Planned())
    await session_of(ledger, token, follows=True)
    followed = await session_of(ledger, token, follows=True)
    assert followed is not None
    assert followed.seen_at > time.time() - 60


async def test_a_session_that_had_ended_does_not_come_back_with_an_alert(
    ledger: Ledger, secret: str
) -> None:
    token = await opened(ledger)
    await age(ledger, seen_at=2 * HOUR)
    await write_alert(ledger, Planned(launched_ago_s=60))
    assert await session_of(ledger, token) is None


async def test_an_alert_of_another_commune_keeps_nobody_in(ledger: Ledger, secret: str) -> None:
    await write_alert(ledger, Planned(commune="99042"))
    token = await opened(ledger)
    await age(ledger, seen_at=HOUR)
    assert await session_of(ledger, token) is None


async def test_a_session_in_use_is_seen_once_a_minute(ledger: Ledger, secret: str) -> None:
    token = await opened(ledger)
    await age(ledger, seen_at=20 * 60)
    first = await session_of(ledger, token)
    again = await session_of(ledger, token)
    assert first is not None
    assert again is not None
    assert again.seen_at > first.seen_at + 19 * 60


async def test_showing_the_code_again_confirms_and_changes_the_token(
    ledger: Ledger, secret: str
) -> None:
    token = await opened(ledger)
    await age(ledger, confirmed_at=6 * 60)
    session = await session_of(ledger, token)
    assert session is not None
    assert not confirmed(session)
    code = pyotp.TOTP(secret).now()
    codes = await show_again(ledger, session, code=code, password="", source="")
    fresh = await stepped_up(ledger, session, codes=codes)
    assert await session_of(ledger, token) is None
    after = await session_of(ledger, fresh)
    assert after is not None
    assert confirmed(after)
    assert after.ident == session.ident
    with pytest.raises(SignInRefused):
        await stepped_up(ledger, after, codes=codes)


@pytest.mark.parametrize("code", ["", "000000", "ABCD-EFGH-JKLM"])
async def test_only_ones_own_code_confirms(ledger: Ledger, secret: str, code: str) -> None:
    session = await session_of(ledger, await opened(ledger))
    assert session is not None
    with pytest.raises(SignInRefused):
        await show_again(ledger, session, code=code, password=PASSWORD, source="")


async def test_tries_to_confirm_are_slowed_like_tries_to_sign_in(
    ledger: Ledger, secret: str
) -> None:
    session = await session_of(ledger, await opened(ledger))
    assert session is not None
    said = []
    for _ in range(5):
        with pytest.raises(SignInRefused) as refused:
            await show_again(ledger, session, code="000000", password="", source="")
        said.append(str(refused.value))
    assert "attendez" in said[-1]
    assert "secondes" in said[-1]


async def test_where_one_is_signed_in_is_listed_and_each_can_be_ended(
    ledger: Ledger, secret: str
) -> None:
    desk, phone = await opened(ledger, agent="desk"), await opened(ledger, agent="phone")
    listed = await sessions_of(ledger, COMMUNE, "claire")
    assert {(one.agent, one.source) for one in listed} == {
        ("desk", "192.0.2.7"), ("phone", "192.0.2.7"),
    }  # fmt: skip
    (lost,) = [one for one in listed if one.agent == "phone"]
    assert not await end_session(ledger, COMMUNE, "somebody else", lost.ident, line=LINE)
    assert await session_of(ledger, phone) is not None
    assert await end_session(ledger, COMMUNE, "claire", lost.ident, line=LINE)
    assert await session_of(ledger, phone) is None
    assert not await living(ledger, {(COMMUNE, lost.ident)})
    assert await session_of(ledger, desk) is not None
    kinds = [line.kind for line in await logbook.read(ledger, COMMUNE)]
    assert kinds.count("access.session_ended") == 1


async def test_all_others_end_and_this_one_goes_on(ledger: Ledger, secret: str) -> None:
    tokens = [await opened(ledger) for _ in range(3)]
    mine = await session_of(ledger, tokens[0])
    assert mine is not None
    await end_others(ledger, mine, line=LINE)
    alive = [await session_of(ledger, one) is not None for one in tokens]
    assert alive == [True, False, False]


async def test_who_has_no_second_factor_comes_in_with_none(ledger: Ledger) -> None:
    await create_user(ledger, NewUser(MAYOR, PASSWORD), by="test", key=KEY)
    token = await admit(ledger, Claim(COMMUNE, "claire", PASSWORD))
    session = await session_of(ledger, token)
    assert session is not None
    assert (session.factor, session.confirmed_at) == ("none", None)
