"""How often one number is answered: counted in this process's memory, forgotten with time."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_NUMBERS = 20_000  # remembered; beyond it the one heard least lately is forgotten


@dataclass
class Turnstile:
    """Lets a number pass `most` times in `window_s` seconds from its first time; no number always.

    Several web processes each count what they see: this spares money and work, it guards nothing.
    """

    most: int
    window_s: float
    clock: Callable[[], float] = time.monotonic
    _seen: OrderedDict[str, tuple[float, int]] = field(default_factory=OrderedDict, repr=False)

    def passes(self, number: str) -> bool:
        """Count one more time; tell whether it may pass."""
        if not number:  # hidden: many people, not one
            return True
        now = self.clock()
        began, times = self._seen.pop(number, (now, 0))
        if now - began >= self.window_s:
            began, times = now, 0
        self._seen[number] = (began, times + 1)
        if len(self._seen) > MOST_NUMBERS:
            self._seen.popitem(last=False)
        return times < self.most
