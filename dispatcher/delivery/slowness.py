"""Points off the weight of an account that fails or is slow: the figures of GOV.UK Notify.

Pure. Each account rests at its configured weight; what it loses, the others carry.
"""

from collections.abc import Mapping
from dataclasses import dataclass

POINTS = 10
MOST_ERRORS, ERRORS_S = 50, 60.0  # more errors than this in so long: points off, once in so long
SLOW_SHARE, SLOW_S, SLOW_WINDOW_S = 0.15, 300.0, 900.0  # of the messages of the last 15 minutes
SLOW_EVERY_S = 300.0
BACK_EVERY_S, QUIET_S = 300.0, 900.0
LEAST = 10  # messages: fewer say nothing of slowness


@dataclass(frozen=True)
class Seen:
    """What is known of one account; ages in seconds, None for what never happened."""

    weight: int
    lowered: int = 0
    lowered_s: float | None = None
    changed_s: float | None = None
    errors: int = 0  # in the last ERRORS_S
    counted: int = 0  # messages of the last SLOW_WINDOW_S that are old enough to be judged
    slow: int = 0

    @property
    def is_slow(self) -> bool:
        """Whether too many of its messages took too long."""
        return self.counted >= LEAST and self.slow >= SLOW_SHARE * self.counted


def points_off(seen: Mapping[str, Seen]) -> Mapping[str, int]:
    """Return the points off each account whose points change now."""
    all_slow = all(one.is_slow for one in seen.values())
    changes = {name: _points(one, all_slow=all_slow) for name, one in seen.items()}
    return {name: points for name, points in changes.items() if points != seen[name].lowered}


def _points(one: Seen, *, all_slow: bool) -> int:
    if one.errors > MOST_ERRORS and _older(one.lowered_s, ERRORS_S):
        return min(one.weight, one.lowered + POINTS)
    if one.is_slow:
        may = not all_slow and _older(one.lowered_s, SLOW_EVERY_S)
        return min(one.weight, one.lowered + POINTS) if may else one.lowered
    if _older(one.lowered_s, QUIET_S) and _older(one.changed_s, BACK_EVERY_S):
        return max(0, one.lowered - POINTS)
    return one.lowered


def _older(age_s: float | None, than_s: float) -> bool:
    return age_s is None or age_s >= than_s
