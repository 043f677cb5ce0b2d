"""Messages that tell of no danger: who switched their topic off, and at which hours they leave."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.delivery.content import Escalation
from dispatcher.delivery.ladder import Rules, ladder
from dispatcher.delivery.reach import choose
from dispatcher.store.information import ALL, TOPICS, Hours, Wanted, topics_of, wanted_of
from dispatcher.store.people import Contact, Person

PARIS = "Europe/Paris"
CHAINS = (("sms", "voice"),)
BOTH = (Contact("mobile", "+33639980042"), Contact("email", "ana@foyer.example", 1))


def content(severity: str = "Minor", *category: str, **more: object) -> dict[str, Any]:
    """Return what a version holds, as far as it says whether it is an information."""
    cap = {"severity": severity, "category": list(category), "responseType": ["None"]}
    return {"mode": "real", "kind": "alert", "cap": cap, **more}


def at(hour: int, minute: int = 0, *, day: int = 12) -> float:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(PARIS)).timestamp()


def test_only_what_tells_of_no_danger_has_topics() -> None:
    assert topics_of(content("Minor", "Transport")) == ("roadworks",)
    assert topics_of(content("Minor", "Met", "Env")) == ("pollution_security", "weather")
    assert topics_of(content("Minor", "Met", "Fire")) == ()  # one is of none: nobody refuses it
    assert topics_of(content("Minor")) == ()
    for severity in ("Extreme", "Severe", "Moderate", "Unknown"):
        assert topics_of(content(severity, "Transport")) is None
    assert topics_of(content("Minor", "Met", mode="public_test")) is None
    assert topics_of(content("Minor", "Met", kind="update")) is None
    for name, value in (
        ("responseType", ["AllClear"]), ("responseType", ["None", "Avoid"]),
        ("urgency", "Immediate"), ("urgency", "Expected"), ("urgency", "Past"),
    ):  # fmt: skip
        asks = content("Minor", "Met")
        asks["cap"][name] = value
        assert topics_of(asks) is None


def test_a_danger_reaches_who_switched_everything_off() -> None:
    deaf = Person("p", "", contacts=BOTH, information=Wanted(TOPICS, Hours(540, 541, PARIS)))
    assert choose(deaf, CHAINS).ways == (("sms", BOTH[0].value),)
    refused = choose(deaf, CHAINS, topics=("weather",))
    assert (refused.ways, refused.reason) == ((), "topic_off")
    assert choose(deaf, CHAINS, topics=()).ways  # of no topic: nobody switched it off


def test_a_message_of_two_topics_reaches_who_wants_one_of_them() -> None:
    ana = Person("p", "", contacts=BOTH, information=Wanted(("weather",)))
    assert choose(ana, CHAINS, topics=("weather",)).reason == "topic_off"
    assert choose(ana, CHAINS, topics=("roadworks", "weather")).ways


def test_who_chose_her_hours_is_not_pursued_beyond_them_by_an_information() -> None:
    slow = Escalation(waits_s=(60.0, 60.0), confirmation="acknowledged")
    told = Person("p", "", contacts=BOTH, information=Wanted((), Hours(540, 1200, PARIS)))
    chains = (("sms", "email"),)
    media = ("sms", "email")
    assert ladder(told, chains, Rules(media, slow, topics=())).steps == ()
    assert ladder(told, chains, Rules(media, slow)).steps


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(12), at(12)),
        (at(8), at(8)),
        (at(7, 59), at(8)),
        (at(20), at(8, day=13)),
        (at(23, 30), at(8, day=13)),
        (at(0, 5), at(8)),
    ],
)
def test_an_information_waits_for_the_hour_that_she_chose(now: float, opens: float) -> None:
    assert Hours(8 * 60, 20 * 60, PARIS).opens_at(now) == opens


def test_hours_may_lie_over_midnight() -> None:
    nights = Hours(22 * 60, 6 * 60, PARIS)
    assert nights.opens_at(at(23)) == at(23)
    assert nights.opens_at(at(5, 59)) == at(5, 59)
    assert nights.opens_at(at(6)) == at(22)


@given(
    start=st.integers(0, 23), until=st.integers(0, 23),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from([PARIS, "Indian/Reunion", "America/Cayenne", "Pacific/Noumea"]),
)  # fmt: skip
def test_what_waits_opens_within_a_day_and_within_her_hours(
    start: int, until: int, now: datetime, zone: str
) -> None:
    hours, instant = Hours(start * 60, until * 60, zone), now.timestamp()
    opens = hours.opens_at(instant)
    if start == until:
        return
    assert instant <= opens <= instant + timedelta(hours=25).total_seconds()
    assert hours.opens_at(opens) == opens


@given(
    off=st.lists(st.sampled_from(TOPICS), unique=True),
    hours=st.none() | st.builds(Hours, st.integers(0, 1439), st.integers(0, 1439), st.just(PARIS)),
)
def test_what_was_chosen_is_read_as_it_was_kept(off: list[str], hours: Hours | None) -> None:
    chosen = Wanted(tuple(off), hours)
    assert wanted_of(chosen.as_text()) == chosen
    assert (chosen.as_text() == "") == (chosen == ALL)
