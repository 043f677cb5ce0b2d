"""A person's ladder: each way once, in the order of the policy, a reason for all left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.delivery.content import Escalation
from dispatcher.delivery.ladder import Ladder, Rules, ladder
from dispatcher.delivery.reach import CARRIED_BY, choose
from dispatcher.store.people import Contact, Person

MOBILE = Contact("mobile", "+33639980101", 0)
FIXED = Contact("fixed", "+33199000102", 1)
EMAIL = Contact("email", "lea@ex.example", 2)
SECOND = Contact("mobile", "+33639980199", 3)
MEDIA = tuple(CARRIED_BY)
WAITS = (300.0, 600.0, 900.0)

people = st.builds(
    Person,
    languages=st.just(("fr",)),
    id=st.just("p"),
    name=st.just("Léa"),
    chosen_media=st.lists(st.sampled_from(MEDIA), unique=True).map(tuple),
    contacts=st.lists(
        st.builds(
            Contact,
            kind=st.sampled_from(["mobile", "fixed", "email", "webhook"]),
            value=st.text("01", min_size=1, max_size=2),
            rank=st.integers(0, 3),
        ),
        max_size=6,
        unique_by=lambda one: (one.kind, one.value),
    ).map(tuple),
    unsubscribed=st.booleans(),
)
chains = st.lists(st.lists(st.sampled_from(MEDIA), unique=True, max_size=4), max_size=3)
rules = st.builds(
    Rules,
    media=st.lists(st.sampled_from(MEDIA), unique=True).map(tuple),
    escalation=st.builds(
        Escalation,
        waits_s=st.lists(st.floats(1, 900), max_size=6).map(tuple),
        second_contacts=st.booleans(),
        landlines_only=st.booleans(),
    ),
)


def climb(person: Person, *wanted: list[str], **how: object) -> Ladder:
    escalation = Escalation(**{"waits_s": WAITS, **how})  # type: ignore[arg-type]  # as given
    return ladder(person, wanted, Rules(MEDIA, escalation))


def ways(found: Ladder) -> list[tuple[str, str]]:
    return [step.way for step in found.steps]


def reasons(found: Ladder) -> set[tuple[str, str]]:
    return {(one.medium, one.reason) for one in found.left_out}


def test_the_chain_s_other_media_follow_in_order_then_the_second_contact() -> None:
    person = Person("p", "", contacts=(MOBILE, FIXED, EMAIL, SECOND))
    found = climb(person, ["sms", "voice", "email"], waits_s=(1.0,) * 9)
    assert found.first == (("sms", MOBILE.value),)
    assert ways(found) == [
        ("voice", FIXED.value),
        ("email", EMAIL.value),
        ("sms", SECOND.value),
        ("voice", MOBILE.value),
        ("voice", SECOND.value),
    ]


def test_each_step_has_the_policy_s_wait_and_there_are_as_many_as_waits() -> None:
    person = Person("p", "", contacts=(MOBILE, FIXED, EMAIL, SECOND))
    found = climb(person, ["sms", "voice", "email"])
    assert [step.wait_s for step in found.steps] == list(WAITS)
    assert ("voice", "no_step_left") in reasons(found)


def test_media_of_two_targets_leave_at_once_and_the_rest_follow_by_priority() -> None:
    person = Person("p", "", contacts=(MOBILE, EMAIL))
    found = climb(person, ["sms", "voice"], ["email", "webhook"])
    assert {medium for medium, _ in found.first} == {"sms", "email"}
    assert ways(found) == [("voice", MOBILE.value)]
    assert reasons(found) == {("webhook", "no_contact")}


@pytest.mark.parametrize(
    ("person", "how", "reason"),
    [
        (Person("p", "", chosen_media=("sms",), contacts=(MOBILE, EMAIL)), {}, "not_chosen"),
        (Person("p", "", contacts=(MOBILE, EMAIL)), {}, "not_in_policy"),
        (Person("p", "", contacts=(MOBILE,)), {"landlines_only": True}, "landlines_only"),
        (Person("p", "", contacts=(MOBILE, SECOND)), {"second_contacts": False}, "quiet_exercise"),
        (Person("p", "", contacts=(MOBILE, Contact("fixed", MOBILE.value))), {}, "same_phone"),
    ],
)
def test_what_is_not_tried_says_why(person: Person, how: dict[str, object], reason: str) -> None:
    assert reason in {why for _, why in reasons(climb(person, ["sms", "voice"], **how))}


def test_a_medium_that_the_alert_does_not_use_is_off() -> None:
    person = Person("p", "", contacts=(MOBILE, EMAIL))
    found = ladder(person, [["sms"]], Rules(("sms",), Escalation(WAITS)))
    assert ("email", "medium_off") in reasons(found)


@given(people, chains, rules)
def test_no_way_is_taken_twice(person: Person, wanted: list[list[str]], how: Rules) -> None:
    found = ladder(person, wanted, how)
    climbed = [*found.first, *ways(found)]
    assert len(climbed) == len(set(climbed))


@given(people, chains, rules)
def test_it_begins_as_the_launch_did(person: Person, wanted: list[list[str]], how: Rules) -> None:
    found, choice = ladder(person, wanted, how), choose(person, wanted)
    assert (found.first, found.reason) == (choice.ways, choice.reason)


@given(people, chains, rules)
def test_every_way_of_a_person_is_a_step_or_has_a_reason(
    person: Person, wanted: list[list[str]], how: Rules
) -> None:
    found = ladder(person, wanted, how)
    if found.reason:
        return
    told = {(one.medium, one.contact) for one in found.left_out}
    whole = {one.medium for one in found.left_out if not one.contact}
    for medium, kinds in CARRIED_BY.items():
        hers = {one.value for one in person.contacts if one.kind in kinds}
        assert hers or medium in whole
        for value in hers:
            way = (medium, value)
            assert way in found.first or way in ways(found) or way in told or medium in whole


@given(people, chains, rules)
def test_a_step_keeps_to_the_rules(person: Person, wanted: list[list[str]], how: Rules) -> None:
    found = ladder(person, wanted, how)
    assert len(found.steps) <= len(how.escalation.waits_s)
    mobiles = {one.value for one in person.contacts if one.kind == "mobile"}
    fixed = {one.value for one in person.contacts if one.kind == "fixed"}
    for step in found.steps:
        kinds = CARRIED_BY[step.medium]
        assert any(o.value == step.contact and o.kind in kinds for o in person.contacts)
        if how.escalation.landlines_only and step.medium == "voice":
            assert step.contact in fixed | (mobiles & fixed)


@given(people, chains, rules)
def test_the_order_of_contacts_in_the_ledger_does_not_matter(
    person: Person, wanted: list[list[str]], how: Rules
) -> None:
    ranked = tuple(Contact(way.kind, way.value, rank) for rank, way in enumerate(person.contacts))
    one, other = (
        Person("p", "", ("fr",), person.chosen_media, some) for some in (ranked, ranked[::-1])
    )
    found, same = ladder(one, wanted, how), ladder(other, wanted, how)
    assert (found.first, found.steps) == (same.first, same.steps)


def test_who_unsubscribed_or_was_erased_has_no_ladder_but_a_reason() -> None:
    gone = Person("p", "", contacts=(MOBILE,), unsubscribed=True)
    assert climb(gone, ["sms"]).reason == "unsubscribed"
    assert ladder(None, [["sms"]], Rules(MEDIA, Escalation(WAITS))).reason == "erased"
