"""An account is trusted as its attempts deserve: the breaker and its laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

from dispatcher.delivery.health import RULES, Breaker, End, State

ends = st.sampled_from(list(End))


def fed(breaker: Breaker, *noted: End, at_s: float = 0.0) -> Breaker:
    for end in noted:
        breaker.note(end, began_s=at_s, now_s=at_s)
    return breaker


def opened(at_s: float = 0.0) -> Breaker:
    return fed(Breaker(), *[End.UNREACHED] * 5, at_s=at_s)


def test_five_refused_connections_in_a_row_open_it() -> None:
    assert fed(Breaker(), *[End.UNREACHED] * 4).state(0) is State.CLOSED
    assert opened().state(0) is State.OPEN


def test_connections_refused_here_and_there_do_not() -> None:
    breaker = fed(Breaker(), *[End.UNREACHED] * 4, End.FINE, *[End.UNREACHED] * 1)
    assert breaker.state(0) is State.CLOSED


@pytest.mark.parametrize(
    ("fine", "failed", "open_"), [(14, 6, True), (15, 5, False), (0, 19, False)]
)
def test_a_third_of_twenty_attempts_opens_it(fine: int, failed: int, open_: bool) -> None:
    breaker = fed(Breaker(), *[End.FINE] * fine, *[End.FAILED] * failed)
    assert (breaker.state(0) is State.OPEN) == open_


def test_failures_older_than_the_window_are_forgotten() -> None:
    breaker = fed(Breaker(), *[End.FAILED] * 19)
    fed(breaker, *[End.FAILED] * 10, at_s=31.0)
    assert breaker.state(31.0) is State.CLOSED


def test_to_be_asked_to_wait_is_no_failure_unless_nothing_else_comes() -> None:
    asked = fed(Breaker(), End.FINE, *[End.THROTTLED] * 40)
    assert asked.state(0) is State.CLOSED
    assert fed(Breaker(), *[End.THROTTLED] * 20).state(0) is State.OPEN


def test_after_fifteen_seconds_one_probe_and_no_other_until_it_is_back() -> None:
    breaker = opened()
    assert not breaker.probe_due(14.9)
    assert breaker.probe_due(15.0)
    breaker.probing(15.0)
    assert not breaker.probe_due(16.0)
    assert breaker.probe_due(15.0 + RULES.probe_s)


def test_a_probe_that_fails_costs_fifteen_seconds_more() -> None:
    breaker = opened()
    breaker.probing(15.0)
    breaker.note(End.FAILED, began_s=15.0, now_s=16.0)
    assert (breaker.probe_due(30.9), breaker.probe_due(31.0)) == (False, True)


def test_what_left_before_it_opened_does_not_bring_it_back() -> None:
    breaker = opened(at_s=10.0)
    breaker.note(End.FINE, began_s=9.0, now_s=11.0)
    assert breaker.state(11.0) is State.OPEN


def test_a_probe_that_passes_brings_it_back_by_a_tenth_a_half_and_all() -> None:
    breaker = opened()
    breaker.note(End.FINE, began_s=15.0, now_s=16.0)
    shares = [breaker.share(16.0 + after_s) for after_s in (0.0, 9.9, 10.0, 19.9, 20.0)]
    assert shares == [0.1, 0.1, 0.5, 0.5, 1.0]


def test_three_failures_while_it_returns_open_it_again() -> None:
    breaker = opened()
    breaker.note(End.FINE, began_s=15.0, now_s=16.0)
    assert fed(breaker, *[End.FAILED] * 3, at_s=17.0).state(17.0) is State.OPEN


def test_another_process_is_believed_for_the_rest_of_the_time() -> None:
    breaker = Breaker()
    breaker.hear(5.0, now_s=100.0)
    assert (breaker.share(100.0), breaker.probe_due(109.9), breaker.probe_due(110.0)) == (
        0.0, False, True,
    )  # fmt: skip
    late = Breaker()
    late.hear(15.0, now_s=100.0)
    assert late.share(100.0) == 1.0


class BreakerLaws(RuleBasedStateMachine):
    """Any ends, in any order, at any pace."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker, self.now_s = Breaker(), 1000.0
        self.begun: list[float] = []
        self.before, self.fine_since_open = State.CLOSED, False
        self.opened_s = 0.0

    @initialize(at_s=st.floats(0, 1e6))
    def begin(self, at_s: float) -> None:
        self.now_s = at_s

    @rule(wait_s=st.floats(0, 40))
    def wait(self, wait_s: float) -> None:
        self.now_s += wait_s

    @rule(number=st.integers(1, 5))
    def send(self, number: int) -> None:
        self.begun += [self.now_s] * number

    @precondition(lambda self: self.begun)
    @rule(end=ends, last=st.booleans())
    def come_back(self, end: End, last: bool) -> None:
        began_s = self.begun.pop(-1 if last else 0)
        self.breaker.note(end, began_s=began_s, now_s=self.now_s)
        self.fine_since_open |= end is End.FINE and began_s >= self.opened_s

    @rule(left=st.integers(0, 3))
    def fall_out(self, left: int) -> None:
        """Refuse connections in a row, while some attempts are still on their way."""
        self.begun += [self.now_s] * left
        for _ in range(RULES.unreached):
            self.breaker.note(End.UNREACHED, began_s=self.now_s, now_s=self.now_s)
        self.now_s += 0.5

    @precondition(lambda self: self.breaker.probe_due(self.now_s))
    @rule()
    def probe(self) -> None:
        self.breaker.probing(self.now_s)
        assert not self.breaker.probe_due(self.now_s)
        self.begun.append(self.now_s)

    @invariant()
    def it_comes_back_only_after_something_passed(self) -> None:
        state = self.breaker.state(self.now_s)
        if state is State.OPEN and self.before is not State.OPEN:
            self.fine_since_open, self.opened_s = False, self.breaker.since_s
        if state is not State.OPEN and self.before is State.OPEN:
            assert self.fine_since_open
        self.before = state

    @invariant()
    def it_is_trusted_with_nothing_a_tenth_a_half_or_all(self) -> None:
        share = self.breaker.share(self.now_s)
        assert share in (0.0, 0.1, 0.5, 1.0)
        assert (share == 0.0) == (self.breaker.state(self.now_s) is State.OPEN)

    @invariant()
    def an_open_one_is_probed_within_its_patience(self) -> None:
        if self.breaker.state(self.now_s) is State.OPEN:
            assert self.breaker.probe_due(self.now_s + RULES.probe_s + RULES.open_s)

    @override
    def teardown(self) -> None:
        """Left alone after a success, it is trusted again."""
        at_s = self.now_s + RULES.probe_s
        self.breaker.note(End.FINE, began_s=at_s, now_s=at_s)
        rest_s = RULES.step_s * len(RULES.steps) + 1e-6  # a sum of seconds may fall short of it
        assert self.breaker.share(at_s + rest_s) == 1.0


TestBreakerLaws = BreakerLaws.TestCase


@given(st.lists(st.just(End.FINE), max_size=200))
def test_what_always_works_is_never_doubted(noted: list[End]) -> None:
    assert fed(Breaker(), *noted).share(0.0) == 1.0
