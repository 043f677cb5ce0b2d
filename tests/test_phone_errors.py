"""Errors at the telephone: counted by person over a day, whatever rings in between."""

from pathlib import Path

import pytest
from sqlalchemy import update

from dispatcher.access import pins
from dispatcher.alerts import by_phone, judging, life
from dispatcher.alerts.office import Office
from dispatcher.store.decision_tables import approval_pins, phone_approvals
from dispatcher.store.ledger import Ledger
from dispatcher.store.phone_approvals import Called
from tests.decided_town import CLERK, lines_of, submitted_by
from tests.offices import BRUZ
from tests.phoned_town import PIN, called, phoned_town, state, typed


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await phoned_town(ledger, tmp_path)


async def erred(office: Office, call: Called, times: int) -> by_phone.Spoken:
    """Type a wrong number so many times; return what was said last."""
    said = await by_phone.begin(office, call)
    for _ in range(times):
        answer = await typed(office, call, said.step, "1")
        assert answer is not None
        said = answer
    return said


async def test_errors_do_not_start_again_with_the_next_ring(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    assert (await erred(office, await called(office), 2)).asks
    await judging.ask_again(office, alert, actor=CLERK)
    said = await erred(office, await called(office), 1)
    assert not said.asks
    assert "Trois erreurs" in said.text
    await judging.ask_again(office, alert, actor=CLERK)
    assert "Trois erreurs" in (await by_phone.begin(office, await called(office))).text
    assert (await lines_of(office, alert)).count("alert.phone_refused") == 1


async def test_errors_count_for_every_alert_of_a_day_until_she_chooses_another_code(
    office: Office,
) -> None:
    first = await submitted_by(office, CLERK)
    await erred(office, await called(office), 3)
    other = await submitted_by(office, CLERK)
    call = await called(office)
    assert "Trois erreurs" in (await by_phone.begin(office, call)).text
    assert await typed(office, call, 1, "1") is None  # nor by an answer that nobody asked for
    line = office.line("maire", "access.pin", "Code")
    await pins.keep_pin(office.ledger, BRUZ, "maire", pin="730164", line=line)
    assert (await by_phone.begin(office, call)).asks
    await judging.ask_again(office, first, actor=CLERK)  # what was refused stays refused
    assert "Trois erreurs" in (await by_phone.begin(office, await called(office))).text
    assert await state(office, other) == "pending_approval"


async def test_a_day_or_a_right_code_forgives_the_errors_before(office: Office) -> None:
    await submitted_by(office, CLERK)
    await erred(office, await called(office), 3)
    async with office.ledger.writing() as connection:
        rows, codes = phone_approvals, approval_pins  # the code is an old one
        await connection.execute(update(rows).values(begun_at=rows.c.begun_at - 86_401))
        await connection.execute(update(codes).values(set_at=codes.c.set_at - 999_999))
    other = await submitted_by(office, CLERK)
    people = str((await life.find(office, other)).people)
    call = await called(office)
    said = await erred(office, call, 2)
    for digits in (people, PIN):
        answer = await typed(office, call, said.step, digits)
        assert answer is not None
        said = answer
    assert await state(office, other) == "approved"
    await submitted_by(office, CLERK)
    assert (await erred(office, await called(office), 2)).asks
