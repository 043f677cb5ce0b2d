"""The places of a window in its account's queue of time: even, used once, never caught up."""

from typing import Protocol

LATE_S = 0.02  # a place missed by more is given up, never caught up: the rate would be exceeded
_ROUNDING = 1e-6  # of a unit: what adding and taking away leave over


class Reserve(Protocol):
    """The pace of the account; `granted_per_s` may be changed while it is in use."""

    granted_per_s: float

    @property
    def rate_per_s(self) -> float:
        """Return the units per second at which messages follow each other."""

    async def reserve(self, units: float, *, at_most_s: float = ...) -> float:
        """Return the wait until the first of these units may leave, in seconds.

        A wait above `at_most_s` reserves nothing.
        """


class Places:
    """The places that a window holds: `at` is when the next of them comes (monotonic, s)."""

    def __init__(self, pace: Reserve) -> None:
        """Hold none."""
        self._pace = pace
        self._units = 0.0
        self.at = 0.0

    def hold(self, units: float, *, now: float) -> bool:
        """Tell whether there are places for so many units; those missed by then are given up.

        A stall costs the places that passed in it, and none of those that are still to come.
        """
        missed_s = now - LATE_S - self.at
        if self._units and missed_s > 0:
            missed = min(self._units, missed_s * self._pace.rate_per_s)
            self._units -= missed
            self.at += missed / self._pace.rate_per_s
        return self._units >= units - _ROUNDING

    async def take(self, units: float, *, now: float, latest: float) -> float | None:
        """Reserve so many units, before `latest`; else return how long the wait would be, in s."""
        wait = await self._pace.reserve(units, at_most_s=latest - now)
        if wait > latest - now:
            return wait
        self._units, self.at = units, now + wait
        return None

    def use(self, units: float) -> None:
        """Take the next places."""
        self._units -= units
        self.at += units / self._pace.rate_per_s
