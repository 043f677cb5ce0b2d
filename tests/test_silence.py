"""What stands still and what only waits: the judgement alone, with invented looks."""

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.alarms.silence import CLEAR_S, QUIET_S, Silence, Verdict, patience_s
from dispatcher.store.open_work import Looked, Mark

ONE = ("99117", "d1")
TWO = ("99117", "d2")


def due(*keys: tuple[str, str], attempts: int = 0, deaths: int = 0) -> Looked:
    now = Mark(attempts=attempts, deaths=deaths)
    return Looked({"sms": dict.fromkeys(keys, now)}, dict.fromkeys((ONE, TWO), now))


def left(*keys: tuple[str, str], still_due: tuple[tuple[str, str], ...] = ()) -> Looked:
    gone = dict.fromkeys(keys, Mark(open=False))
    queues = {"sms": dict.fromkeys(still_due, Mark())} if still_due else {}
    return Looked(queues, {**dict.fromkeys(still_due, Mark()), **gone})


@given(st.lists(st.floats(0.3, 11.0), min_size=1, max_size=40))
def test_a_queue_that_moves_within_the_patience_is_never_called_still(gaps_s: list[float]) -> None:
    silence, now_s = Silence(), 0.0
    silence.see(due(ONE, TWO), now_s=now_s)
    for gap_s in gaps_s:
        now_s += gap_s
        assert not silence.see(left(ONE, still_due=(TWO, ONE)), now_s=now_s).still_s


@given(st.floats(0, 1e6), st.integers(1, 60))
def test_a_queue_that_does_not_move_is_called_still_as_soon_as_the_patience_is_over(
    began_s: float, looks: int
) -> None:
    silence = Silence()
    called = [
        bool(silence.see(due(ONE), now_s=began_s + second).still_s) for second in range(looks)
    ]
    assert called == [second >= QUIET_S for second in range(looks)]


def test_one_queue_that_stands_still_is_not_hidden_by_another_that_moves() -> None:
    silence, verdict = Silence(), Verdict()
    for second in range(14):
        looked = left(ONE, still_due=(TWO, ONE))
        queues = {**looked.queues, "voice": {("99117", "d9"): Mark()}}
        fates = {**looked.before, ("99117", "d9"): Mark()}
        verdict = silence.see(Looked(queues, fates), now_s=second)
    assert verdict.still_s.keys() == {"voice"}


def test_what_waits_for_its_retry_is_not_still() -> None:
    silence = Silence()
    silence.see(due(ONE), now_s=0)
    assert not silence.see(Looked(before={ONE: Mark(due=False, attempts=1)}), now_s=60).still_s


def test_a_claim_that_comes_and_goes_is_no_movement() -> None:
    silence, verdict = Silence(), Verdict()
    for second in range(13):
        verdict = silence.see(due(ONE, deaths=second // 5, attempts=second // 5), now_s=second)
    assert verdict.still_s
    assert not verdict.tried


def test_attempts_that_come_to_nothing_are_told_apart_from_none() -> None:
    silence, verdict = Silence(), Verdict()
    for second in range(13):
        verdict = silence.see(due(ONE, attempts=second // 3), now_s=second)
    assert verdict.still_s
    assert verdict.tried


def test_an_alarm_is_not_called_over_before_something_was_seen_to_move() -> None:
    silence = Silence()
    for second in range(5):
        assert not silence.see(due(ONE), now_s=second).clear
    silence.see(left(ONE, still_due=(TWO,)), now_s=5)
    assert silence.see(left(TWO, still_due=(ONE,)), now_s=5 + CLEAR_S).clear


def test_after_all_has_left_nothing_is_open_and_the_alarm_is_over() -> None:
    silence = Silence()
    for second in range(13):
        silence.see(due(ONE), now_s=second)
    silence.see(left(ONE), now_s=13)
    assert silence.see(Looked(), now_s=13 + CLEAR_S).clear


def test_blocks_that_become_fewer_move_and_others_do_not() -> None:
    silence, waiting = Silence(), {("99117", "v1"): Mark(count=3)}
    fewer = {("99117", "v1"): Mark(count=2)}
    silence.see(Looked({"planning": waiting}), now_s=0)
    assert not silence.see(Looked({"planning": fewer}), now_s=QUIET_S).still_s
    assert silence.see(Looked({"planning": fewer}), now_s=2 * QUIET_S).still_s


def test_a_slow_account_has_the_time_for_its_longest_message() -> None:
    assert patience_s(1.0) == patience_s(400.0) == QUIET_S
    assert patience_s(0.1) == 80.0
