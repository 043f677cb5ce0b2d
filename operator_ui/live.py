"""Live figures: one reader for all screens that look at the same thing, and their streams."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable

from dispatcher.store.alarms import Standing
from dispatcher.store.alert_lines import AlertLine
from dispatcher.store.ledger import Ledger
from operator_ui.attendance import Attendance, Screen
from operator_ui.live_figures import Figures
from operator_ui.live_picture import Facts, Picture, Studio, Subject, shown_of
from operator_ui.outbox import Outbox
from operator_ui.reels import PULSE_S, Reels

__all__ = ["PULSE_S", "Picture", "Subject", "Watch"]

PAUSE_S = 0.85  # what happens is on every screen within a second


def _no_alarms(_commune: str) -> tuple[Standing, ...]:
    return ()


async def _no_facts(_commune: str) -> Facts:
    return Facts()


class Watch:
    """Reads each subject again and again while somebody looks, however many do."""

    def __init__(
        self,
        ledger: Ledger,
        outbox: Outbox,
        *,
        pulse_s: float = PULSE_S,
        alarms: Callable[[str], tuple[Standing, ...]] = _no_alarms,
        facts: Callable[[str], Awaitable[Facts]] = _no_facts,
    ) -> None:
        """Watch a ledger and the sandbox's outbox; a quiet stream gives a pulse each `pulse_s`.

        `alarms` tells the open alarms of a commune, `facts` what of it changes seldom.
        """
        self.attendance = Attendance(ledger)
        self._studio = Studio(ledger, Figures(ledger), outbox, alarms)
        self._facts = facts
        self._reels = Reels[Subject, Picture](
            self._taken, pause_s=PAUSE_S, pulse_s=pulse_s, named=lambda subject: subject.commune
        )

    def close(self) -> None:
        """End every stream, now and later: the process stops."""
        self._studio.figures.close()
        self._reels.close()

    async def picture(self, subject: Subject) -> Picture:
        """Return what a page shows as it opens."""
        return await self._studio.taken(subject, await self._facts(subject.commune))

    async def running(self, subject: Subject) -> AlertLine | None:
        """Return the alert that runs now, whose mode every page names."""
        line = shown_of(await self._studio.lines(subject))
        return line if line is not None and line.runs_at(time.time()) else None

    def made(self, subject: Subject, key: Hashable, make: Callable[[Picture], bytes]) -> bytes:
        """Return what `make` makes of the newest picture, made once for all screens of a kind."""
        return self._reels.made(subject, key, lambda picture: make(picture or Picture()))

    def follow(
        self, subject: Subject, screen: Screen | None = None
    ) -> AsyncIterator[tuple[int, Picture | None]]:
        """Give the picture at once, then each new one; None is a pulse (`reels.py`)."""
        return self._reels.follow(subject, screen)

    async def _taken(self, subject: Subject, before: Picture | None) -> Picture:
        facts = await self._facts(subject.commune)
        # Who comes back sees the present state, whatever was read for the one before.
        return await self._studio.taken(subject, facts, rested=before is not None)
