"""Each person who can be reached is reached, by what the policy prefers and they accept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.delivery.reach import CARRIED_BY, Choice, choose
from dispatcher.store.people import Contact, Person

MOBILE = Contact("mobile", "+33639980101", 0)
FIXED = Contact("fixed", "+33199000102", 1)
EMAIL = Contact("email", "lea@ex.example", 2)
ALL = (MOBILE, FIXED, EMAIL)
MEDIA = tuple(CARRIED_BY)

contacts = st.builds(
    Contact,
    kind=st.sampled_from(["mobile", "fixed", "email", "webhook"]),
    value=st.text("0123456789", min_size=1, max_size=4),
    rank=st.integers(0, 9),
)
people = st.builds(
    Person,
    languages=st.just(("fr",)),
    id=st.just("p"),
    name=st.just("Léa"),
    chosen_media=st.lists(st.sampled_from(MEDIA), unique=True).map(tuple),
    contacts=st.lists(contacts, max_size=5).map(tuple),
    unsubscribed=st.booleans(),
)
chains = st.lists(st.lists(st.sampled_from(MEDIA), unique=True, max_size=4), max_size=3)


def media_of(person: Person, *wanted: list[str]) -> list[str]:
    return [medium for medium, _ in choose(person, wanted).ways]


def test_what_she_puts_first_is_taken_before_what_the_policy_does() -> None:
    calls_first = Person("p", "", chosen_media=("voice", "sms"), contacts=ALL, own_word=True)
    assert media_of(calls_first, ["sms", "voice"]) == ["voice"]
    of_a_file = calls_first._replace(own_word=False)  # its order is that of a spreadsheet's cell
    assert media_of(of_a_file, ["sms", "voice"]) == ["sms"]
    assert media_of(of_a_file, ["voice", "sms"]) == ["voice"]
    assert media_of(calls_first, ["sms", "email"]) == ["sms"]  # a danger calls nobody here
    assert media_of(calls_first, ["webhook"]) == ["voice"]


def test_the_first_medium_of_the_chain_that_the_person_has_is_taken() -> None:
    assert media_of(Person("p", "", contacts=ALL), ["sms", "voice"]) == ["sms"]
    assert media_of(Person("p", "", contacts=(FIXED, EMAIL)), ["sms", "voice"]) == ["voice"]


def test_two_targets_give_two_media_each_once() -> None:
    person = Person("p", "", contacts=ALL)
    assert media_of(person, ["voice"], ["sms", "email"], ["sms"]) == ["voice", "sms"]


def test_a_landline_is_called_and_never_gets_an_sms() -> None:
    person = Person("p", "", contacts=(FIXED,))
    assert choose(person, [["sms"]]).ways == (("voice", FIXED.value),)


def test_a_call_goes_to_the_landline_before_the_mobile() -> None:
    both, mobile = (Person("p", "", contacts=ways) for ways in ((MOBILE, FIXED), (MOBILE,)))
    assert choose(both, [["voice"]]).ways == (("voice", FIXED.value),)
    assert choose(mobile, [["voice"]]).ways == (("voice", MOBILE.value),)


def test_the_best_ranked_contact_of_a_kind_is_used() -> None:
    other = Contact("mobile", "+33639980199", 5)
    person = Person("p", "", contacts=(other, MOBILE))
    assert choose(person, [["sms"]]).ways == (("sms", MOBILE.value),)


def test_what_the_person_chose_restricts_the_chain() -> None:
    person = Person("p", "", chosen_media=("email",), contacts=ALL)
    assert media_of(person, ["sms", "email"]) == ["email"]


def test_a_choice_that_would_leave_nothing_is_set_aside() -> None:
    person = Person("p", "", chosen_media=("webhook",), contacts=(MOBILE,))
    assert media_of(person, ["sms"]) == ["sms"]


def test_someone_whom_no_chain_reaches_is_reached_by_their_own_medium() -> None:
    assert media_of(Person("p", "", contacts=(EMAIL,)), ["sms", "voice"]) == ["email"]
    chose = Person("p", "", chosen_media=("email",), contacts=ALL)
    assert media_of(chose, ["sms", "voice"]) == ["email"]


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (Person("p", ""), "no_contact"),
        (Person("p", "", contacts=ALL, unsubscribed=True), "unsubscribed"),
    ],
)
def test_who_gets_nothing_has_a_reason(person: Person, reason: str) -> None:
    assert choose(person, [["sms"]]) == Choice((), "fr", reason)


@given(people, chains)
def test_everybody_gets_a_message_or_has_a_reason_never_both(
    person: Person, wanted: list[list[str]]
) -> None:
    choice = choose(person, wanted)
    assert bool(choice.ways) != (choice.reason is not None)
    assert (choice.reason is None) == (bool(person.contacts) and not person.unsubscribed)


@given(people, chains)
def test_only_the_persons_own_contacts_are_used_each_once(
    person: Person, wanted: list[list[str]]
) -> None:
    ways = choose(person, wanted).ways
    assert len({medium for medium, _ in ways}) == len(ways)
    for medium, contact in ways:
        kinds = CARRIED_BY[medium]
        assert any(way.value == contact and way.kind in kinds for way in person.contacts)


@given(people, chains)
def test_each_chain_contributes_the_first_medium_that_is_accepted(
    person: Person, wanted: list[list[str]]
) -> None:
    kinds = {way.kind for way in person.contacts}
    own = {medium for medium in MEDIA if kinds.intersection(CARRIED_BY[medium])}
    accepted = own & set(person.chosen_media) or own
    chosen = {medium for medium, _ in choose(person, wanted).ways}
    order = person.chosen_media if person.own_word else ()  # hers comes before the policy's
    firsts = [
        [medium for medium in (*order, *chain) if medium in chain and medium in accepted][:1]
        for chain in wanted
    ]
    expected = {medium for first in firsts for medium in first}
    if not person.unsubscribed and expected:
        assert chosen == expected
    assert chosen <= accepted


@given(people, chains)
def test_the_order_of_the_contacts_in_the_ledger_does_not_matter(
    person: Person, wanted: list[list[str]]
) -> None:
    ranked = tuple(Contact(way.kind, way.value, rank) for rank, way in enumerate(person.contacts))
    one = Person("p", "", ("fr",), person.chosen_media, ranked)
    other = Person("p", "", ("fr",), person.chosen_media, ranked[::-1])
    assert choose(one, wanted) == choose(other, wanted)


def test_someone_erased_since_the_audience_froze_is_told_as_such() -> None:
    assert choose(None, [["sms"]]).reason == "erased"
