"""When to try again, by medium (DELIVERY.md §4): data and two small functions."""

import random
from dataclasses import dataclass

_MIN = 60.0
_H = 3600.0

# Waits before the next attempt after one that surely did not leave; the last repeats.
UNSENT_S = {
    "sms": (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0),
    "voice": (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0),
    "email": (_MIN, 2 * _MIN, 5 * _MIN, 15 * _MIN, 30 * _MIN, _H),
    "webhook": (
        0.0,
        5.0,
        15.0,
        30.0,
        _MIN,
        2 * _MIN,
        5 * _MIN,
        15 * _MIN,
        30 * _MIN,
        2 * _H,
        5 * _H,
        10 * _H,
    ),
}
# Waits before calling again someone who did not answer or was busy.
REDIAL_S = (2 * _MIN, 5 * _MIN, 15 * _MIN)
REDIAL_REASONS = ("busy", "no-answer")
JITTER = 0.2

# How many attempts may end without anyone knowing whether they left. Two copies at most where the
# provider's records cannot be read; a webhook keeps its id, so its copies are one message.
MOST_DOUBTS = {"sms": 2, "voice": 2, "email": 2, "webhook": 10}


@dataclass(frozen=True)
class Dice:
    """Where the jitter comes from; tests hand in their own."""

    source: random.Random

    def jitter(self, wait_s: float) -> float:
        """Spread a wait by ±20 %, so that a thousand retries do not fall together."""
        return wait_s * self.source.uniform(1 - JITTER, 1 + JITTER)


def unsent_wait_s(medium: str, attempts: int, dice: Dice) -> float:
    """Return the wait after the `attempts`-th attempt (from 1) that did not leave, in seconds."""
    waits = UNSENT_S[medium]
    return dice.jitter(waits[min(attempts, len(waits)) - 1])
