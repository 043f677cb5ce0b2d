"""Who is called next: the list of each post, read by hand and by Hypothesis."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.alerts.plan_in_force import read
from dispatcher.crisis.calling import Found, look
from dispatcher.crisis.deciding import level_of, to_call
from dispatcher.crisis.posts import ON_CALL, on_call_post, posts_of, with_people
from dispatcher.store.summons_answers import Said
from dispatcher.store.summonses import Call
from plans.folder import files_of
from plans.plan import Plan
from tests.example_commune import EXAMPLE

WAIT_S = 300.0
NAMES = ("maire", "adj1", "adj2")


def calls(*called_at: float | None, post: str = "DOS") -> list[Call]:
    """Give a list of three, called at these instants."""
    times = (*called_at, None, None, None)
    return [
        Call(post, rank, name, "v" if at is not None else None, at)
        for rank, (name, at) in enumerate(zip(NAMES, times, strict=False))
    ]


def seen(listed: list[Call], said: dict[str, Said], *, now: float) -> Found:
    return look(listed, said, now=now, wait_s=WAIT_S)


def outcomes(found: Found) -> list[tuple[str, str | None]]:
    return [(call.person_id, call.outcome) for call in found.outcomes]


def test_at_first_the_holder_alone_is_called() -> None:
    found = seen(calls(), {}, now=0.0)
    assert (found.people, found.outcomes, found.over) == (("maire",), (), False)


@pytest.mark.parametrize(("now", "next_"), [(299.9, ()), (300.0, ("adj1",))])
def test_a_silence_is_waited_out_then_the_deputy_is_called(
    now: float, next_: tuple[str, ...]
) -> None:
    assert seen(calls(0.0), {"maire": Said()}, now=now).people == next_


def test_who_cannot_come_or_cannot_be_reached_is_followed_at_once() -> None:
    for said, why in ((Said(answer="unable"), "unable"), (Said(lost=True), "unreachable")):
        found = seen(calls(0.0), {"maire": said}, now=1.0)
        assert (found.people, outcomes(found)) == (("adj1",), [("maire", why)])


def test_a_yes_ends_the_list_even_when_it_comes_late() -> None:
    found = seen(calls(0.0, 300.0), {"maire": Said(answer="coming")}, now=301.0)
    assert (found.people, found.filled, found.over) == ((), ("DOS",), True)
    assert outcomes(found) == [("maire", "coming")]


def test_a_list_without_anyone_left_is_told_as_empty_and_goes_on_listening() -> None:
    said = {name: Said(answer="unable") for name in NAMES}
    found = seen(calls(0.0, 1.0, 2.0), said, now=3.0)
    assert (found.empty, found.people, found.over) == (("DOS",), (), False)


def test_one_person_at_two_posts_is_called_once_and_her_answer_counts_for_both() -> None:
    two = [Call("PCC", 0, "dgs"), Call("PCC", 1, "adj2"), Call("RAC", 0, "dgs")]
    assert seen(two, {}, now=0.0).people == ("dgs",)
    called = [Call("PCC", 0, "dgs", "v", 0.0), Call("PCC", 1, "adj2"), Call("RAC", 0, "dgs")]
    found = seen(called, {"dgs": Said(answer="coming")}, now=1.0)
    assert (found.filled, found.over) == (("PCC", "RAC"), True)


def test_what_was_told_is_not_told_again() -> None:
    known = [Call("DOS", 0, "maire", "v", 0.0, "unable"), Call("DOS", 1, "adj1", "v", 1.0)]
    assert seen(known, {"maire": Said(answer="unable")}, now=2.0) == Found()


SAID = st.sampled_from((Said(), Said(answer="coming"), Said(answer="unable"), Said(lost=True)))


@given(
    st.dictionaries(st.sampled_from(NAMES), SAID),
    st.lists(st.floats(0, 900), max_size=3),
    st.floats(0, 2_000),
)
def test_never_two_at_once_never_anyone_twice_never_past_a_yes(
    said: dict[str, Said], times: list[float], now: float
) -> None:
    listed = calls(*sorted(times))
    found = seen(listed, said, now=now)
    called = {call.person_id for call in listed if call.called_at is not None}
    assert len(found.people) <= 1
    assert not called & set(found.people)
    if any(said.get(name, Said()).answer == "coming" for name in NAMES):
        assert found.people == ()


@pytest.fixture(scope="module")
def plan() -> Plan:
    found = read(files_of(EXAMPLE)).plan
    assert found is not None
    return found


def test_the_official_of_the_week_is_called_then_whoever_can_decide(plan: Plan) -> None:
    in_week_48 = datetime(2026, 11, 29, 22, 59, tzinfo=UTC)  # Sunday 23:59 in Paris
    next_week = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
    assert on_call_post(plan, in_week_48).people == ("adj2", "maire", "adj1")
    assert on_call_post(plan, next_week).people == ("adj3", "maire", "adj1", "adj2")
    never = datetime(2031, 1, 1, tzinfo=UTC)
    assert on_call_post(plan, never).people == ("maire", "adj1", "adj2")
    assert on_call_post(plan, never).code == ON_CALL


def test_pre_alert_calls_the_heads_of_cells_and_who_decides_does_not_call_herself(
    plan: Plan,
) -> None:
    everyone = [post.code for post in to_call(plan, "activate")]
    assert everyone == ["DOS", "RAC", "PCC", "SEC", "RENS", "COM", "LOG", "POP", "TER"]
    (dos, *_) = to_call(plan, "activate", without="maire")
    assert dos.people == ("adj1", "adj2")
    assert with_people(posts_of(plan)[:1], without="x")[0].people == ("maire", "adj1", "adj2")


def test_levels_follow_the_command_post_and_never_fall_by_an_activation(plan: Plan) -> None:
    assert level_of(plan, "pre_alert", now="veille") == "pre_alerte"
    assert level_of(plan, "activate", now="veille") == "alerte"
    assert level_of(plan, "pre_alert", now="alerte") == "alerte"
