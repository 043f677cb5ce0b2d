"""Once a year residents are asked if all is right: who, how often, when, and what silence does."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from dispatcher.alerts.office import Office
from dispatcher.cover.yearly import YearlyAsker, asking, by_day, most_a_day, say_right, switch
from dispatcher.signup.asking import Desk
from dispatcher.signup.own_page import Page, leave, open_page, set_information
from dispatcher.store import logbook
from dispatcher.store import yearly as store
from dispatcher.store.cover_tables import failing, yearly, yearly_rules
from dispatcher.store.information import Hours, Wanted
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import contacts
from dispatcher.store.yearly import REMIND_S, YEAR_S, Answers, Asking
from tests.corrected import send
from tests.covered_town import lives, settle
from tests.crises import MAYOR
from tests.fake_channel import FakeChannel
from tests.keyring import mark_of
from tests.signing_up import MAIL, ana, own_page, signed_up
from tests.situations import COMMUNE
from tests.stolen import everything

pytest_plugins = ("tests.signup_desks",)
TUESDAY = datetime(2026, 12, 1, 14, tzinfo=UTC)
SUNDAY, NIGHT = datetime(2026, 12, 6, 14, tzinfo=UTC), datetime(2026, 12, 1, 22, tzinfo=UTC)


def at(desk: Desk, now: datetime) -> Office:
    """Return the commune at work at an instant of the day."""
    return replace(desk.office, clock=lambda: now)


@pytest.fixture
async def page(desk: Desk) -> Page:
    """Enrol Ana more than a year ago, in a commune that asks; return her page."""
    made = await own_page(desk, await signed_up(desk, ana()))
    await age(desk, YEAR_S + 60)
    await switch(desk.office, on=True, actor=MAYOR)
    return made


async def age(desk: Desk, by_s: float) -> None:
    """Let time pass."""
    columns = (
        contacts.c.verified_at, yearly.c.asked_at, yearly.c.reminded_at, yearly.c.answered_at,
    )  # fmt: skip
    async with desk.office.ledger.writing() as connection:
        for one in columns:
            older = update(one.table).where(one.is_not(None)).values({one: one - by_s})
            await connection.execute(older)
        await connection.execute(update(yearly_rules).values(day=""))


async def asked(desk: Desk, *, now: datetime = TUESDAY, medium: str = "sms") -> list[str]:
    """Let the asker take a turn, and what it wrote leave; return the words."""
    await YearlyAsker(at(desk, now), every_s=0.0).turn()
    fake = await send(desk.office, FakeChannel(medium))
    return [one.text for one in fake.ledger]


async def counted(desk: Desk) -> Answers:
    """Return what residents answered."""
    return await store.answers_of(desk.office.ledger, COMMUNE)


async def test_she_is_asked_once_by_a_link_to_her_page_and_one_press_confirms(
    desk: Desk, page: Page
) -> None:
    (words,) = await asked(desk)
    assert words.startswith("Mairie de Vaubrenne-sur-Sérolle: vos contacts")
    assert await asked(desk) == []
    assert await counted(desk) == Answers(0, 1, 0)
    (token,) = re.findall(r"/r/([\w-]{22})", words)
    hers = await open_page(desk.office, token)
    assert hers.own == page.own
    await say_right(desk.office, hers)
    await say_right(desk.office, hers)
    assert await counted(desk) == Answers(1, 0, 0)
    lines = await logbook.read_kinds(desk.office.ledger, COMMUNE, "residents.confirmed", limit=9)
    assert len(lines) == 1
    await age(desk, REMIND_S + 60)
    assert await asked(desk) == []
    await age(desk, YEAR_S)
    assert len(await asked(desk)) == 1


async def test_who_is_silent_is_reminded_once_then_counted_and_stays(
    desk: Desk, page: Page
) -> None:
    await asked(desk)
    await age(desk, REMIND_S + 60)
    (words,) = await asked(desk)
    assert words.startswith("Rappel. ")
    assert await counted(desk) == Answers(0, 1, 0)
    await age(desk, REMIND_S + 60)
    assert await asked(desk) == []
    assert await counted(desk) == Answers(0, 0, 1)
    kept = await open_page(desk.office, re.findall(r"/r/([\w-]{22})", words)[0])
    assert kept.kept.left_at is None
    await say_right(desk.office, kept)
    assert await counted(desk) == Answers(1, 0, 0)


async def test_a_code_typed_back_is_an_answer_too(desk: Desk, page: Page) -> None:
    await asked(desk)
    await signed_up(desk, ana())
    assert await counted(desk) == Answers(1, 0, 0)
    assert not await store.is_asked(desk.office.ledger, page.own)


@pytest.mark.parametrize("now", [SUNDAY, NIGHT])
async def test_nobody_is_asked_at_night_or_on_a_sunday(
    desk: Desk, page: Page, now: datetime
) -> None:
    assert await asked(desk, now=now) == []
    assert await counted(desk) == Answers(0, 0, 0)


async def test_nobody_is_asked_before_the_commune_says_so_nor_after_it_stops(
    desk: Desk, page: Page
) -> None:
    await switch(desk.office, on=False, actor=MAYOR)
    assert await asked(desk) == []
    kinds = await logbook.read_kinds(desk.office.ledger, COMMUNE, "residents.yearly", limit=9)
    assert sorted(line.data["enabled"] for line in kinds) == [False, True]


async def test_who_confirmed_within_the_year_or_left_is_not_asked(desk: Desk, page: Page) -> None:
    await signed_up(desk, ana(MAIL, name="Zoé Martin"))
    await leave(desk.office, page)
    assert await asked(desk) == []
    assert await counted(desk) == Answers(0, 0, 0)


async def test_her_message_waits_for_the_hours_that_she_chose(desk: Desk, page: Page) -> None:
    soon = datetime.now(UTC) + timedelta(hours=3)
    hours = Hours(soon.hour * 60, (soon.hour * 60 + 60) % 1440, "UTC")
    await set_information(desk.office, page, Wanted((), hours))
    now = datetime.now(UTC)
    day = now.replace(hour=14) if by_day(now.replace(hour=14)) else TUESDAY
    await YearlyAsker(at(desk, day), every_s=0.0).turn()
    async with desk.office.ledger.reading() as connection:
        mine = deliveries.c.version_id.like("yearly-%")
        row = (await connection.execute(select(deliveries).where(mine))).one()
    opens = datetime.fromtimestamp(row.next_at, UTC)
    assert opens.hour == soon.hour
    assert row.lane == 2


async def test_a_contact_that_fails_is_not_the_one_that_is_asked(desk: Desk, page: Page) -> None:
    async with desk.office.ledger.writing() as connection:
        flag = {"commune": COMMUNE, "person_id": page.own.person_id, "version_id": "v",
                "mark": mark_of("+33639980042"), "why": "no_number", "failed_at": 1.0}  # fmt: skip
        await insert_rows(connection, failing, [flag])
    assert await asked(desk) == []
    assert await counted(desk) == Answers(0, 0, 0)


async def test_whom_a_call_alone_reaches_is_left_to_the_town_hall(desk: Desk) -> None:
    await switch(desk.office, on=True, actor=MAYOR)
    one = lives(1, "1 Rue Basse")
    landline = one.contacts[0]._replace(kind="fixed", value="+33199000042")
    await settle(desk.office.ledger, [replace(one, contacts=(landline,))])
    await age(desk, YEAR_S + 60)
    assert await asked(desk) == []
    assert await counted(desk) == Answers(0, 0, 1)


async def test_a_day_asks_a_twentieth_and_two_workers_ask_each_once(desk: Desk) -> None:
    await switch(desk.office, on=True, actor=MAYOR)
    people = [lives(one, f"{one} Rue Basse") for one in range(120)]
    await settle(desk.office.ledger, people)
    await age(desk, YEAR_S + 60)
    first = [YearlyAsker(at(desk, TUESDAY), every_s=0.0) for _ in range(2)]
    for one in first * 3:
        await one.turn()
    fake = await send(desk.office, FakeChannel())
    assert len({one.contact for one in fake.ledger}) == len(fake.ledger) == 50
    await age(desk, 0)  # another day
    for one in first * 3:
        await one.turn()
    again = await send(desk.office, FakeChannel())
    assert not {one.contact for one in again.ledger} & {one.contact for one in fake.ledger}
    assert len(again.ledger) == 50


async def test_the_link_is_kept_nowhere_in_clear_and_forgotten_a_week_later(
    desk: Desk, page: Page
) -> None:
    (words,) = await asked(desk)
    (token,) = re.findall(r"/r/([\w-]{22})", words)
    assert token.lower() not in await everything(desk.office.ledger)
    await age(desk, store.BLANK_S + 60)
    await store.forget_links(desk.office.ledger)
    async with desk.office.ledger.reading() as connection:
        mine = versions.c.version_id.like("yearly-%")
        content = (await connection.execute(select(versions.c.content).where(mine))).scalar_one()
        left = select(func.count()).select_from(yearly).where(yearly.c.message != "")
        assert (await connection.execute(left)).scalar_one() == 0
    assert content["sealed_code"] == ""


@given(st.integers(0, 2_000_000))
def test_a_register_is_gone_through_within_twenty_days_and_never_at_once(people: int) -> None:
    a_day = most_a_day(people)
    assert a_day * 20 >= people
    assert a_day <= max(50, people // 20 + 1)


async def test_of_two_that_found_the_same_resident_due_one_asks_her(desk: Desk, page: Page) -> None:
    ledger, written = desk.office.ledger, list[Sequence[Asking]]()
    (found,) = await store.due(ledger, COMMUNE, limit=9)
    for _ in range(2):
        written.append([await asking(at(desk, TUESDAY), found)])
    assert [await store.ask(ledger, COMMUNE, one) for one in written] == [1, 0]
    assert len((await send(desk.office, FakeChannel())).ledger) == 1


async def test_who_was_reminded_is_due_no_more_and_takes_nobodys_place(
    desk: Desk, page: Page
) -> None:
    await asked(desk)
    await age(desk, REMIND_S + 60)
    assert [one.reminds for one in await store.due(desk.office.ledger, COMMUNE, limit=9)] == [True]
    await asked(desk)
    assert await store.due(desk.office.ledger, COMMUNE, limit=9) == []
