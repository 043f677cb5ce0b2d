"""What must be true, kept in plain sets and counters beside the real code: the model itself.

It learns what people did and what operators took, and says of each message whether it may have
left: I2 nobody outside the frozen audience, I3 no copy without an excuse, I4 nothing after an end,
I6 a rehearsal reaches no operator. `tests/model/verdict.py` says what must be true at the end.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from tests.model.provider import Operators, Taken, Way
from tests.model.town import CAST, EVERYBODY, behind

MOST_COPIES = 2  # of one message, where no record can be read


@dataclass(frozen=True)
class Closing:
    """When nothing more was to leave, and what was on its way just then."""

    at: float
    in_flight: frozenset[Way]


@dataclass
class Told:
    """An alert as its people know it."""

    alert: str
    mode: str
    sectors: str
    players: frozenset[str]
    expires_at: float
    key: str
    escalates: bool
    approved: bool = False
    approved_at: float = 0.0
    cancelled: bool = False
    audience: frozenset[str] | None = None  # None until it is launched
    expired: bool = False
    closing: Closing | None = None  # the first

    def close(self, closing: Closing) -> None:
        """Let nothing more leave of it."""
        self.closing = self.closing or closing


@dataclass
class Facts:
    """All that happened."""

    operators: Operators
    lives_in: dict[str, str] = field(default_factory=lambda: {one.id: one.sectors for one in CAST})
    gone: set[str] = field(default_factory=set)  # who unsubscribed
    alerts: dict[str, Told] = field(default_factory=dict)
    alert_of: dict[str, str] = field(default_factory=dict)  # by version
    confirmed: set[tuple[str, str]] = field(default_factory=set)  # alert, person
    answers: set[tuple[Way, str]] = field(default_factory=set)
    quiet: dict[Way, Closing] = field(default_factory=dict)
    receipts: dict[str, set[str]] = field(default_factory=dict)  # token → what was told of it
    ever_unreadable: set[str] = field(default_factory=set)
    _judged: int = 0

    def audience_now(self, told: Told) -> frozenset[str]:
        """Return who an alert would go to if it were launched now."""
        if told.mode == "exercise":
            return told.players
        return frozenset(p for p, where in self.lives_in.items() if set(where) & set(told.sectors))

    def launched(self, told: Told, audience: frozenset[str], *, at: float) -> None:
        """Freeze who it goes to."""
        told.audience = audience
        self.silence(at, in_flight=frozenset())

    def silence(self, at: float, *, in_flight: frozenset[Way]) -> None:
        """Close the ways behind which nobody is left to warn: all gone, or all confirmed."""
        for told in self.alerts.values():
            for contact in contacts_of(told.audience or ()):
                readers = behind(contact, told.audience or ())
                if not all(self._needs_nothing(told.alert, one) for one in readers):
                    continue
                for medium in ("sms", "voice", "email"):
                    way = (told.alert, medium, contact)
                    flying = frozenset({way}) & in_flight
                    self.quiet.setdefault(way, Closing(at, flying))

    def _needs_nothing(self, alert: str, person: str) -> bool:
        return person in self.gone or (alert, person) in self.confirmed

    def passes(self, before: float, after: float, *, in_flight: frozenset[Way]) -> None:
        """Let time pass: alerts expire."""
        for told in self.alerts.values():
            if before < told.expires_at <= after:
                told.expired = True
                told.close(Closing(told.expires_at, in_flight))

    def cancels(self, told: Told, at: float, *, in_flight: frozenset[Way]) -> None:
        """Stop an alert."""
        told.cancelled = True
        told.close(Closing(at, in_flight))

    def told_of(self, way: Way) -> Counter[str]:
        """Count what receipts said of a way, once for each attempt."""
        tokens = [one.token for one in self.operators.taken if way_of(one) == way]
        return Counter(said for token in tokens for said in self.receipts.get(token, ()))

    def judge(self) -> None:
        """Judge what was taken since the last time."""
        taken = self.operators.taken
        for one in taken[self._judged :]:
            self._may_leave(one)
        self._judged = len(taken)

    def _may_leave(self, one: Taken) -> None:
        way, told = way_of(one), self.alerts[one.alert]
        assert told.audience is not None, f"I2: {one.alert} was never launched"
        assert told.mode != "rehearsal", "I6: a rehearsal reached an operator"
        assert one.contact in contacts_of(told.audience), f"I2: {one.contact} is outside"
        for closing in (told.closing, self.quiet.get(way)):
            late = f"I4: {way} left late: {one}, {closing}, {told}"
            assert closing is None or self._was_on_its_way(one, closing), late
        copies = [other for other in self.operators.taken[: one.number + 1] if way_of(other) == way]
        most = self.most_copies(way, {other.account for other in copies})
        assert len(copies) <= most, f"I3: {len(copies)} copies of {way}"

    def _was_on_its_way(self, one: Taken, closing: Closing) -> bool:
        way = way_of(one)
        since = [
            other
            for other in self.operators.taken[: one.number + 1]
            if way_of(other) == way and other.at > closing.at
        ]
        return not since or (way in closing.in_flight and len(since) == 1)

    def most_copies(self, way: Way, accounts: set[str]) -> int:
        """Return how many copies of a message, by these accounts, the faults so far excuse."""
        told = self.told_of(way)
        failed = told["undelivered"] + told["failed"]
        blind = way[1] == "email" or accounts & self.ever_unreadable
        lost = self.operators.doubted.get(way, 0) if blind else 0
        return failed + min(1 + lost, MOST_COPIES)


def way_of(one: Taken) -> Way:
    """Return which message of which alert this is."""
    return (one.alert, one.medium, one.contact)


def contacts_of(people: Collection[str]) -> frozenset[str]:
    """Return every contact of these people."""
    return frozenset(c.value for one in EVERYBODY if one.id in people for c in one.contacts)
