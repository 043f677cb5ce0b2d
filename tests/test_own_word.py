"""What a resident says herself, beside what a file says of her: her own word stays."""

from dataclasses import replace

from dispatcher.signup.asking import Desk, pages_of, type_back
from dispatcher.signup.own_page import (
    Asks,
    Needs,
    Page,
    add_contact,
    add_place,
    ask_for_page,
    open_page,
    set_information,
    set_language,
    set_media,
    set_needs,
)
from dispatcher.store.enrolment import put_residents
from dispatcher.store.information import Hours, Wanted
from dispatcher.store.own_changes import kept_of
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident
from tests.signing_up import FROM, HOME, MAIL, ana, own_page, sent, signed_up
from tests.situations import COMMUNE

pytest_plugins = ("tests.signup_desks",)
PARIS = "Europe/Paris"


async def again(desk: Desk, page: Page) -> Resident:
    """Return what is held of her now."""
    kept = await kept_of(desk.office.ledger, page.own)
    assert kept is not None
    return kept.resident


async def test_what_she_changes_on_her_page_is_her_own_word_from_then_on(desk: Desk) -> None:
    old = Resident("P1", "Yves HENRY", ("fr",), contacts=(Contact("email", MAIL),))
    await put_residents(desk.office.ledger, [old], commune=COMMUNE)
    asked = await ask_for_page(desk, Asks(MAIL, FROM), language="fr")
    ((_, code),) = await sent(desk, "email")
    await type_back(desk, asked, code)
    ((link, _),) = await pages_of(desk.office, asked)
    page = await open_page(desk.office, link)
    await add_place(desk.office, page, HOME)
    again_told = replace(old, homes=(Home("9 rue Haute", "9 rue haute"),))
    await put_residents(desk.office.ledger, [again_told], commune=COMMUNE)
    assert [home.label for home in (await again(desk, page)).homes] == [HOME.label]


async def test_a_file_s_choice_of_media_does_not_hide_the_number_that_she_gives(desk: Desk) -> None:
    told = Resident("P1", "LOPEZ Ana", ("fr",), ("email",),
                    contacts=(Contact("email", "old@foyer.example"),
                              Contact("mobile", "+33639980042", 1)))  # fmt: skip
    await put_residents(desk.office.ledger, [told], commune=COMMUNE)
    page = await own_page(desk, await signed_up(desk, ana()))
    assert page.resident.chosen_media == ("email", "sms", "voice")


async def test_the_order_of_a_file_s_cell_is_never_taken_for_her_wish(desk: Desk) -> None:
    ways = (Contact("email", MAIL), Contact("mobile", "+33639980001"))
    told = Resident("P1", "Yves HENRY", ("fr",), ("email", "sms"), contacts=ways)
    await put_residents(desk.office.ledger, [told], commune=COMMUNE)
    asked = await ask_for_page(desk, Asks(MAIL, FROM), language="fr")
    ((_, code),) = await sent(desk, "email")
    await type_back(desk, asked, code)
    ((link, yves),) = await pages_of(desk.office, asked)
    assert yves.chosen_media == ("sms", "email")
    page = await open_page(desk.office, link)
    await set_language(desk.office, page, "en", known=("fr", "en"))
    assert (await again(desk, page)).chosen_media == ("sms", "email")


async def test_what_she_chooses_is_kept_and_a_file_does_not_change_it(desk: Desk) -> None:
    page = await own_page(desk, await signed_up(desk, ana()))
    office, hours = desk.office, Hours(8 * 60, 20 * 60, PARIS)
    await set_media(office, page, first="voice", only=False)
    await set_language(office, page, "en", known=("fr", "en"))
    await set_needs(office, page, Needs(warn_first=True, help_to_leave=False, household=4))
    await set_information(office, page, Wanted(("roadworks", "of no kind"), hours))
    kept = await again(desk, page)
    assert kept.chosen_media == ("voice", "sms")
    assert kept.languages == ("en", "fr")
    assert (kept.warn_first, kept.help_to_leave, kept.household) == (True, False, 4)
    assert kept.information == Wanted(("roadworks",), hours)
    told = Resident("P9", "LOPEZ Ana", ("es",), ("email",), contacts=kept.contacts)
    await put_residents(office.ledger, [told], commune=COMMUNE)
    assert await again(desk, page) == replace(kept, external_id="P9")
    await set_media(office, page, first="", only=True)
    assert (await again(desk, page)).chosen_media == ()


async def test_a_contact_that_is_added_is_used_beside_what_she_put_first(desk: Desk) -> None:
    page = await own_page(desk, await signed_up(desk, ana()))
    asked = await add_contact(desk, page, Asks(MAIL, FROM))
    ((_, code),) = await sent(desk, "email")
    await set_media(desk.office, page, first="voice", only=False)
    await type_back(desk, asked, code)
    assert (await again(desk, page)).chosen_media == ("voice", "sms", "email")
    await signed_up(desk, ana(MAIL))
    assert (await again(desk, page)).chosen_media == ("voice", "sms", "email")
