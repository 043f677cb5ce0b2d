"""What has had its time ends, by clocks that the DPO sets, and the logbook proves what ended."""

import time

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from dispatcher.alerts.refusals import NotSo, NotYou
from dispatcher.privacy.holding import hold, lift
from dispatcher.privacy.kinds import BY_NAME, KINDS
from dispatcher.privacy.periods import days_of, decide
from dispatcher.privacy.purging import Ended, foreseen, purge, turn
from dispatcher.store import logbook, purging
from dispatcher.store.clocks import CLOCKS, EVIDENCE
from dispatcher.store.enrolment import put_residents
from dispatcher.store.gone import gone_among
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.people import Contact
from dispatcher.store.privacy_tables import purges
from dispatcher.store.purging import PART, PURGED, Part, digest_of, purge_part
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Resident
from dispatcher.store.tables import persons
from tests.law import (
    DAY_S,
    DEPUTY,
    DPO,
    MAYOR,
    OPERATOR,
    asked,
    later,
    said_to,
    sealed_alert,
)
from tests.outgoing import COMMUNE, Plan, crowd, planned
from tests.sealed import PEOPLE, over, settle, verified
from tests.situations import load_example_plan, office

SENDS = next(one for one in CLOCKS if one.kind == "sends")


def of(found: list[Ended], kind: str) -> Ended:
    return next(one for one in found if one.kind == kind)


def test_every_clock_has_a_period_and_every_period_a_clock() -> None:
    assert {one.kind for one in CLOCKS} | {EVIDENCE} == set(BY_NAME)
    assert all(one.least <= one.days <= one.most for one in KINDS)


async def test_numbers_of_a_year_ago_end_and_those_of_yesterday_stay(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    assert of(await purge(later(ledger, 364)), "sends").rows == 0
    assert await said_to(ledger) == PEOPLE
    ended = of(await purge(later(ledger, 366)), "sends")
    assert (ended.rows, ended.left, await said_to(ledger)) == (PEOPLE, 0, 0)
    assert (await verified(ledger)).valid


async def test_what_is_under_no_seal_yet_keeps_its_number(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(PEOPLE)))
    await settle(ledger, list(range(PEOPLE)))
    assert of(await purge(later(ledger, 4000)), "sends").rows == 0
    assert await said_to(ledger) == PEOPLE


