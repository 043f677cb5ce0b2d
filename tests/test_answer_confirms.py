"""Who answers an alert holds what it came to: from then on she is sure to be reached there."""

import asyncio

import pytest
from sqlalchemy import select, update

from dispatcher.alerts import life
from dispatcher.cover.counting import cover_of
from dispatcher.cover.ground import Grounds
from dispatcher.delivery.answers import record, record_keypad, record_to
from dispatcher.delivery.tokens import NamedAttempt, answer_token, attempt_token, page_names
from dispatcher.signup.asking import Desk
from dispatcher.signup.town_hall import OnPaper, enrol
from dispatcher.store.addresses import Address
from dispatcher.store.cover_tables import failing
from dispatcher.store.enrolment import put_residents
from dispatcher.store.erasing import erase_in
from dispatcher.store.ledger import Ledger
from dispatcher.store.names import number_delivery
from dispatcher.store.outgoing import deliveries
from dispatcher.store.people import Contact
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Home, Resident
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import contacts
from dispatcher.store.turns import take_turns
from tests.answering_town import Town, with_plan
from tests.corrected import approve_and_launch, send
from tests.covered_town import load_doors
from tests.fake_channel import FakeChannel
from tests.keyring import mark_of
from tests.offices import AUTHOR
from tests.outgoing import COMMUNE, KEYS, Inhabitant, Plan, crowd, phone
from tests.signing_up import HOME, MOBILE
from tests.test_own_history import flood

pytest_plugins = ("tests.signup_desks",)


async def confirmed(ledger: Ledger) -> set[tuple[str, bool]]:
    """Return whose contacts are confirmed, and whose are not."""
    wanted = select(contacts.c.person_id, contacts.c.verified_at.is_not(None))
    async with ledger.reading() as connection:
        return {(row[0], bool(row[1])) for row in await connection.execute(wanted)}


async def reached(ledger: Ledger, medium: str = "sms") -> str:
    """Return the delivery to the first of the crowd."""
    wanted = select(deliveries.c.delivery_id).where(
        deliveries.c.contact_mark == mark_of(phone(0)), deliveries.c.medium == medium
    )
    async with ledger.reading() as connection:
        return str((await connection.execute(wanted)).scalar_one())


async def answer(town: Town, via: str) -> None:
    """Have the first of the crowd answer so."""
    ident = await reached(town.ledger)
    if via == "sms":
        await town.texts(phone(0), "1")
    elif via == "page":
        page = page_names(KEYS, answer_token(KEYS, ident))[0]
        assert await record(town.ledger, page=page, kind="understood", via="page")
    else:
        token = attempt_token(KEYS, NamedAttempt(COMMUNE, ident, 1)).value
        assert await record_keypad(town.ledger, KEYS, token=token, kind="help")


@pytest.mark.parametrize("via", ["page", "keypad", "sms"])
async def test_an_answer_confirms_the_contact_that_it_came_from(ledger: Ledger, via: str) -> None:
    town = await with_plan(ledger)
    await town.sent(Plan(crowd(2), two_way=True))
    assert (await confirmed(ledger)) >= {("p00000", False), ("p00001", False)}
    await answer(town, via)
    assert (await confirmed(ledger)) >= {("p00000", True), ("p00001", False)}


async def test_a_shared_telephone_answers_for_its_household_and_for_no_other_contact(
    ledger: Ledger,
) -> None:
    town = await with_plan(ledger)
    shared = Contact("mobile", phone(0))
    both = [Inhabitant("a", (shared,)), Inhabitant("b", (shared, Contact("mobile", phone(1))))]
    await town.sent(Plan(both, two_way=True))
    await answer(town, "sms")
    assert (await confirmed(ledger)) >= {("a", True), ("b", True), ("b", False)}


