"""How often a team's phones may send: enough for a queue that waited, not for a flood."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

BURST, RATE_PER_S = 120.0, 2.0
MOST_LINKS = 10_000  # held at once


@dataclass
class PhonePaces:
    """What each link has left to send; full again after a minute."""

    monotonic: Callable[[], float] = time.monotonic
    _left: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def wait_s(self, link: tuple[str, str]) -> float:
        """Take one sending of a link (its commune and id); return how long to wait, 0 where none.

        A distress call is never asked.
        """
        now = self.monotonic()
        left, at = self._left.get(link, (BURST, now))
        left = min(BURST, left + (now - at) * RATE_PER_S)
        if left < 1.0:
            self._left[link] = (left, now)
            return (1.0 - left) / RATE_PER_S
        if len(self._left) >= MOST_LINKS:
            self._left.clear()
        self._left[link] = (left - 1.0, now)
        return 0.0