async def test_the_line_proves_what_ended_by_the_keys_of_the_rows(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    async with ledger.reading() as connection:
        order = (deliveries.c.settled_at, deliveries.c.serial)
        wanted = select(deliveries.c.serial).order_by(*order)
        keys = [(one,) for one in (await connection.execute(wanted)).scalars()]
    await purge(later(ledger, 366))
    (line,) = [one for one in await logbook.read(ledger, COMMUNE) if one.kind == PURGED]
    told = line.data["sends"]
    assert (told["rows"], told["left"], told["digests"]) == (PEOPLE, 0, [digest_of(keys)])


async def test_where_nothing_ends_nothing_is_told(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    await purge(office(ledger))
    assert [one.kind for one in await logbook.read(ledger, COMMUNE)].count(PURGED) == 0


async def test_a_turn_that_died_is_told_by_the_next(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    here = later(ledger, 366)
    before = here.clock().timestamp() - 365 * DAY_S
    await purge_part(ledger, COMMUNE, SENDS, before=before, last=Part("died"))
    assert await said_to(ledger) == 0
    await purge(here)
    (line,) = [one for one in await logbook.read(ledger, COMMUNE) if one.kind == PURGED]
    assert line.data["sends"]["rows"] == PEOPLE
    async with ledger.reading() as connection:
        assert (await connection.execute(select(purges.c.line))).scalars().all() == [line.number]


async def test_more_than_one_part_ends_wholly(ledger: Ledger) -> None:
    many = 2 * PART + 1
    rows = [
        {"commune": COMMUNE, "act_key": f"k{n}", "fingerprint": "f", "acted_at": 1000.0 + n // 7}
        for n in range(many)
    ]
    acts = next(one for one in CLOCKS if one.kind == "acts")
    async with ledger.writing() as connection:
        await connection.execute(acts.table.insert(), rows)
    ended = of(await purge(office(ledger)), "acts")
    assert (ended.rows, ended.left) == (many, 0)


async def test_what_is_foreseen_ends_nothing(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    assert of(await foreseen(later(ledger, 366)), "sends").left == PEOPLE
    assert await said_to(ledger) == PEOPLE


async def test_a_hold_of_an_alert_keeps_its_numbers_until_two_let_go(ledger: Ledger) -> None:
    version = await sealed_alert(ledger)
    here = later(ledger, 366)
    why = {"reason": "plainte", "reference": "TJ de Chaumont, n° 12"}
    ident = await hold(here, version.alert_id, **why, asked=asked(MAYOR, "click"))
    assert await hold(here, version.alert_id, **why, asked=asked(MAYOR, "click")) == ident
    assert of(await purge(here), "sends").kept == PEOPLE
    assert not await lift(here, ident, asked=asked(MAYOR))
    with pytest.raises(NotYou, match="une autre personne"):
        await lift(here, ident, asked=asked(MAYOR))
    assert await said_to(ledger) == PEOPLE
    assert await lift(here, ident, asked=asked(DEPUTY))
    assert of(await purge(here), "sends").rows == PEOPLE


async def test_a_hold_of_everything_keeps_everything(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    here = later(ledger, 366)
    await hold(here, "", reason="enquête", reference="gendarmerie", asked=asked(DPO))
    assert [one.rows for one in await purge(here)] == [0] * len(CLOCKS)


async def test_who_left_three_years_ago_is_erased_and_no_file_brings_her_back(
    ledger: Ledger,
) -> None:
    await load_example_plan(ledger)
    ana = Resident("P1", "LOPEZ Ana", ("fr",), contacts=(Contact("mobile", "+33639980042"),))
    await put_residents(ledger, [ana], commune=COMMUNE)
    async with ledger.writing() as connection:
        await connection.execute(
            update(persons).where(persons.c.external_id == "P1").values(unsubscribed_at=time.time())
        )
    assert of(await purge(later(ledger, 1090)), "left").rows == 0
    assert of(await purge(later(ledger, 1100)), "left").rows == 1
    async with ledger.reading() as connection:
        assert await gone_among(connection, Register(COMMUNE, ledger.ring), [ana]) == [True]
        left = select(persons.c.person_id).where(persons.c.external_id == "P1")
        assert (await connection.execute(left)).all() == []


async def test_a_period_is_the_dpo_s_within_its_bounds_and_told(ledger: Ledger) -> None:
    here = office(ledger)
    with pytest.raises(NotYou):
        await decide(here, "sends", 100, reference="avis", actor=MAYOR)
    for days in (29, 1096):
        with pytest.raises(NotSo, match="Entre 30 et 1095"):
            await decide(here, "sends", days, reference="avis", actor=DPO)
    for kind, where in (("sends", " "), ("nothing", "avis")):
        with pytest.raises(NotSo):
            await decide(here, kind, 100, reference=where, actor=DPO)
    await decide(here, "sends", 100, reference="avis du 3 mars", actor=DPO)
    await decide(here, "sends", 90, reference="avis du 4 mars", actor=DPO)
    assert (await days_of(here))["sends"] == 90
    assert (await days_of(here))["replies"] == BY_NAME["replies"].days
    told = [one for one in await logbook.read(ledger, COMMUNE) if one.kind == "privacy.period"]
    assert [one.data["days"] for one in told] == [100, 90]


async def test_looks_of_a_year_ago_end_and_no_younger_one_can_be_taken_away(
    ledger: Ledger,
) -> None:
    looks = next(one for one in CLOCKS if one.kind == "looks").table
    row = {"commune": COMMUNE, "login": "a", "what": "card", "reason": "person", "people": 1}
    ages = (10, 300, 400)
    async with ledger.writing() as connection:
        for number, days in enumerate(ages, 1):
            at = time.time() - days * DAY_S
            await connection.execute(looks.insert().values(**row, number=number, at=at))
    assert of(await purge(office(ledger)), "looks").rows == 1
    with pytest.raises(DBAPIError, match="only grows"):
        async with ledger.writing() as connection:
            await connection.execute(delete(looks))
    await decide(office(ledger), "looks", 180, reference="avis", actor=DPO)
    assert of(await purge(office(ledger)), "looks").rows == 1


async def test_who_answers_for_nothing_holds_nothing(ledger: Ledger) -> None:
    with pytest.raises(NotYou):
        await hold(office(ledger), "", reason="a", reference="b", asked=asked(OPERATOR))


async def test_the_turn_of_a_day_is_done_once(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    await sealed_alert(ledger)
    here = later(ledger, 366)
    await turn(here, now=here.clock())
    assert await said_to(ledger) == 0
    async with ledger.writing() as connection:
        await connection.execute(update(deliveries).values(contact="x"))
    await turn(here, now=here.clock())
    assert await said_to(ledger) == PEOPLE
    assert await purging.tell(ledger, COMMUNE, key=here.logbook_key, left={}) == 0


async def test_no_turn_begins_while_an_alert_is_on_its_way(ledger: Ledger) -> None:
    await load_example_plan(ledger)
    version = await sealed_alert(ledger)
    here = later(ledger, 366)
    on_its_way = {"finished_at": None, "expires_at": time.time() + 3600}
    await over(ledger, version, **on_its_way)
    await turn(here, now=here.clock())
    assert await said_to(ledger) == PEOPLE
    await over(ledger, version)
    await turn(here, now=here.clock())
    assert await said_to(ledger) == 0
