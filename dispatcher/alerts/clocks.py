"""The clocks of the alert policy: what is due, by when, and whether somebody has done it.

Pure: what is known comes in, with the instant. The public hears something new in time (DOMAIN,
fact 6), enough people are reached in time, the prefecture has its report in time.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from plans.alerting import AlertPolicy

INFORMATION, CONTROL, SITREP = "information", "control", "sitrep"
CLOCKS = (INFORMATION, CONTROL, SITREP)
SOON_S = 300.0
_ENDS = ("all_clear", "false_alarm")  # after them nothing is due any more


@dataclass(frozen=True)
class Clock:
    """One thing that is due; `state` is done, due, soon or late; `minutes` are left, or late."""

    name: str
    due_at: float
    state: str
    minutes: int
    done_at: float | None = None
    reached_pct: int | None = None
    goal_pct: int | None = None


@dataclass(frozen=True)
class Known:
    """What an alert's clocks are judged by; instants are epoch seconds.

    `confirmed` are people who confirmed any of its versions, each once; `people` its audience now.

    `launches` are those of its versions, the first first; `kind` is the newest version's; `marks`
    are when somebody stopped a clock by hand, the latest of each; `sitrep_at` the latest report.
    """

    kind: str
    launches: tuple[float, ...]
    people: int
    confirmed: int
    marks: Mapping[str, float]
    sitrep_at: float | None = None


def clocks_of(policy: AlertPolicy, known: Known, *, now: float) -> tuple[Clock, ...]:
    """Return the clocks of an alert that runs; none where its danger is over."""
    if not known.launches or known.kind in _ENDS:
        return ()
    return (
        _control(policy, known, now=now),
        _again(INFORMATION, known, every_min=policy.information_every_min, now=now),
        _again(SITREP, known, every_min=policy.sitrep_every_min, now=now),
    )


def _again(name: str, known: Known, *, every_min: int, now: float) -> Clock:
    """Return what is due again and again, since it was last done."""
    done = [known.marks.get(name), known.sitrep_at if name == SITREP else known.launches[-1]]
    last = max([known.launches[0], *(one for one in done if one is not None)])
    due_at = last + 60.0 * every_min
    return Clock(name, due_at, *_state(due_at, now))


def _control(policy: AlertPolicy, known: Known, *, now: float) -> Clock:
    """Return the control that the alert was received (R731-2): once, since the first launch."""
    due_at = known.launches[0] + 60.0 * policy.goal_delay_min
    pct = min(100, 100 * known.confirmed // known.people) if known.people else 100
    goal = policy.goal_reached_pct
    by_hand = known.marks.get(CONTROL)
    state, minutes = _state(due_at, now)
    if by_hand is not None or pct >= goal:
        state, minutes = "done", 0
    return Clock(CONTROL, due_at, state, minutes, by_hand, pct, goal)


def _state(due_at: float, now: float) -> tuple[str, int]:
    left_s = due_at - now
    if left_s < 0:
        return "late", int(-left_s // 60)
    return "soon" if left_s <= SOON_S else "due", int(left_s // 60)
