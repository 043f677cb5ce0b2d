"""The judge of a fan-out under faults: the operator's own ledger against the frozen audience.

Six invariants (DELIVERY §6). I1 every planned delivery ends or is visibly open; I2 nobody outside
the frozen audience; I3 no more copies than the ambiguous faults allow, none with look-up, never a
third; I4 nothing after a cancel and one window for each sender, nor after expiry; I5 the logbook's
chain verifies and holds approval, launch and counts; I6 a rehearsal reaches no operator.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from tests.chaos.crowds import number_of

MOST_COPIES = 2


@dataclass(frozen=True)
class End:
    """When a part of the people was no longer to be warned, and how much may still leave."""

    people: range
    at: float
    still: int  # messages
    within_s: float


@dataclass(frozen=True)
class Expected:
    """What was to happen: `audience` is frozen, `partly` may be warned until their alert ends.

    `not_reached` are those whom our ledger lists as such; `open` counts deliveries without an end.
    """

    audience: Collection[int]
    partly: tuple[End, ...] = ()
    rehearsed: range = range(0)
    not_reached: frozenset[int] = frozenset()
    open: int = 0
    duplicate_bound: int = 0
    logbook_holds: bool = True


@dataclass
class Verdict:
    """What the operator's ledger says."""

    lost: int = 0
    not_reached: int = 0
    duplicates: int = 0
    max_copies: int = 0
    outside_audience: int = 0
    rehearsed: int = 0
    late: int = 0
    invariants: dict[str, bool] = field(default_factory=dict)


def judge(taken: Iterable[tuple[float, str]], expected: Expected) -> Verdict:
    """Judge what an operator took: when, and for which phone. Memory grows with the people only."""
    copies: dict[int, int] = {}
    found = Verdict()
    left_late: dict[range, list[float]] = {end.people: [] for end in expected.partly}
    for at, phone in taken:
        number = number_of(phone)
        end = next((one for one in expected.partly if number in one.people), None)
        if end is not None and at > end.at:
            left_late[end.people].append(at - end.at)
        if number is None or (end is None and number not in expected.audience):
            found.outside_audience += 1
            found.rehearsed += number in expected.rehearsed
        else:
            copies[number] = copies.get(number, 0) + 1
    found.max_copies = max(copies.values(), default=0)
    found.duplicates = sum(copies.values()) - len(copies)
    missing = [one for one in expected.audience if one not in copies]
    found.lost = sum(one not in expected.not_reached for one in missing)
    found.not_reached = len(missing) - found.lost
    found.late = sum(_too_late(end, left_late[end.people]) for end in expected.partly)
    found.invariants = dict(_invariants(found, expected))
    return found


def _too_late(end: End, delays_s: list[float]) -> int:
    late = sum(delay > end.within_s for delay in delays_s)
    return max(late, len(delays_s) - end.still)


def _invariants(found: Verdict, expected: Expected) -> Mapping[str, bool]:
    return {
        "I1": found.lost == 0 and expected.open == 0,
        "I2": found.outside_audience == 0,
        "I3": found.duplicates <= expected.duplicate_bound and found.max_copies <= MOST_COPIES,
        "I4": found.late == 0,
        "I5": expected.logbook_holds,
        "I6": found.rehearsed == 0,
    }
