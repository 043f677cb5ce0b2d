"""An account that fails or is slow loses points of its weight, and gets them back."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.delivery.slowness import Seen, points_off

SLOW = Seen(50, counted=100, slow=15)
WELL = Seen(50, counted=100, slow=14)


def test_an_account_slower_than_the_others_loses_ten_points() -> None:
    assert points_off({"a": SLOW, "b": WELL}) == {"a": 10}


def test_nothing_changes_when_all_are_slow() -> None:
    assert points_off({"a": SLOW, "b": SLOW}) == {}


def test_points_for_slowness_go_at_most_every_five_minutes() -> None:
    slow = replace(SLOW, lowered=10, lowered_s=299.0, changed_s=299.0)
    assert points_off({"a": slow, "b": WELL}) == {}
    assert points_off({"a": replace(slow, lowered_s=300.0), "b": WELL}) == {"a": 20}


def test_more_than_fifty_errors_in_a_minute_cost_ten_points_a_minute() -> None:
    failing = replace(WELL, errors=51)
    assert points_off({"a": replace(WELL, errors=50), "b": WELL}) == {}
    assert points_off({"a": failing, "b": WELL}) == {"a": 10}
    assert points_off({"a": replace(failing, lowered=10, lowered_s=59.0), "b": WELL}) == {}


def test_points_come_back_after_fifteen_quiet_minutes_every_five() -> None:
    lowered = replace(WELL, lowered=20, lowered_s=899.0, changed_s=899.0)
    assert points_off({"a": lowered, "b": WELL}) == {}
    quiet = replace(lowered, lowered_s=900.0, changed_s=300.0)
    assert points_off({"a": quiet, "b": WELL}) == {"a": 10}
    assert points_off({"a": replace(quiet, changed_s=299.0), "b": WELL}) == {}


ages = st.none() | st.floats(0, 2000)
seen = st.builds(
    Seen, weight=st.integers(1, 200), lowered=st.integers(0, 200), lowered_s=ages, changed_s=ages,
    errors=st.integers(0, 100), counted=st.integers(0, 100), slow=st.integers(0, 100),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from("abc"), seen, min_size=1))
def test_points_move_by_ten_and_stay_between_nothing_and_the_weight(known: dict[str, Seen]) -> None:
    known = {
        name: replace(one, lowered=min(one.lowered, one.weight)) for name, one in known.items()
    }
    for name, points in points_off(known).items():
        assert 0 <= points <= known[name].weight
        assert 0 < abs(points - known[name].lowered) <= 10
