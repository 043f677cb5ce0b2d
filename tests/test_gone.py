"""Who had herself erased is nowhere and brought back by no file; who is not she comes."""

from dataclasses import replace

import pytest

from dispatcher.alerts.refusals import NotThere
from dispatcher.signup.asking import Desk, pages_of, type_back
from dispatcher.signup.own_page import (
    Asks,
    add_contact,
    ask_for_page,
    contact_ref,
    drop_contact,
    erase,
    leave,
    open_page,
)
from dispatcher.store import logbook
from dispatcher.store.enrolment import put_residents
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident
from tests.signing_up import FROM, HOME, MAIL, ana, enrolled, own_page, sent, signed_up
from tests.situations import COMMUNE

pytest_plugins = ("tests.signup_desks",)


async def test_erased_she_is_nowhere_and_no_file_brings_her_back(desk: Desk) -> None:
    old = Resident(
        "P1", "LOPEZ Ana", ("fr",), contacts=(Contact("mobile", "+33639980042"),),
        homes=(Home("9 rue Haute", "9 rue haute", 5.0, 47.7),),
    )  # fmt: skip
    await put_residents(desk.office.ledger, [old], commune=COMMUNE)
    token = await signed_up(desk, ana())
    page = await own_page(desk, token)
    await erase(desk.office, page)
    await erase(desk.office, page)
    assert await enrolled(desk) == []
    with pytest.raises(NotThere):
        await own_page(desk, token)
    written = await put_residents(
        desk.office.ledger,
        [old, replace(old, external_id=None)],
        commune=COMMUNE,
    )
    assert (written.added, written.gone) == (0, 2)
    assert await enrolled(desk) == []
    line = await logbook.read_kinds(desk.office.ledger, COMMUNE, "residents.erased", limit=9)
    assert [set(one.data) for one in line] == [{"person"}]
    other = replace(old, name="Luis LOPEZ", external_id="P1")  # her household stays reachable
    assert (await put_residents(desk.office.ledger, [other], commune=COMMUNE)).added == 1
    await signed_up(desk, ana())  # her own word brings her back, and then a file knows her again
    assert len(await enrolled(desk)) == 2
    assert (await put_residents(desk.office.ledger, [old], commune=COMMUNE)).gone == 0


async def test_a_number_that_she_took_away_is_not_brought_back_by_the_same_file(
    desk: Desk,
) -> None:
    old = Resident(None, "LOPEZ Ana", ("fr",), contacts=(Contact("mobile", "+33639980042"),),
                   homes=(Home(HOME.label, HOME.place_key, 5.0, 47.7),))  # fmt: skip
    await put_residents(desk.office.ledger, [old], commune=COMMUNE)
    page = await own_page(desk, await signed_up(desk, ana()))
    asked = await add_contact(desk, page, Asks(MAIL, FROM))
    ((_, code),) = await sent(desk, "email")
    await type_back(desk, asked, code)
    await drop_contact(desk.office, page, contact_ref(page.resident.contacts[0]))
    await leave(desk.office, page)
    assert (await put_residents(desk.office.ledger, [old], commune=COMMUNE)).gone == 1
    assert await enrolled(desk) == []


@pytest.mark.parametrize(
    ("erased", "line", "comes"),
    [
        ("", "Ana Lopez", False),  # who gave no name, known again by her number
        ("Ana Lopez", "", False),
        ("Ana Lopez", "Luis Lopez", True),  # her household
        ("Ana Lopez", "LOPEZ Ana", False),
    ],
)
async def test_who_was_erased_is_known_again_with_a_name_on_either_side_alone(
    desk: Desk, erased: str, line: str, comes: bool
) -> None:
    way = (Contact("mobile", "+33639980042"),)
    await put_residents(
        desk.office.ledger, [Resident(None, erased, ("fr",), contacts=way)], commune=COMMUNE
    )
    asked = await ask_for_page(desk, Asks("06 39 98 00 42", FROM), language="fr")
    ((_, code),) = await sent(desk)
    await type_back(desk, asked, code)
    ((link, _),) = await pages_of(desk.office, asked)
    await erase(desk.office, await open_page(desk.office, link))
    told = Resident(None, line, ("fr",), contacts=way)
    written = await put_residents(desk.office.ledger, [told], commune=COMMUNE)
    assert (written.added, written.gone) == (int(comes), int(not comes))


async def test_a_father_who_was_erased_does_not_lose_the_son_of_his_name_and_door(
    desk: Desk,
) -> None:
    home = (Home("9 rue Haute", "9 rue haute", 5.0, 47.7),)
    father, son = (
        Resident(f"P{n}", "Jean LOPEZ", ("fr",), contacts=(Contact("mobile", phone),), homes=home)
        for n, phone in enumerate(("+33639980042", "+33639980043"))
    )
    await put_residents(desk.office.ledger, [father], commune=COMMUNE)
    asked = await ask_for_page(desk, Asks("06 39 98 00 42", FROM), language="fr")
    ((_, code),) = await sent(desk)
    await type_back(desk, asked, code)
    ((link, _),) = await pages_of(desk.office, asked)
    await erase(desk.office, await open_page(desk.office, link))
    written = await put_residents(desk.office.ledger, [father, son], commune=COMMUNE)
    assert (written.added, written.gone) == (1, 1)
    nameless_ids = replace(father, external_id=None, contacts=())  # a door tells where no id does
    assert (await put_residents(desk.office.ledger, [nameless_ids], commune=COMMUNE)).added == 0
