"""Live figures: one reader for all screens that look at the same thing, and their streams."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.store.alarms import Standing
from dispatcher.store.alert_lines import AlertLine
from dispatcher.store.ledger import Ledger
from operator_ui.attendance import Attendance, Screen
from operator_ui.live_figures import Figures
from operator_ui.live_picture import Facts, Picture, Studio, Subject, shown_of
from operator_ui.outbox import Outbox

__all__ = ["Picture", "Subject", "Watch"]

PAUSE_S = 0.85  # what happens is on every screen within a second
PAUSE_LEAST_S = 0.2
PULSE_S = 3.0
FRESH_PULSES = 3  # figures read longer ago are not passed off as live

log = structlog.get_logger()


def _no_alarms(_commune: str) -> tuple[Standing, ...]:
    return ()


async def _no_facts(_commune: str) -> Facts:
    return Facts()


@dataclass
class _Reel:
    """The latest picture of a subject, its screens, and what was made of it for them."""

    picture: Picture | None = None
    serial: int = 0
    read_at: float = 0.0
    screens: set[Screen] = field(default_factory=set)
    made: dict[Hashable, bytes] = field(default_factory=dict)
    reading: asyncio.Task[None] | None = None


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
        self._pulse_s = pulse_s
        self._reels: dict[Subject, _Reel] = {}
        self.closed = False

    def close(self) -> None:
        """End every stream, now and later: the process stops."""
        self.closed = True
        self._studio.figures.close()
        for reel in self._reels.values():
            _ring(reel)

    async def picture(self, subject: Subject) -> Picture:
        """Return what a page shows as it opens."""
        return await self._studio.taken(subject, await self._facts(subject.commune))

    async def running(self, subject: Subject) -> AlertLine | None:
        """Return the alert that runs now, whose mode every page names."""
        line = shown_of(await self._studio.lines(subject))
        return line if line is not None and line.runs_at(time.time()) else None

    def made(self, subject: Subject, key: Hashable, make: Callable[[Picture], bytes]) -> bytes:
        """Return what `make` makes of the newest picture, made once for all screens of a kind."""
        reel = self._reels[subject]
        if key not in reel.made:
            reel.made[key] = make(reel.picture or Picture())
        return reel.made[key]

    async def follow(
        self, subject: Subject, screen: Screen | None = None
    ) -> AsyncIterator[tuple[int, Picture | None]]:
        """Give the picture at once, then each new one; None is a pulse: nothing new, all is well.

        While the ledger cannot be read there is no pulse: a silent stream is how a screen learns
        that its figures are frozen. Ends when the process stops, or the screen goes out.
        """
        mine = screen or Screen()
        reel = self._reels.setdefault(subject, _Reel())
        reel.screens.add(mine)
        try:
            seen = 0
            while not self.closed and not mine.out:
                self._keep_reading(subject, reel)
                if reel.serial != seen:
                    seen = reel.serial
                    yield seen, reel.picture
                elif not await mine.came(within_s=self._pulse_s) and self._fresh(reel):
                    yield seen, None
        finally:
            self._leave(subject, reel, mine)

    def _keep_reading(self, subject: Subject, reel: _Reel) -> None:
        """Have somebody read, also after a reader died.

        When `live.died` is logged, `kind` is a fault of this program, to be reported: the screens
        say that they stand still until a reader stays alive.
        """
        if reel.reading is not None:
            if not reel.reading.done():
                return
            died = None if reel.reading.cancelled() else reel.reading.exception()
            log.error("live.died", commune=subject.commune, kind=type(died).__name__)
        reel.reading = asyncio.create_task(self._read(subject, reel))

    def _fresh(self, reel: _Reel) -> bool:
        return time.monotonic() - reel.read_at < self._pulse_s * FRESH_PULSES

    def _leave(self, subject: Subject, reel: _Reel, screen: Screen) -> None:
        reel.screens.discard(screen)
        if not reel.screens and reel.reading is not None:
            reel.reading.cancel()
            del self._reels[subject]

    async def _read(self, subject: Subject, reel: _Reel) -> None:
        """Read again and again.

        When `live.unreadable` is logged, the screens of this commune stand still and say so: look
        at the ledger (disk, database) as `/readyz` names it; they go on by themselves.
        """
        while True:
            began = time.monotonic()
            try:
                facts = await self._facts(subject.commune)
                # Who comes back sees the present state, whatever was read for the one before.
                rested = reel.picture is not None
                picture = await self._studio.taken(subject, facts, rested=rested)
            except (SQLAlchemyError, OSError) as error:
                log.warning("live.unreadable", commune=subject.commune, kind=type(error).__name__)
            else:
                reel.read_at = time.monotonic()
                if picture != reel.picture:
                    reel.picture, reel.serial = picture, reel.serial + 1
                    reel.made.clear()
                    _ring(reel)
            await asyncio.sleep(max(PAUSE_S - (time.monotonic() - began), PAUSE_LEAST_S))


def _ring(reel: _Reel) -> None:
    for screen in reel.screens:
        screen.news.set()
