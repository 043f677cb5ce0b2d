"""A resident whose telephone is foreign is enrolled and found by the town hall; by no code."""

import pytest

from dispatcher.alerts.refusals import NotSo
from dispatcher.privacy.about import about
from dispatcher.signup.asking import Desk
from dispatcher.signup.town_hall import OnPaper, enrol, look_up
from dispatcher.store.people import Contact
from tests.law import DPO, OPERATOR
from tests.signing_up import HOME, ana, enrolled

pytest_plugins = ("tests.signup_desks",)
BELGIAN, BRITISH = "+32470123456", "+447400123456"


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("+32 470 12 34 56", BELGIAN),
        ("0032 470/12.34.56", BELGIAN),
        ("+44 7400 123456", BRITISH),
    ],
)
async def test_the_town_hall_enrols_and_finds_a_number_of_any_country(
    desk: Desk, typed: str, e164: str
) -> None:
    await enrol(desk.office, OnPaper("Ana Lopez", [typed], [HOME], signed=True), actor=OPERATOR)
    (one,) = await enrolled(desk)
    assert one.person.contacts == (Contact("mobile", e164),)
    (page,) = await look_up(desk.office, typed, actor=OPERATOR)
    assert page.resident.name == "Ana Lopez"
    kept = await about(desk.office, typed, actor=DPO)
    assert [row["name"] for row in kept["tables"]["persons"]] == ["Ana Lopez"]


@pytest.mark.parametrize("typed", ["+32 1", "+999 12 34 56 78", "+32 900 12 345", "3639"])
async def test_what_is_no_number_of_anybody_is_refused_with_what_to_write(
    desk: Desk, typed: str
) -> None:
    with pytest.raises(NotSo, match="avec son indicatif s'il est étranger"):
        await look_up(desk.office, typed, actor=OPERATOR)


def test_no_code_goes_to_it() -> None:
    with pytest.raises(NotSo, match="pas de code à ce pays"):
        ana(BELGIAN)
