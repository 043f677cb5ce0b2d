"""Codes go to people: neither to numbers that pay who asks, nor more often than anybody needs."""

from dataclasses import replace

import pytest

from dispatcher.alerts.plan_in_force import load
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.signup.asking import (
    Desk,
    ask,
    origin_of,
)
from dispatcher.signup.telling import Said, said_of
from dispatcher.store.code_limits import (
    MAILS_FOR_ONE,
    OF_A_CONTACT,
    OF_A_RANGE,
    OF_A_SOURCE,
    codes_of,
)
from tests.bench.parts.crowd import AUTHOR, plan_files
from tests.signing_up import FROM, HOME, MAIL, MOBILE, SCHOOL, ana, sent, signed_up
from tests.situations import COMMUNE

pytest_plugins = ("tests.signup_desks",)


async def test_no_more_codes_leave_than_a_person_needs(desk: Desk) -> None:
    for _ in range(OF_A_CONTACT):
        await ask(desk, ana(), source="")
    with pytest.raises(NotNow, match="dix minutes"):
        await ask(desk, ana(), source="")
    await ask(desk, ana(MAIL), source="")  # of another contact
    assert len(await sent(desk)) == OF_A_CONTACT


async def test_one_machine_asks_for_few_and_a_range_of_numbers_is_not_gone_through(
    desk: Desk,
) -> None:
    for n in range(OF_A_SOURCE):
        await ask(desk, ana(f"a{n}@foyer.example"), source=FROM)
    with pytest.raises(NotNow):
        await ask(desk, ana("b@foyer.example"), source=FROM)
    for n in range(OF_A_RANGE):
        await ask(desk, ana(f"06 39 98 01 {n:02}"), source=f"198.51.{n}.1")
    with pytest.raises(NotNow):
        await ask(desk, ana("06 39 98 02 00"), source="203.0.113.9")
    assert len(await sent(desk)) == OF_A_RANGE


async def test_a_flood_from_everywhere_costs_no_more_than_the_day_allows(desk: Desk) -> None:
    few = replace(desk, daily=12)
    refused = 0
    for n in range(40):
        try:
            said = ana(f"06 1{n % 10} {n:02} 11 {n:02}")
            await ask(few, said, source=f"10.{n}.{n}.1")
        except NotNow:
            refused += 1
    assert len(await sent(desk)) == 12
    assert refused == 28
    assert (await codes_of(desk.office.ledger, COMMUNE)).day == 12


async def test_a_day_of_mails_leaves_who_enrols_by_sms_her_code_and_telephones_leave_mails(
    desk: Desk,
) -> None:
    one = replace(desk, daily=1)
    for n in range(MAILS_FOR_ONE):
        await ask(one, ana(f"a{n}@foyer.example"), source=f"10.{n}.0.1")
    with pytest.raises(NotNow, match="aujourd'hui"):
        await ask(one, ana("b@foyer.example"), source="10.99.0.1")
    await ask(one, ana(), source="")
    assert len(await sent(desk)) == 1
    with pytest.raises(NotNow, match="aujourd'hui"):
        await ask(one, ana("06 39 97 00 42"), source="")
    await ask(replace(desk, daily=2), ana("b@foyer.example"), source="10.99.0.1")


async def test_many_codes_that_never_come_back_are_seen(desk: Desk) -> None:
    await signed_up(desk, ana())
    await ask(desk, ana(MAIL), source="")
    counted = await codes_of(desk.office.ledger, COMMUNE)
    assert (counted.day, counted.mailed, counted.hour, counted.used) == (1, 1, 2, 1)


@pytest.mark.parametrize(
    "contact",
    ["", "3639", "0899 10 20 30", "+1 212 555 0100", "+225 07 07 07 07 07",
     "ana@", "ana foyer.example", "06 39 98"],
)  # fmt: skip
def test_a_contact_that_no_code_should_go_to_is_refused_in_words(contact: str) -> None:
    with pytest.raises(NotSo, match=r"^.{20,}$"):
        ana(contact)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "}, {"name": "x" * 200}, {"name": "Ana\0Lopez"}, {"name": "12"},
        {"places": ()}, {"places": (HOME,) * 7}, {"places": (replace(HOME, kind="castle"),)},
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_in_words(wrong: dict[str, object]) -> None:
    told: dict[str, object] = {"name": "Ana", "contact": MOBILE, "places": (HOME,)}
    with pytest.raises(NotSo):
        said_of(COMMUNE, **{**told, **wrong}, language="fr")  # type: ignore[arg-type]


def test_where_a_request_comes_from_is_counted_by_its_neighbourhood() -> None:
    assert origin_of("192.0.2.7") == ("192.0.2.7/32", "192.0.2.0/24")
    assert origin_of("2001:db8:1:2::3") == ("2001:db8:1:2::/64", "2001:db8:1::/48")
    assert origin_of("::ffff:192.0.2.7") == origin_of("192.0.2.7")
    assert origin_of("testclient") == ("", "")


def test_what_was_said_is_read_back_as_it_was() -> None:
    said = ana(MAIL, HOME, SCHOOL)
    assert Said.of(said.as_json()) == said


async def test_a_contact_is_asked_no_oftener_by_many_communes_or_under_many_names(
    desk: Desk,
) -> None:
    neighbour = desk.office.of("35047")
    await load(neighbour, plan_files("35047"), actor=AUTHOR)
    both = (desk, Desk(neighbour))
    for n in range(OF_A_CONTACT):
        await ask(both[n % 2], ana(f"ana+{n}@foyer.example"), source="")
    for one in both:
        with pytest.raises(NotNow, match="dix minutes"):
            await ask(one, ana("ana@foyer.example"), source="")
