"""The judge of the fault bench itself: each wrong that a fan-out can do makes it say so."""

from dataclasses import replace

from tests.chaos.crowds import Crowds, number_of, phone_of
from tests.chaos.oracle import End, Expected, judge

CROWDS = Crowds(100)
STOPPED = End(CROWDS.stopped, at=50.0, still=2, within_s=4.0)
EXPECTED = Expected(
    frozenset(CROWDS.audience), partly=(STOPPED,), rehearsed=CROWDS.rehearsed, duplicate_bound=2
)
RIGHT = [(float(number), phone_of(number)) for number in CROWDS.audience]
Taken = list[tuple[float, str]]


def broken(taken: Taken, expected: Expected = EXPECTED) -> set[str]:
    """Return the invariants that do not hold."""
    return {name for name, holds in judge(taken, expected).invariants.items() if not holds}


def test_a_fan_out_that_did_right_is_found_right() -> None:
    verdict = judge(RIGHT, EXPECTED)
    assert (verdict.lost, verdict.duplicates, verdict.max_copies) == (0, 0, 1)
    assert set(verdict.invariants) == {"I1", "I2", "I3", "I4", "I5", "I6"}
    assert broken(RIGHT) == set()


def test_a_lost_person_is_found() -> None:
    assert judge(RIGHT[1:], EXPECTED).lost == 1
    assert broken(RIGHT[1:]) == {"I1"}


def test_one_who_is_listed_as_not_reached_is_not_lost() -> None:
    verdict = judge(RIGHT[1:], replace(EXPECTED, not_reached=frozenset([0])))
    assert (verdict.lost, verdict.not_reached) == (0, 1)


def test_a_delivery_without_an_end_is_found() -> None:
    assert broken(RIGHT, replace(EXPECTED, open=1)) == {"I1"}


def test_a_stranger_is_found() -> None:
    assert broken([*RIGHT, (1.0, phone_of(CROWDS.strangers.start))]) == {"I2"}
    assert broken([*RIGHT, (1.0, "+33639980001")]) == {"I2"}


def test_copies_within_the_bound_pass_and_one_more_does_not() -> None:
    assert broken([*RIGHT, *RIGHT[:2]]) == set()
    assert broken([*RIGHT, *RIGHT[:3]]) == {"I3"}
    assert broken([*RIGHT, RIGHT[0]], replace(EXPECTED, duplicate_bound=0)) == {"I3"}


def test_a_third_copy_is_found_whatever_the_bound() -> None:
    thrice = [*RIGHT, RIGHT[0], RIGHT[0]]
    assert judge(thrice, EXPECTED).max_copies == 3
    assert broken(thrice, replace(EXPECTED, duplicate_bound=50)) == {"I3"}


def test_what_leaves_after_a_cancel_and_a_window_is_found() -> None:
    some = [phone_of(number) for number in CROWDS.stopped[:3]]
    assert broken([*RIGHT, *((49.0, one) for one in some)]) == set()
    assert broken([*RIGHT, *((51.0, one) for one in some[:2])]) == set()
    assert broken([*RIGHT, *((51.0, one) for one in some)]) == {"I4"}
    assert broken([*RIGHT, (55.0, some[0])]) == {"I4"}


def test_a_logbook_that_does_not_hold_is_found() -> None:
    assert broken(RIGHT, replace(EXPECTED, logbook_holds=False)) == {"I5"}


def test_a_rehearsal_that_reached_someone_is_found() -> None:
    assert broken([*RIGHT, (1.0, phone_of(CROWDS.rehearsed.start))]) == {"I2", "I6"}


def test_a_phone_tells_whose_it_is() -> None:
    assert [number_of(phone_of(number)) for number in (0, 7, 1_234_567)] == [0, 7, 1_234_567]
    assert number_of("+33639980001") is None
