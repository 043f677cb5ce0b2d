"""A resident's own page: seen and changed by who holds its link, left, and emptied at once."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.delivery.drain import drain
from dispatcher.signup.asking import Desk, ask_again, open_signup, pages_of, type_back
from dispatcher.signup.links import own_token
from dispatcher.signup.own_page import (
    Asks,
    Needs,
    Page,
    add_contact,
    add_place,
    ask_for_page,
    come_back,
    contact_ref,
    drop_contact,
    drop_place,
    erase,
    leave,
    open_page,
    place_ref,
    set_information,
    set_language,
    set_media,
    set_needs,
)
from dispatcher.signup.telling import MOST_PLACES
from dispatcher.signup.town_hall import erase as erase_by_hand
from dispatcher.signup.town_hall import take_off
from dispatcher.store import logbook
from dispatcher.store.enrolment import put_directory, put_residents
from dispatcher.store.information import ALL, Hours, Wanted
from dispatcher.store.own_changes import kept_of
from dispatcher.store.own_links import Own
from dispatcher.store.own_tables import own_links
from dispatcher.store.people import Contact, Person
from dispatcher.store.registers import Resident
from dispatcher.store.signup_tables import code_sends
from dispatcher.store.tables import contacts
from tests.fake_channel import FakeChannel, door
from tests.offices import AUTHOR
from tests.signing_up import FROM, HOME, MAIL, SCHOOL, ana, enrolled, own_page, sent, signed_up
from tests.situations import COMMUNE
from tests.stolen import everything

pytest_plugins = ("tests.signup_desks",)
PARIS = "Europe/Paris"


async def test_her_code_opens_her_page_and_nothing_else_does(desk: Desk) -> None:
    token = await signed_up(desk, ana())
    page = await own_page(desk, token)
    assert page.resident.name == "Ana Lopez"
    assert [one.kind for one in page.resident.contacts] == ["mobile"]
    assert None not in page.kept.confirmed
    for other in ("", "x", token, own_token(token, 1), own_token(token).swapcase()):
        with pytest.raises(NotThere):
            await open_page(desk.office, other)
    assert own_token(token).lower() not in await everything(desk.office.ledger)


async def test_a_link_ends_after_thirty_days_and_a_code_gives_another(desk: Desk) -> None:
    token = await signed_up(desk, ana())
    async with desk.office.ledger.writing() as connection:
        await connection.execute(update(own_links).values(until=own_links.c.until - 31 * 86_400))
    with pytest.raises(NotThere, match="demandez-en un autre"):
        await own_page(desk, token)
    asked = await ask_for_page(desk, Asks("06 39 98 00 42", FROM), language="fr")
    assert await pages_of(desk.office, asked) == []
    ((to, code),) = await sent(desk)
    assert to == "+33639980042"
    await type_back(desk, asked, code)
    ((link, who),) = await pages_of(desk.office, asked)
    assert (who.name, (await open_page(desk.office, link)).own.commune) == ("Ana Lopez", COMMUNE)


async def test_a_contact_that_nobody_gave_is_answered_alike_and_sent_nothing(desk: Desk) -> None:
    await signed_up(desk, ana())
    known = await ask_for_page(desk, Asks("06 39 98 00 42", FROM), language="fr")
    other = await ask_for_page(desk, Asks("06 39 98 00 77", FROM), language="fr")
    seen = [await open_signup(desk.office, one) for one in (known, other)]
    assert [(one.verified, one.code_serves, len(one.told)) for one in seen] == [
        (False, True, len(seen[0].told))
    ] * 2
    assert [to for to, _ in await sent(desk)] == ["+33639980042"]
    with pytest.raises(NotSo):
        await type_back(desk, other, "000000")
    await ask_again(desk, other, source=FROM)
    assert await sent(desk) == []
    await ask_again(desk, other, source=FROM)
    with pytest.raises(NotNow):  # it counts against who asks, as any other
        await ask_again(desk, other, source=FROM)
    async with desk.office.ledger.reading() as connection:
        marks = (await connection.execute(select(code_sends.c.message))).scalars().all()
    assert sorted(one == "" for one in marks) == [False, False, True, True, True]


async def test_those_behind_one_contact_each_get_their_page(desk: Desk) -> None:
    shared = Contact("mobile", "+33639980042")
    old = [Resident(f"P{n}", f"Paul PETIT {n}", ("fr",), contacts=(shared,)) for n in "ab"]
    other = Contact("mobile", "+33639980043")
    old.append(Resident("Pc", "Yves HENRY", ("fr",), contacts=(other,)))
    await put_residents(desk.office.ledger, old, commune=COMMUNE)
    asked = await ask_for_page(desk, Asks("0639980042", FROM), language="fr")
    ((_, code),) = await sent(desk)
    await type_back(desk, asked, code)
    names = sorted(one.name for _, one in await pages_of(desk.office, asked))
    assert names == ["Paul PETIT a", "Paul PETIT b"]
    async with desk.office.ledger.reading() as connection:
        sure = select(func.count()).where(contacts.c.verified_at.is_not(None))
        assert (await connection.execute(sure)).scalar() == 2


async def test_a_landline_is_dictated_its_code(desk: Desk) -> None:
    old = Resident("P1", "Yves HENRY", ("fr",), contacts=(Contact("fixed", "+33199000042"),))
    await put_residents(desk.office.ledger, [old], commune=COMMUNE)
    asked = await ask_for_page(desk, Asks("01 99 00 00 42", FROM), language="fr")
    fake = FakeChannel(medium="voice")
    await drain(door(desk.office.ledger, fake))
    (call,) = fake.ledger
    figures = call.text.partition(". Ne le donnez à personne. ")[2].partition(".")[0]
    assert len(figures.split(", ")) == 6
    assert call.text.count(figures) == 2
    await type_back(desk, asked, figures)
    assert [one.name for _, one in await pages_of(desk.office, asked)] == ["Yves HENRY"]


async def test_her_places_come_and_go_and_the_last_one_stays(desk: Desk) -> None:
    page = await own_page(desk, await signed_up(desk, ana()))
    office = desk.office
    for _ in range(2):  # twice is once
        await add_place(office, page, SCHOOL)
    places = (await again(desk, page)).homes
    assert [(home.label, home.kind) for home in places] == [
        (HOME.label, "home"),
        (SCHOOL.label, "school"),
    ]
    await drop_place(office, page, place_ref(places[0]))
    await drop_place(office, page, "no such place")
    (last,) = (await again(desk, page)).homes
    assert last.label == SCHOOL.label
    with pytest.raises(NotSo, match="Gardez au moins une adresse"):
        await drop_place(office, page, place_ref(last))
    for n in range(MOST_PLACES - 1):
        await add_place(office, page, replace(HOME, label=f"{n} rue", place_key=f"{n} rue"))
    with pytest.raises(NotSo, match="6 adresses au plus"):
        await add_place(office, page, replace(HOME, label="x", place_key="x"))
    with pytest.raises(NotSo):
        await add_place(office, page, replace(HOME, kind="palace"))


async def test_another_contact_is_hers_once_its_code_came_back(desk: Desk) -> None:
    page = await own_page(desk, await signed_up(desk, ana()))
    asked = await add_contact(desk, page, Asks(MAIL, FROM))
    (one,) = await enrolled(desk)
    assert len(one.person.contacts) == 1
    ((to, code),) = await sent(desk, "email")
    await type_back(desk, asked, code)
    ((link, _),) = await pages_of(desk.office, asked)
    again = await open_page(desk.office, link)
    assert [(way.kind, way.value) for way in again.resident.contacts] == [
        ("mobile", "+33639980042"),
        ("email", to),
    ]
    assert all(again.kept.confirmed)
    await drop_contact(desk.office, page, contact_ref(again.resident.contacts[0]))
    with pytest.raises(NotSo, match="Gardez au moins un moyen"):
        await drop_contact(desk.office, page, contact_ref(again.resident.contacts[1]))
    (one,) = await enrolled(desk)
    assert [way.kind for way in one.person.contacts] == ["email"]
    async with desk.office.ledger.reading() as connection:
        sure = select(contacts.c.kind).where(contacts.c.verified_at.is_not(None))
        assert (await connection.execute(sure)).scalars().all() == ["email"]


async def test_a_contact_for_somebody_erased_meanwhile_enrols_nobody(desk: Desk) -> None:
    page = await own_page(desk, await signed_up(desk, ana()))
    asked = await add_contact(desk, page, Asks(MAIL, FROM))
    ((_, code),) = await sent(desk, "email")
    await erase(desk.office, page)
    await type_back(desk, asked, code)
    assert await pages_of(desk.office, asked) == []
    assert await enrolled(desk) == []


async def again(desk: Desk, page: Page) -> Resident:
    """Return what is held of her now."""
    kept = await kept_of(desk.office.ledger, page.own)
    assert kept is not None
    return kept.resident


async def test_who_has_a_duty_in_the_plan_is_on_no_page_and_no_card(desk: Desk) -> None:
    await put_directory(
        desk.office.ledger, [Person("contact:maire", "Claire Martin")], commune=COMMUNE
    )
    assert await kept_of(desk.office.ledger, Own(COMMUNE, "contact:maire")) is None
    for act in (take_off, erase_by_hand):
        with pytest.raises(NotThere):
            await act(desk.office, "contact:maire", actor=AUTHOR)


async def test_what_changes_nothing_writes_nothing(desk: Desk) -> None:
    page = await own_page(desk, await signed_up(desk, ana()))
    await set_media(desk.office, page, first="sms", only=False)
    before = await everything(desk.office.ledger)
    await set_media(desk.office, page, first="sms", only=False)
    await drop_place(desk.office, page, "no such place")
    assert await everything(desk.office.ledger) == before


async def test_what_cannot_be_is_refused_in_a_sentence(desk: Desk) -> None:
    page = await own_page(desk, await signed_up(desk, ana()))
    with pytest.raises(NotSo, match="parmi les moyens"):
        await set_media(desk.office, page, first="email", only=False)
    with pytest.raises(NotSo, match="langue de la liste"):
        await set_language(desk.office, page, "tlh", known=("fr", "en"))
    with pytest.raises(NotSo, match="de 1 à 20"):
        await set_needs(desk.office, page, Needs(False, False, 0))
    with pytest.raises(NotSo, match="heures différentes"):
        await set_information(desk.office, page, Wanted((), Hours(60, 60, PARIS)))
    assert (await again(desk, page)).information == ALL


async def test_she_leaves_and_comes_back_and_each_is_in_the_logbook_once(desk: Desk) -> None:
    page = await own_page(desk, await signed_up(desk, ana()))
    for _ in range(2):
        await leave(desk.office, page)
    assert await enrolled(desk) == []
    for _ in range(2):
        await come_back(desk.office, page)
    assert len(await enrolled(desk)) == 1
    for kind in ("residents.unsubscribed", "residents.subscribed"):
        assert len(await logbook.read_kinds(desk.office.ledger, COMMUNE, kind, limit=9)) == 1
