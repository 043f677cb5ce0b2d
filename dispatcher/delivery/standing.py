"""Where a person stands on her ladder, and what comes next: she confirmed, waits, goes on, or ends.

Pure: the facts and the instant come in, one verdict goes out. Instants are epoch seconds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dispatcher.delivery.ladder import Ladder, Step, Way

FAILED = frozenset(("undelivered", "failed", "exhausted"))
ENDED = FAILED | {"cancelled", "expired", "suppressed"}
TAKEN = ("accepted", "delivered")
SOON_S = 5.0  # nobody is looked at more often


@dataclass(frozen=True)
class Made:
    """One delivery as the ledger holds it; `mine` where the person is behind its contact."""

    delivery_id: str
    state: str
    mine: bool = True
    attempts: int = 0
    began_at: float | None = None
    accepted_at: float | None = None
    position: int = 0
    answered: bool = False

    @property
    def untried(self) -> bool:
        """Whether it still waits for its first send."""
        return self.attempts == 0 and self.state not in ENDED


@dataclass(frozen=True)
class Standing:
    """What is known of a person: her ladder, what was made of it, how many steps she has taken.

    `current` is the delivery of her last step, None while she is at her first ways.
    """

    ladder: Ladder
    made: Mapping[Way, Made]
    taken: int = 0
    current: str | None = None

    @property
    def mine(self) -> list[Made]:
        """Return the deliveries that she is behind."""
        return [one for one in self.made.values() if one.mine]

    @property
    def at(self) -> list[Made]:
        """Return the deliveries that are waited for now."""
        if self.current is None:
            return [one for way in self.ladder.first if (one := self.made.get(way)) and one.mine]
        return [one for one in self.mine if one.delivery_id == self.current]


@dataclass(frozen=True)
class Confirmed:
    """She answered, or the message was delivered where the policy asks no more: nothing follows.

    `shares` is the way by which someone of her household answered, if she was not behind it yet.
    """

    shares: Way | None = None


@dataclass(frozen=True)
class Wait:
    """Look again at `until`."""

    until: float


@dataclass(frozen=True)
class GoOn:
    """Take this step: `now` is when. The household's phone may have got the message already."""

    step: Step
    now: float


@dataclass(frozen=True)
class Unreached:
    """Every step was tried: she goes on the call list, for this reason."""

    reason: str


Verdict = Confirmed | Wait | GoOn | Unreached


@dataclass(frozen=True)
class Pursued:
    """How long each step is waited for, what confirms, and whether the alert's time is over."""

    waits_s: Sequence[float]
    confirmation: str
    over: bool = False

    def wait_s(self, taken: int) -> float:
        """Return the silence that ends a step; the last wait serves for the last step too."""
        return self.waits_s[min(taken, len(self.waits_s) - 1)] if self.waits_s else 0.0


def confirmed(standing: Standing, how: Pursued) -> bool:
    """Tell whether the policy is content; a machine that took its webhook cannot say more."""
    mine = standing.mine
    if any(one.answered for one in mine):
        return True
    media = {medium for medium, _ in standing.made}
    received = any(one.state == "delivered" for one in mine)
    return received and (how.confirmation == "delivered" or media == {"webhook"})


def verdict(standing: Standing, how: Pursued, *, now: float) -> Verdict:
    """Say what comes next for a person."""
    if confirmed(standing, how):
        return Confirmed()
    household = [way for way, one in standing.made.items() if one.answered]
    if household:
        return Confirmed(shares=household[0])
    if how.over:
        return Unreached("expired")
    if standing.ladder.reason:
        return Unreached(standing.ladder.reason)
    wait_s = how.wait_s(standing.taken)
    until = _waited_until(standing.at, wait_s=wait_s, now=now)
    if until > now:
        return Wait(until)
    return _next(standing, how, now=now)


def _waited_until(at: Sequence[Made], *, wait_s: float, now: float) -> float:
    """Return when the silence of these is over: at once where one failed."""
    if any(one.state in FAILED for one in at) or all(one.state in ENDED for one in at):
        return now
    if any(one.untried or one.state in ("claimed", "sending") for one in at):
        return now + max(wait_s / 4, min(wait_s, SOON_S))  # not even sent: the wait has not begun
    taken = [one.accepted_at or now for one in at if one.state in TAKEN]
    tried = [one.began_at or now for one in at if one.state not in ENDED]
    return max(taken or tried) + wait_s


def _next(standing: Standing, how: Pursued, *, now: float) -> Verdict:
    if standing.taken < len(how.waits_s):
        for step in _steps(standing, how):
            there = standing.made.get(step.way)
            if there is None:
                return GoOn(step, now)
            if there.mine:
                continue
            until = _waited_until([there], wait_s=how.wait_s(standing.taken + 1), now=now)
            if until > now:
                return GoOn(step, now)
    # Nothing is left to try; what was made already may still be heard.
    rest = [one for one in standing.mine if one.state not in FAILED]
    wait_s = how.wait_s(standing.taken)
    until = max((_waited_until([one], wait_s=wait_s, now=now) for one in rest), default=now)
    return Wait(until) if until > now else Unreached(_why(standing))


def _steps(standing: Standing, how: Pursued) -> Iterator[Step]:
    """Give the steps in order; before them a first way that is new: her number changed."""
    for way in standing.ladder.first:
        if way not in standing.made:
            yield Step(*way, how.wait_s(0))
    yield from standing.ladder.steps


def _why(standing: Standing) -> str:
    """Say why nobody was reached: silent where some message arrived somewhere, else failed."""
    mine = standing.mine
    if not mine:
        return "no_contact"
    return "failed" if all(one.state in ENDED for one in mine) else "silent"
