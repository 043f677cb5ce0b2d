"""Who enrols herself, beside what is held of her: joined by a contact and a name together."""

import pytest
from sqlalchemy import select, update

from dispatcher.alerts.refusals import NotNow
from dispatcher.signup.asking import (
    Desk,
    ask,
    type_back,
)
from dispatcher.signup.own_page import add_place
from dispatcher.store.enrolment import put_residents
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident
from dispatcher.store.tables import contacts, persons
from tests.signing_up import FROM, HOME, SCHOOL, ana, enrolled, own_page, sent, signed_up
from tests.situations import COMMUNE

pytest_plugins = ("tests.signup_desks",)


async def test_her_contact_is_verified_and_that_of_a_file_is_not(desk: Desk) -> None:
    old = Resident("P1", "Yves HENRY", ("fr",), contacts=(Contact("mobile", "+33639980001"),))
    await put_residents(desk.office.ledger, [old], commune=COMMUNE)
    await signed_up(desk, ana())
    wanted = select(contacts.c.verified_at).where(contacts.c.person_id.not_like("%:%"))
    async with desk.office.ledger.reading() as connection:
        found = list((await connection.execute(wanted)).scalars())
    assert sorted(one is not None for one in found) == [False, True]


async def test_whoever_has_the_same_name_and_contact_is_joined_and_keeps_what_was_held(
    desk: Desk,
) -> None:
    old = Resident(
        "P1", "LOPEZ Ana", ("es",), help_to_leave=True,
        contacts=(Contact("fixed", "+33199000042"), Contact("mobile", "+33639980042", 1)),
        homes=(Home("9 rue Haute", "9 rue haute", 5.0, 47.7),),
    )  # fmt: skip
    await put_residents(desk.office.ledger, [old], commune=COMMUNE)
    await signed_up(desk, ana())
    (one,) = await enrolled(desk)
    assert one.person.help_to_leave
    assert {way.value for way in one.person.contacts} == {"+33639980042", "+33199000042"}
    assert [home.label for home in one.homes] == ["3 Quai Bas", "9 rue Haute"]
    await put_residents(desk.office.ledger, [old], commune=COMMUNE)  # her own word stays
    (same,) = await enrolled(desk)
    assert same == one


async def test_nobody_is_joined_to_her_neighbour_by_a_name_and_an_address(desk: Desk) -> None:
    old = Resident(
        "P1", "Ana Lopez", ("fr",), contacts=(Contact("mobile", "+33639980001"),),
        homes=(Home(HOME.label, HOME.place_key, HOME.lon, HOME.lat),),
    )  # fmt: skip
    await put_residents(desk.office.ledger, [old], commune=COMMUNE)
    await signed_up(desk, ana("06 39 98 00 66"))
    found = await enrolled(desk)
    assert sorted(way.value for one in found for way in one.person.contacts) == [
        "+33639980001",
        "+33639980066",
    ]
    assert len(found) == 2


async def test_who_shares_a_telephone_is_another_person(desk: Desk) -> None:
    await signed_up(desk, ana())
    await signed_up(desk, ana(name="Yves Henry"))
    assert {one.person.name for one in await enrolled(desk)} == {"Ana Lopez", "Yves Henry"}


async def test_who_had_left_comes_back_by_her_own_act(desk: Desk) -> None:
    await signed_up(desk, ana())
    async with desk.office.ledger.writing() as connection:
        await connection.execute(update(persons).values(unsubscribed_at=1.0))
    assert await enrolled(desk) == []
    await signed_up(desk, ana())
    assert len(await enrolled(desk)) == 1


async def test_a_file_s_line_of_her_neighbour_is_not_taken_for_who_claims_her_door(
    desk: Desk,
) -> None:
    await signed_up(desk, ana("06 39 98 00 66"))  # somebody who gives Ana's name and address
    real = Resident(
        None, "Ana Lopez", ("fr",), contacts=(Contact("mobile", "+33639980001"),),
        homes=(Home(HOME.label, HOME.place_key, HOME.lon, HOME.lat),),
    )  # fmt: skip
    await put_residents(desk.office.ledger, [real], commune=COMMUNE)
    reached = {way.value for one in await enrolled(desk) for way in one.person.contacts}
    assert reached == {"+33639980001", "+33639980066"}


async def test_a_file_adds_her_needs_to_what_she_said_and_changes_nothing_else(
    desk: Desk,
) -> None:
    await signed_up(desk, ana())
    (before,) = await enrolled(desk)
    told = Resident(
        "P9", "LOPEZ Ana", ("es",), help_to_leave=True,
        contacts=(Contact("mobile", "+33639980042"), Contact("email", "old@foyer.example", 1)),
        homes=(Home("9 rue Haute", "9 rue haute"),),
    )  # fmt: skip
    await put_residents(desk.office.ledger, [told], commune=COMMUNE)
    (after,) = await enrolled(desk)
    assert after == before._replace(person=before.person._replace(help_to_leave=True))
    async with desk.office.ledger.reading() as connection:
        wanted = select(contacts.c.verified_at).where(contacts.c.verified_at.is_not(None))
        assert len((await connection.execute(wanted)).all()) == 1


async def test_who_was_enrolled_with_a_contact_that_does_not_open_loses_nothing(
    desk: Desk,
) -> None:
    first = await signed_up(desk, ana())
    async with desk.office.ledger.writing() as connection:
        await connection.execute(
            update(contacts).where(contacts.c.kind == "mobile").values(value="AQ==")
        )
    token = await ask(desk, ana(), source=FROM)
    ((_, code),) = await sent(desk)
    with pytest.raises(NotNow, match="rien n'est changé"):
        await type_back(desk, token, code)
    with pytest.raises(NotNow, match="rien n'est changé"):
        await add_place(desk.office, await own_page(desk, first), SCHOOL)
    async with desk.office.ledger.reading() as connection:
        kept = await connection.execute(select(contacts.c.value).where(contacts.c.kind == "mobile"))
    assert "AQ==" in kept.scalars().all()


async def test_a_number_given_to_somebody_else_does_not_bring_her_the_former_one_s_home(
    desk: Desk,
) -> None:
    nameless = Resident(
        None, "", ("fr",), contacts=(Contact("mobile", "+33639980042"),),
        homes=(Home("9 rue Haute", "9 rue haute", 5.0, 47.0),),
    )  # fmt: skip
    await put_residents(desk.office.ledger, [nameless], commune=COMMUNE)
    await signed_up(desk, ana())
    mine = next(one for one in await enrolled(desk) if one.person.name)
    assert [home.label for home in mine.homes] == [HOME.label]
