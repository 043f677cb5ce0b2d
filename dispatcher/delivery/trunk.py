"""The accounts of one medium: one queue, shared by weight while it is short, by pace when long.

Each delivery has an account by its id, which is evenly spread: so all processes share alike without
a word. A queue that all accounts together would empty in two seconds is short; a longer one is
taken by whoever has room, most urgent first. What an account leaves lying is taken by another.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from channels.contract import NotAccepted, Refused, Unavailable, Unknown
from dispatcher.delivery.health import Breaker, End, State
from dispatcher.delivery.pace import Clock
from dispatcher.delivery.slowness import ERRORS_S, SLOW_WINDOW_S
from dispatcher.store.marks import is_marked
from dispatcher.store.parts import Part

PATIENCE_S = 0.25  # an account that has nothing of its own waits this long before it takes others'
LEFT_S = 2.0  # of the pace: what an account may claim at once
CLAIM_MOST = 500
SAMPLES = 200  # messages remembered to judge slowness by
SAMPLE_EVERY_S = 1.0
_DIGITS = 8  # hexadecimal, of a bound between two parts

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Sample:
    """A message that an account accepted, to be asked about later."""

    at_s: float
    commune: str
    delivery_id: str


@dataclass
class Line:
    """One account of a trunk in this process."""

    account: str
    rate_per_s: Callable[[], float]
    weight: int = 100
    lowered: int = 0
    breaker: Breaker = field(default_factory=Breaker)
    errors: deque[float] = field(default_factory=deque)
    samples: deque[Sample] = field(default_factory=deque)
    gives_receipts: bool = False
    told: State = State.CLOSED
    just_opened: bool = False  # by what was seen here: the other processes do not know yet
    idle_since_s: float | None = None  # nothing of its own part was due
    allowed: float = 1.0  # messages, while it returns
    allowed_at_s: float = 0.0

    @property
    def room(self) -> int:
        """Return how many it may claim at once."""
        return max(1, min(CLAIM_MOST, int(self.rate_per_s() * LEFT_S)))


@dataclass(frozen=True)
class Turn:
    """What an account may claim now: `limit` of `part`, or of `whole` when `most` are due."""

    limit: int
    whole: Part
    part: Part | None = None
    most: int = 0
    probe: bool = False


class Trunk:
    """The accounts of one medium and route in one process."""

    def __init__(
        self, *, clock: Clock = time.monotonic, rouse: Callable[[], None] = lambda: None
    ) -> None:
        """Begin empty; `rouse` wakes the medium when one account leaves work to another."""
        self.clock = clock
        self.rouse = rouse
        self.lines: dict[str, Line] = {}

    def join(self, line: Line) -> None:
        """Take an account in."""
        self.lines[line.account] = line

    def turn(self, name: str) -> Turn:
        """Say what an account may claim now.

        Runbook: `provider.open` says that an account fails; its work goes to the others of its
        medium, and one probe every 15 s tries it until `provider.closed`. Read the provider's
        status page and `tocsin provider check`. When every account of a medium is open all are
        tried without pause: the alert is late until one of them answers.
        """
        now_s, line = self.clock(), self.lines[name]
        self._tell(line, now_s)
        shares = self._shares(now_s)
        whole = Part(name)
        if not shares.get(name):
            line.allowed, line.allowed_at_s = 1.0, now_s
            due = line.breaker.probe_due(now_s)
            return Turn(int(due), whole, probe=due)
        limit = self._limit(line, shares, now_s)
        if len(shares) == 1 or limit == 0 or self._patience_is_over(line, now_s):
            return Turn(limit, whole)
        weighed = {one: self._weight(one) * share for one, share in shares.items()}
        first, before = bounds(weighed)[name]
        most = sum(self.lines[one].room for one in shares)
        return Turn(limit, whole, Part(name, first, before), most)

    def took(self, name: str, turn: Turn, *, claimed: int) -> None:
        """Note what came of a turn."""
        line, now_s = self.lines[name], self.clock()
        line.allowed -= claimed
        if turn.probe and claimed:
            line.breaker.probing(now_s)
        if claimed or turn.part is None:
            line.idle_since_s = None
        elif line.idle_since_s is None:
            line.idle_since_s = now_s

    def note(self, name: str, end: End, *, began_s: float) -> None:
        """Take the end of an attempt into account."""
        line, now_s = self.lines[name], self.clock()
        if end in (End.FAILED, End.UNREACHED):
            line.errors.append(now_s)
        while line.errors and line.errors[0] < now_s - ERRORS_S:
            line.errors.popleft()
        if line.breaker.note(end, began_s=began_s, now_s=now_s):
            line.just_opened = True
        self._tell(line, now_s)

    def another(self, name: str, *marks: str) -> bool:
        """Tell whether another account may take at once what this one could not."""
        now_s = self.clock()
        return any(
            line.breaker.share(now_s) > 0 and not any(is_marked(one, other) for one in marks)
            for other, line in self.lines.items()
            if other != name
        )

    def sample(self, name: str, commune: str, delivery_id: str) -> None:
        """Remember one accepted message a second, to see how long it takes to arrive."""
        samples, now_s = self.lines[name].samples, self.clock()
        while samples and samples[0].at_s < now_s - SLOW_WINDOW_S:
            samples.popleft()
        if not samples or now_s - samples[-1].at_s >= SAMPLE_EVERY_S:
            if len(samples) >= SAMPLES:
                samples.popleft()
            samples.append(Sample(now_s, commune, delivery_id))

    def _shares(self, now_s: float) -> Mapping[str, float]:
        """Return the accounts that are trusted, and how much; all of them when none is."""
        shares = {name: line.breaker.share(now_s) for name, line in self.lines.items()}
        trusted = {name: share for name, share in shares.items() if share > 0}
        return trusted or dict.fromkeys(shares, 1.0)

    def _limit(self, line: Line, shares: Mapping[str, float], now_s: float) -> int:
        share = shares[line.account]
        if share == 1.0 or 1.0 not in shares.values():  # the others cannot carry it instead
            line.allowed, line.allowed_at_s = 1.0, now_s
            return line.room
        per_s = share * line.rate_per_s()
        gained = per_s * (now_s - line.allowed_at_s)
        line.allowed = min(line.allowed + gained, max(1.0, per_s * LEFT_S))
        line.allowed_at_s = now_s
        return max(0, min(line.room, int(line.allowed)))

    def _patience_is_over(self, line: Line, now_s: float) -> bool:
        return line.idle_since_s is not None and now_s - line.idle_since_s >= PATIENCE_S

    def _weight(self, name: str) -> float:
        line = self.lines[name]
        return float(max(0, line.weight - line.lowered))

    def _tell(self, line: Line, now_s: float) -> None:
        state = line.breaker.state(now_s)
        if state is line.told:
            return
        line.told = state
        if state is State.OPEN:
            log.error("provider.open", account=line.account)
        elif state is State.RETURNING:
            log.warning("provider.returning", account=line.account)
        else:
            log.warning("provider.closed", account=line.account)


def bounds(weights: Mapping[str, float]) -> Mapping[str, tuple[str, str]]:
    """Share all ids out by weight: for each name the first id and the one after its last."""
    names = sorted(weights)
    if not any(weights.values()):  # all rest at nothing: nobody is better than another
        weights = dict.fromkeys(names, 1.0)
    whole, end, cuts = sum(weights.values()), 0.0, [""]
    for name in names:
        end += weights[name]
        cuts.append(f"{min(int(end / whole * 16**_DIGITS), 16**_DIGITS - 1):0{_DIGITS}x}")
    cuts[-1] = ""
    return {name: (cuts[at], cuts[at + 1]) for at, name in enumerate(names)}


# A webhook that fails is the partner's; only mail that no server took is the mail account's.
_OWN_FAULTS: Mapping[str, Iterable[str] | None] = {
    "webhook": (),
    "email": ("no-connection", "no-tls", "421", "454", "535"),
}


def end_of(medium: str, refusal: NotAccepted | None) -> End:
    """Tell what the end of an attempt says of its account."""
    if refusal is None or isinstance(refusal, Refused):
        return End.FINE
    own = _OWN_FAULTS.get(medium)
    if own is not None and refusal.code not in own:
        return End.FINE
    if isinstance(refusal, Unknown):
        return End.FAILED
    if refusal.code == "no-connection":
        return End.UNREACHED
    asked = isinstance(refusal, Unavailable) and refusal.retry_after_s is not None
    return End.THROTTLED if asked or refusal.code == "too-fast" else End.FAILED
