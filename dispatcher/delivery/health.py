"""When an account is trusted with messages: its breaker, its return by steps (DELIVERY §4).

Pure: the clock is an argument, in monotonic seconds.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class End(StrEnum):
    """What an attempt tells of its account, whatever it tells of the person."""

    FINE = "fine"  # accepted, or refused for this person: the account works
    THROTTLED = "throttled"  # asked to wait: it works, but for when nothing else comes of it
    FAILED = "failed"
    UNREACHED = "unreached"  # no connection at all


class State(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"  # trusted
    OPEN = "open"  # nothing but a probe
    RETURNING = "returning"  # trusted with a part


@dataclass(frozen=True)
class BreakerRules:
    """Open at `failing` of at least `least` attempts in `window_s`, or `unreached` in a row.

    After `open_s` one probe; then each of `steps` of the traffic for `step_s`, unless `relapse`
    attempts fail in a row.
    """

    window_s: int = 30
    least: int = 20
    failing: float = 0.3
    unreached: int = 5
    open_s: float = 15.0
    steps: tuple[float, ...] = (0.1, 0.5)
    step_s: float = 10.0
    relapse: int = 3
    probe_s: float = 30.0  # a probe that has not come back after this is another's turn


RULES = BreakerRules()


@dataclass
class _Second:
    at: int
    attempts: int = 0
    failed: int = 0
    throttled: int = 0

    def forget(self, other: "_Second") -> None:
        self.attempts -= other.attempts
        self.failed -= other.failed
        self.throttled -= other.throttled


class Breaker:
    """Counts how the attempts of one account end, and says how much it is trusted with."""

    def __init__(self, rules: BreakerRules = RULES) -> None:
        """Begin closed."""
        self._rules = rules
        self._seconds: deque[_Second] = deque()
        self._whole = _Second(0)  # the sum of them
        self._state = State.CLOSED
        self._since_s = float("-inf")
        self._until_s = 0.0  # no probe before
        self._in_a_row = {End.UNREACHED: 0, End.FAILED: 0}

    @property
    def since_s(self) -> float:
        """Return when it last opened or began to return; what left before says nothing new."""
        return self._since_s

    def state(self, now_s: float) -> State:
        """Return where it stands; a return that has passed its last step is over."""
        returned_s = self._rules.step_s * len(self._rules.steps)
        if self._state is State.RETURNING and now_s - self._since_s >= returned_s:
            self._state = State.CLOSED
        return self._state

    def share(self, now_s: float) -> float:
        """Return the part of its traffic that it is trusted with, from 0 to 1."""
        state = self.state(now_s)
        if state is State.RETURNING:
            return self._rules.steps[int(max(0.0, now_s - self._since_s) / self._rules.step_s)]
        return 1.0 if state is State.CLOSED else 0.0

    def probe_due(self, now_s: float) -> bool:
        """Tell whether one message may try it now."""
        return self.state(now_s) is State.OPEN and now_s >= self._until_s

    def probing(self, now_s: float) -> None:
        """Note that a probe leaves: no other until it is back."""
        self._until_s = now_s + self._rules.probe_s

    def hear(self, open_s: float, *, now_s: float) -> None:
        """Believe another process that saw it fail `open_s` ago."""
        if self.state(now_s) is State.CLOSED and 0 <= open_s < self._rules.open_s:
            self._open(now_s - open_s)

    def note(self, end: End, *, began_s: float, now_s: float) -> bool:
        """Take the end of an attempt begun then into account; return whether it opened by this."""
        state = self.state(now_s)
        if began_s < self._since_s:  # it left before the last change: it says nothing new
            return False
        if state is State.OPEN:
            self._tried(end, now_s)
            return False
        self._count(end, now_s)
        if not self._fails(state, now_s):
            return False
        self._open(now_s)
        return True

    def _tried(self, end: End, now_s: float) -> None:
        """Learn from a probe, or from what was sent because no account was left."""
        if end is End.FINE:
            self._change(State.RETURNING, now_s)
        else:
            self._until_s = now_s + self._rules.open_s

    def _open(self, since_s: float) -> None:
        self._change(State.OPEN, since_s)
        self._until_s = since_s + self._rules.open_s

    def _change(self, state: State, since_s: float) -> None:
        self._state, self._since_s = state, since_s
        self._seconds.clear()
        self._whole = _Second(0)
        self._in_a_row = dict.fromkeys(self._in_a_row, 0)

    def _count(self, end: End, now_s: float) -> None:
        at = int(now_s)
        if not self._seconds or self._seconds[-1].at != at:
            self._seconds.append(_Second(at))
        while self._seconds[0].at <= at - self._rules.window_s:
            self._whole.forget(self._seconds.popleft())
        bad = end is End.FAILED or end is End.UNREACHED
        for one in (self._seconds[-1], self._whole):
            one.attempts += 1
            one.failed += bad
            one.throttled += end is End.THROTTLED
        row = self._in_a_row
        row[End.UNREACHED] = row[End.UNREACHED] + 1 if end is End.UNREACHED else 0
        row[End.FAILED] = row[End.FAILED] + 1 if bad else 0

    def _fails(self, state: State, now_s: float) -> bool:
        rules = self._rules
        if self._in_a_row[End.UNREACHED] >= rules.unreached:
            return True
        if state is State.RETURNING and self._in_a_row[End.FAILED] >= rules.relapse:
            return True
        attempts, throttled = self._whole.attempts, self._whole.throttled
        failed = self._whole.failed
        if failed + throttled == attempts:  # nothing passes: to be asked to wait is to fail
            failed = attempts
        return attempts >= rules.least and failed >= rules.failing * attempts
