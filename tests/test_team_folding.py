"""What reports come to does not depend on when, how often and in which order they come in."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from plans.folding import NOTHING_HEARD, Fact, fold, follow
from plans.missions import MISSION_STATES
from plans.teams import EVENTS, STATUSES, may_become, said_by, steps_between

TEAM_WORDS = [status.code for status in STATUSES] + list(EVENTS)
MISSION_WORDS = [state.code for state in MISSION_STATES]


@st.composite
def _facts(draw: st.DrawFn) -> tuple[list[Fact], bool]:
    mission = draw(st.booleans())
    words = MISSION_WORDS if mission else TEAM_WORDS
    said = draw(
        st.lists(
            st.tuples(st.integers(0, 5), st.sampled_from(words), st.booleans()),
            max_size=9,
        )
    )
    facts = [
        Fact(float(at), f"r{number}", word, ordered=ordered)
        for number, (at, word, ordered) in enumerate(said)
    ]
    return facts, mission


@given(_facts(), st.randoms(use_true_random=False), st.integers(0, 3))
def test_every_order_and_repetition_of_the_reports_gives_the_same_state(
    given: tuple[list[Fact], bool], dice: object, again: int
) -> None:
    facts, mission = given
    came = [*facts, *facts[:again]]
    dice.shuffle(came)  # type: ignore[attr-defined]  # Hypothesis's own Random
    assert fold(came, mission=mission) == fold(facts, mission=mission)


@given(_facts())
def test_one_after_the_other_in_the_order_of_events_is_the_fold_of_all(
    given: tuple[list[Fact], bool],
) -> None:
    facts, mission = given
    state = NOTHING_HEARD
    for fact in sorted(facts, key=lambda one: one.mark):
        state = follow(state, fact, mission=mission)
    assert state == fold(facts, mission=mission)


@given(_facts())
def test_a_state_is_always_one_that_somebody_said(given: tuple[list[Fact], bool]) -> None:
    facts, mission = given
    folded = fold(facts, mission=mission)
    assert folded.state in {None, *(one.said for one in facts)}
    assert folded.state not in EVENTS


def test_a_step_that_nobody_reported_is_missing_until_it_is_heard_of() -> None:
    first = Fact(1.0, "a", "alerted")
    there = Fact(3.0, "c", "on_scene")
    assert fold([first, there], mission=False).missing == ("en_route",)
    late = Fact(2.0, "b", "en_route")
    assert fold([there, first, late], mission=False).missing == ()


def test_reports_of_one_instant_stand_in_the_order_of_their_ids() -> None:
    facts = [Fact(1.0, "b", "on_scene"), Fact(1.0, "a", "en_route")]
    assert fold(facts, mission=False).state == "on_scene"


def test_what_was_done_before_it_was_called_off_is_done() -> None:
    orders = [Fact(1.0, "a", "ordered", ordered=True), Fact(9.0, "z", "cancelled", ordered=True)]
    assert fold(orders, mission=True).state == "cancelled"
    assert fold([*orders, Fact(8.0, "y", "done")], mission=True).state == "done"


def test_from_everywhere_to_everywhere_there_is_a_way_that_the_table_allows() -> None:
    for old in STATUSES:
        for new in STATUSES:
            way = (old.code, *steps_between(old.code, new.code), new.code)
            moves = list(itertools.pairwise(way)) if old != new else []
            assert all(may_become(after, old=before) for before, after in moves)


def test_ours_emsi_s_and_radio_words_say_the_same() -> None:
    for status in STATUSES:
        assert said_by(status.code.upper()) == status.code
        back = said_by(status.emsi)
        assert back is not None
        assert next(one for one in STATUSES if one.code == back).emsi == status.emsi
        if status.radio is not None:
            assert said_by(status.radio) == said_by(f" {status.radio} ") == status.code
    assert said_by("MAINTC") == "off_duty"
    assert said_by("VIRTUAL") is said_by(99) is said_by("²") is said_by("") is None


def test_who_repeats_an_order_moves_nothing() -> None:
    """A partner's system sends back what it was told, or what it made of it, hours later."""
    facts = [
        Fact(1.0, "a", "ordered", ordered=True),
        Fact(2.0, "b", "accepted"),
        Fact(3.0, "c", "ordered"),
        Fact(4.0, "d", "proposed"),
    ]
    folded = fold(facts, mission=True)
    assert (folded.state, folded.heard) == ("accepted", (4.0, "d"))
    assert fold(facts[3:], mission=True).state is None


def test_what_was_called_off_stays_so_until_it_is_ordered_anew() -> None:
    facts = [
        Fact(1.0, "a", "ordered", ordered=True),
        Fact(2.0, "b", "accepted"),
        Fact(3.0, "c", "cancelled", ordered=True),
        Fact(4.0, "d", "in_progress"),  # without a network it does not know yet
    ]
    assert fold(facts, mission=True).state == "cancelled"
    assert fold([*facts, Fact(5.0, "e", "ordered", ordered=True)], mission=True).state == "ordered"