async def test_an_answer_takes_the_flag_off_the_contact_that_it_came_from(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await town.sent(Plan(crowd(2), two_way=True))
    async with ledger.writing() as connection:
        await connection.execute(update(contacts).values(verified_at=12.0))
        rows = [
            {"commune": COMMUNE, "person_id": f"p0000{n}", "mark": mark_of(phone(n)),
             "why": "no_sms", "failed_at": 13.0, "version_id": "earlier"}
            for n in range(2)
        ]  # fmt: skip
        await insert_rows(connection, failing, rows)
    await answer(town, "sms")
    async with ledger.reading() as connection:
        left = await connection.execute(select(failing.c.person_id))
        assert left.scalars().all() == ["p00001"]


async def test_what_was_confirmed_before_keeps_its_date(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await town.sent(Plan(crowd(1)))
    hers = contacts.c.person_id == "p00000"
    async with ledger.writing() as connection:
        await connection.execute(update(contacts).where(hers).values(verified_at=12.0))
    await answer(town, "page")
    async with ledger.reading() as connection:
        kept = await connection.execute(select(contacts.c.verified_at).where(hers))
        assert kept.scalars().all() == [12.0]


async def test_an_answer_to_a_rehearsal_confirms_nothing(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    version = await town.sent(Plan(crowd(1)))
    await town.change_deliveries(version, route="rehearsal")
    await answer(town, "page")
    assert ("p00000", True) not in await confirmed(ledger)


async def test_two_answers_at_once_confirm_once_and_hold_nobody_up(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    shared = Contact("mobile", phone(0))
    await town.sent(Plan([Inhabitant(f"p{n}", (shared,)) for n in range(20)]))
    ident = await reached(ledger)
    kinds = ("understood", "help") * 10
    async with asyncio.timeout(30):
        answered = await asyncio.gather(
            *(record_to(ledger, COMMUNE, ident, kind=kind, via="page") for kind in kinds)
        )
    assert sum(one is not None and one.new for one in answered) == 2
    assert {sure for who, sure in await confirmed(ledger) if who.startswith("p")} == {True}


@pytest.mark.parametrize("ledger_url", ["postgresql"], indirect=True)  # SQLite has one writer
async def test_an_answer_waits_for_nobody_who_writes_her_and_the_next_one_confirms(
    ledger: Ledger,
) -> None:
    town = await with_plan(ledger)
    await town.sent(Plan(crowd(1)))
    ident = await reached(ledger)
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=COMMUNE)
        await connection.execute(update(contacts).values(rank=contacts.c.rank))
        async with asyncio.timeout(10):
            first = await record_to(ledger, COMMUNE, ident, kind="understood", via="page")
    assert first is not None
    assert first.new
    assert ("p00000", False) in await confirmed(ledger)
    await record_to(ledger, COMMUNE, ident, kind="help", via="page")
    assert ("p00000", True) in await confirmed(ledger)


async def test_she_answers_while_she_is_erased_and_neither_is_broken_off(ledger: Ledger) -> None:
    town = await with_plan(ledger)
    await town.sent(Plan(crowd(8)))
    version = await reached(ledger)
    wanted = select(deliveries.c.delivery_id).order_by(deliveries.c.delivery_id)
    async with ledger.reading() as connection:
        idents = list((await connection.execute(wanted)).scalars())
    assert version in idents

    async def erased(person: str) -> None:
        async with ledger.writing() as connection:
            await take_turns(connection, "people", commune=COMMUNE)
            await erase_in(connection, Register(COMMUNE, ledger.ring), person)

    async with asyncio.timeout(30):
        await asyncio.gather(
            *(record_to(ledger, COMMUNE, one, kind="help", via="page") for one in idents),
            *(erased(f"p{number:05d}") for number in range(8)),
        )
    assert not [who for who, _ in await confirmed(ledger) if who.startswith("p0")]


async def test_who_was_enrolled_on_paper_counts_as_covered_once_she_answers(desk: Desk) -> None:
    door = Address("a", HOME.label, "Quai Bas", HOME.place_key, HOME.lon, HOME.lat)
    await load_doors(desk.office.ledger, [door])
    form = OnPaper("Ana Lopez", [MOBILE], [HOME], signed=True)
    await enrol(desk.office, form, actor=AUTHOR)
    alert = await life.make_draft(desk.office, flood(), actor=AUTHOR)
    await approve_and_launch(desk.office, alert, key=alert)
    await send(desk.office, FakeChannel())
    assert (await cover_of(desk.office, Grounds())).whole.covered == 0
    async with desk.office.ledger.reading() as connection:
        row = (await connection.execute(select(deliveries.c.version_id))).first()
    assert row is not None
    ident = number_delivery(COMMUNE, row[0], "sms", contact_mark=mark_of("+33639980042"))
    await record_to(desk.office.ledger, COMMUNE, ident, kind="understood", via="page")
    assert (await cover_of(desk.office, Grounds())).whole.covered == 1


async def test_a_file_that_changes_her_address_leaves_her_contact_as_confirmed_as_it_was(
    ledger: Ledger,
) -> None:
    def line(home: str, *more: Contact) -> Resident:
        ways = (Contact("mobile", phone(0)), *more)
        where = (Home(home, home, 5.0, 47.7),)
        return Resident("P1", "LOPEZ Ana", ("fr",), contacts=ways, homes=where)

    await put_residents(ledger, [line("9 rue haute")], commune=COMMUNE)
    async with ledger.writing() as connection:
        await connection.execute(update(contacts).values(verified_at=12.0))
    moved = line("7 quai bas", Contact("mobile", phone(1), 1))
    await put_residents(ledger, [moved], commune=COMMUNE)
    async with ledger.reading() as connection:
        kept = await connection.execute(select(contacts.c.verified_at).order_by(contacts.c.rank))
        assert kept.scalars().all() == [12.0, None]
