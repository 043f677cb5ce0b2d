"""Enrolling by oneself: a code comes back, and only then is anybody in the register."""

import asyncio
import re

import pytest
from sqlalchemy import select, text, update

from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.signup.asking import (
    Desk,
    ask,
    ask_again,
    open_signup,
    type_back,
)
from dispatcher.store import logbook
from dispatcher.store.alert_lines import latest_alerts
from dispatcher.store.ledger import Ledger
from dispatcher.store.open_alerts import open_alerts
from dispatcher.store.outgoing import versions
from dispatcher.store.people import Contact, residents_count
from dispatcher.store.signup_tables import code_sends, signups
from dispatcher.store.signups import forget_old
from tests.signing_up import (
    FROM,
    HOME,
    MAIL,
    MOBILE,
    SCHOOL,
    ana,
    enrolled,
    own_page,
    sent,
    signed_up,
)
from tests.situations import COMMUNE, office
from tests.stolen import everything

pytest_plugins = ("tests.signup_desks",)


async def test_nobody_is_enrolled_before_her_code_comes_back(desk: Desk) -> None:
    token = await ask(desk, ana(MOBILE, HOME, SCHOOL), source=FROM)
    assert await enrolled(desk) == []
    ((to, code),) = await sent(desk)
    assert to == "+33639980042"
    await type_back(desk, token, f" {code[:3]} {code[3:]} ")
    (one,) = await enrolled(desk)
    assert (one.person.name, one.person.contacts) == ("Ana Lopez", (Contact("mobile", to),))
    assert [home.label for home in one.homes] == ["3 Quai Bas", "2 rue de l'École"]
    (line,) = await logbook.read_kinds(desk.office.ledger, COMMUNE, "residents.signed_up", limit=9)
    assert line.data == {"person": one.person.id}
    assert line.author == "resident"


async def test_a_mail_address_gets_its_code_by_mail(desk: Desk) -> None:
    await signed_up(desk, ana(MAIL))
    (one,) = await enrolled(desk)
    assert one.person.contacts == (Contact("email", MAIL),)


async def test_a_wrong_code_enrols_nobody_and_five_make_it_useless(desk: Desk) -> None:
    token = await ask(desk, ana(), source=FROM)
    ((_, code),) = await sent(desk)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(4):
        with pytest.raises(NotSo):
            await type_back(desk, token, wrong)
    with pytest.raises(NotNow):
        await type_back(desk, token, wrong)
    with pytest.raises(NotNow):
        await type_back(desk, token, code)
    assert await enrolled(desk) == []
    await ask_again(desk, token, source=FROM)
    ((_, anew),) = await sent(desk)
    await type_back(desk, token, anew)
    assert len(await enrolled(desk)) == 1


async def test_a_code_that_is_old_serves_no_more(desk: Desk) -> None:
    token = await ask(desk, ana(), source=FROM)
    ((_, code),) = await sent(desk)
    async with desk.office.ledger.writing() as connection:
        await connection.execute(update(signups).values(code_until=signups.c.code_until - 901))
    with pytest.raises(NotNow):
        await type_back(desk, token, code)
    assert not (await open_signup(desk.office, token)).code_serves


async def test_the_code_of_one_link_opens_no_other(desk: Desk) -> None:
    mine, hers = await ask(desk, ana(), source=FROM), await ask(desk, ana(MAIL), source=FROM)
    ((_, code),) = await sent(desk)
    with pytest.raises(NotSo):
        await type_back(desk, hers, code)
    with pytest.raises(NotThere):
        await type_back(desk, mine + "x", code)


async def test_two_clicks_with_the_right_code_enrol_once(desk: Desk) -> None:
    token = await ask(desk, ana(), source=FROM)
    ((_, code),) = await sent(desk)
    await asyncio.gather(*(type_back(desk, token, code) for _ in range(4)))
    await type_back(desk, token, "123456")  # a reload after it is done asks nothing
    assert await residents_count(desk.office.ledger, COMMUNE) == 1


async def test_what_is_asked_of_a_known_contact_is_done_as_for_another(desk: Desk) -> None:
    await signed_up(desk, ana())
    before = await waiting_rows(desk)
    await ask(desk, ana(), source=FROM)
    await ask(desk, ana("06 39 98 00 43"), source=FROM)
    known, unknown = (await waiting_rows(desk))[len(before) :]
    assert known.keys() == unknown.keys()
    assert {one for one in known if (known[one] is None) != (unknown[one] is None)} == set()
    assert len(await sent(desk)) == 2


async def waiting_rows(desk: Desk) -> list[dict[str, object]]:
    async with desk.office.ledger.reading() as connection:
        rows = await connection.execute(select(signups).order_by(signups.c.begun_at))
        return [dict(row._mapping) for row in rows]


async def test_what_waits_for_a_code_is_sealed_and_forgotten(desk: Desk) -> None:
    token = await ask(desk, ana(), source=FROM)
    stolen = await everything(desk.office.ledger)
    assert not any(one in stolen for one in ("lopez", "39980042", "quai bas", FROM, token.lower()))
    async with desk.office.ledger.writing() as connection:
        await connection.execute(update(signups).values(begun_at=signups.c.begun_at - 90_000))
        await connection.execute(update(code_sends).values(sent_at=code_sends.c.sent_at - 90_000))
    with pytest.raises(NotThere):
        await open_signup(desk.office, token)
    await sent(desk)
    await forget_old(desk.office.ledger)
    async with desk.office.ledger.reading() as connection:
        for table in ("signups", "code_sends"):
            left = await connection.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            assert left.scalar() == 0
        where = await connection.execute(text("SELECT contact, contact_mark FROM deliveries"))
        content = (await connection.execute(select(versions.c.content))).scalar_one()
    assert [tuple(row) for row in where] == [("", "")]
    assert content["sealed_code"] == ""


async def test_the_code_itself_is_clear_nowhere_in_the_ledger(desk: Desk) -> None:
    await ask(desk, ana(), source=FROM)
    ((_, code),) = await sent(desk)
    assert not re.search(rf"\b{code}\b", await everything(desk.office.ledger))


async def test_where_a_code_went_is_forgotten_once_it_came_back(desk: Desk) -> None:
    await signed_up(desk, ana())
    async with desk.office.ledger.reading() as connection:
        where = await connection.execute(text("SELECT contact, contact_mark FROM deliveries"))
    assert [tuple(row) for row in where] == [("", "")]


async def test_a_code_is_no_alert_anywhere(desk: Desk) -> None:
    await ask(desk, ana(), source=FROM)
    await sent(desk)
    assert await latest_alerts(desk.office.ledger, COMMUNE) == []
    assert await open_alerts(desk.office.ledger) == []


async def test_without_a_plan_nobody_can_enrol(ledger: Ledger) -> None:
    with pytest.raises(NotThere):
        await ask(Desk(office(ledger)), ana(), source=FROM)
    assert await residents_count(ledger, COMMUNE) == 0


async def test_no_page_is_open_before_the_code(desk: Desk) -> None:
    token = await ask(desk, ana(), source=FROM)
    with pytest.raises(NotThere):
        await own_page(desk, token)
