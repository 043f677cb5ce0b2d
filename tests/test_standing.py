"""What comes next for a person, in every history: pursued until she confirms, then no more."""

import random

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.delivery.ladder import Ladder, LeftOut, Step
from dispatcher.delivery.standing import (
    Confirmed,
    GoOn,
    Made,
    Pursued,
    Standing,
    Unreached,
    Wait,
    verdict,
)

FIRST = ("sms", "1")
LADDER = Ladder((FIRST,), (Step("voice", "1", 300.0), Step("email", "a", 600.0)))
HOW = Pursued((300.0, 600.0, 900.0), "acknowledged")
NOW = 10_000.0


def one(state: str, *, answered: bool = False, mine: bool = True, ago_s: float = 0.0) -> Made:
    at = NOW - ago_s
    begun = None if state == "ready" else at
    taken = at if state in ("accepted", "delivered") else None
    return Made("d", state, mine, int(state != "ready"), begun, taken, 0, answered)


def after(*made: tuple[tuple[str, str], Made], taken: int = 0, how: Pursued = HOW) -> object:
    current = None if not taken else dict(made)[LADDER.steps[taken - 1].way].delivery_id
    return verdict(Standing(LADDER, dict(made), taken, current), how, now=NOW)


def test_a_message_accepted_and_silent_is_waited_for_and_then_the_next_medium_goes() -> None:
    assert after((FIRST, one("accepted", ago_s=100))) == Wait(NOW + 200)
    assert after((FIRST, one("accepted", ago_s=300))) == GoOn(LADDER.steps[0], NOW)


def test_a_message_that_failed_is_not_waited_for() -> None:
    for state in ("undelivered", "failed", "exhausted"):
        assert after((FIRST, one(state))) == GoOn(LADDER.steps[0], NOW)


def test_of_two_messages_that_left_together_one_that_failed_is_enough_to_go_on() -> None:
    both = Ladder((FIRST, ("email", "a")), (Step("voice", "1", 300.0),))
    made = {FIRST: one("undelivered"), ("email", "a"): one("accepted")}
    assert verdict(Standing(both, made), HOW, now=NOW) == GoOn(both.steps[0], NOW)


def test_a_message_that_has_not_left_is_not_yet_silent() -> None:
    said = after((FIRST, one("ready")))
    assert isinstance(said, Wait)
    assert said.until <= NOW + 300  # soon enough to see the end of a wait that begins now


def test_an_answer_ends_it_at_any_step() -> None:
    answered = (FIRST, one("delivered", answered=True, ago_s=9999))
    assert after(answered) == Confirmed()
    assert after(answered, (("voice", "1"), one("ready")), taken=1) == Confirmed()


def test_a_receipt_is_enough_only_where_the_policy_says_so() -> None:
    told = (FIRST, one("delivered", ago_s=300))
    assert isinstance(after(told), GoOn)
    assert after(told, how=Pursued((300.0,), "delivered")) == Confirmed()


def test_a_household_s_phone_that_was_answered_answers_for_her_too() -> None:
    voice = (("voice", "1"), one("accepted", answered=True, mine=False))
    assert after((FIRST, one("accepted")), voice) == Confirmed(shares=("voice", "1"))


def test_a_household_s_phone_that_was_silent_already_is_passed_over() -> None:
    voice = (("voice", "1"), one("accepted", mine=False, ago_s=9999))
    assert after((FIRST, one("failed")), voice) == GoOn(LADDER.steps[1], NOW)


def test_who_has_no_step_left_is_unreached_once_the_last_silence_is_over() -> None:
    made = [(FIRST, one("failed")), (("voice", "1"), one("undelivered"))]
    last = ("email", "a")
    assert after(*made, (last, one("accepted", ago_s=100)), taken=2) == Wait(NOW + 800)
    assert after(*made, (last, one("accepted", ago_s=900)), taken=2) == Unreached("silent")
    assert after(*made, (last, one("failed")), taken=2) == Unreached("failed")


def test_when_the_alert_has_expired_nothing_follows() -> None:
    over = Pursued(HOW.waits_s, HOW.confirmation, over=True)
    assert after((FIRST, one("failed")), how=over) == Unreached("expired")
    assert after((FIRST, one("delivered", answered=True)), how=over) == Confirmed()


@given(
    seed=st.integers(0, 10**6),
    waits=st.lists(st.floats(1, 900), min_size=1, max_size=5),
    steps=st.integers(0, 5),
    answers_at=st.none() | st.integers(0, 6),
)
def test_every_history_ends_and_stops_at_the_first_confirmation(
    seed: int, waits: list[float], steps: int, answers_at: int | None
) -> None:
    dice = random.Random(seed)  # noqa: S311 - what providers do
    ways = [Step("sms", str(n), waits[min(n, len(waits) - 1)]) for n in range(1, steps + 1)]
    found = Ladder((("sms", "0"),), tuple(ways[: len(waits)]), (LeftOut("email", "", "x"),))
    how, now, taken, current = Pursued(waits, "acknowledged"), 0.0, 0, None
    made = {("sms", "0"): Made("0", "ready")}
    for _ in range(200):
        said = verdict(Standing(found, made, taken, current), how, now=now)
        answered = any(one.answered for one in made.values())
        assert isinstance(said, Confirmed) == answered
        if isinstance(said, Confirmed | Unreached):
            break
        if isinstance(said, GoOn):
            assert said.step.way not in made
            taken, current = taken + 1, said.step.contact
            made[said.step.way] = Made(current, "ready")
        else:
            assert said.until > now
            now = said.until
            for way, still in made.items():
                if still.state == "ready":
                    state = dice.choice(["accepted", "delivered", "failed", "undelivered"])
                    heard = taken == answers_at and state in ("accepted", "delivered")
                    made[way] = Made(still.delivery_id, state, True, 1, now, now, 0, heard)
    else:
        raise AssertionError("it goes on for ever")
    assert taken <= len(waits)
