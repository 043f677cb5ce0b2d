"""One reader for all screens that look at the same thing: what it reads goes to each of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from operator_ui.attendance import Screen

PAUSE_LEAST_S = 0.2
PULSE_S = 3.0
FRESH_PULSES = 3  # figures read longer ago are not passed off as live

log = structlog.get_logger()
Subject = TypeVar("Subject", bound=Hashable)
Picture = TypeVar("Picture")


@dataclass
class _Reel(Generic[Picture]):
    """The latest picture of a subject, its screens, and what was made of it for them."""

    picture: Picture | None = None
    serial: int = 0
    read_at: float = 0.0
    screens: set[Screen] = field(default_factory=set)
    made: dict[Hashable, bytes] = field(default_factory=dict)
    reading: asyncio.Task[None] | None = None


class Reels(Generic[Subject, Picture]):
    """Reads each subject again and again while somebody looks, however many do."""

    def __init__(
        self,
        take: Callable[[Subject, Picture | None], Awaitable[Picture]],
        *,
        pause_s: float,
        pulse_s: float = PULSE_S,
        named: Callable[[Subject], str] = str,
    ) -> None:
        """Read with `take`, every `pause_s`; a quiet stream gives a pulse each `pulse_s`.

        `take` gets the picture before, None at first; `named` tells the logs whose it is.
        """
        self._take = take
        self._pause_s = pause_s
        self._pulse_s = pulse_s
        self._named = named
        self._reels: dict[Subject, _Reel[Picture]] = {}
        self.closed = False

    def close(self) -> None:
        """End every stream, now and later: the process stops."""
        self.closed = True
        for reel in self._reels.values():
            _ring(reel)

    def made(
        self, subject: Subject, key: Hashable, make: Callable[[Picture | None], bytes]
    ) -> bytes:
        """Return what `make` makes of the newest picture, made once for all screens of a kind."""
        reel = self._reels[subject]
        if key not in reel.made:
            reel.made[key] = make(reel.picture)
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

    def _keep_reading(self, subject: Subject, reel: _Reel[Picture]) -> None:
        """Have somebody read, also after a reader died.

        When `live.died` is logged, `kind` is a fault of this program, to be reported: the screens
        say that they stand still until a reader stays alive.
        """
        if reel.reading is not None:
            if not reel.reading.done():
                return
            died = None if reel.reading.cancelled() else reel.reading.exception()
            log.error("live.died", commune=self._named(subject), kind=type(died).__name__)
        reel.reading = asyncio.create_task(self._read(subject, reel))

    def _fresh(self, reel: _Reel[Picture]) -> bool:
        return time.monotonic() - reel.read_at < self._pulse_s * FRESH_PULSES

    def _leave(self, subject: Subject, reel: _Reel[Picture], screen: Screen) -> None:
        reel.screens.discard(screen)
        if not reel.screens and reel.reading is not None:
            reel.reading.cancel()
            del self._reels[subject]

    async def _read(self, subject: Subject, reel: _Reel[Picture]) -> None:
        """Read again and again.

        When `live.unreadable` is logged, the screens of this commune stand still and say so: look
        at the ledger (disk, database) as `/readyz` names it; they go on by themselves.
        """
        while True:
            began = time.monotonic()
            try:
                picture = await self._take(subject, reel.picture)
            except (SQLAlchemyError, OSError) as error:
                whose = self._named(subject)
                log.warning("live.unreadable", commune=whose, kind=type(error).__name__)
            else:
                reel.read_at = time.monotonic()
                if picture != reel.picture:
                    reel.picture, reel.serial = picture, reel.serial + 1
                    reel.made.clear()
                    _ring(reel)
            await asyncio.sleep(max(self._pause_s - (time.monotonic() - began), PAUSE_LEAST_S))


def _ring(reel: _Reel[Picture]) -> None:
    for screen in reel.screens:
        screen.news.set()
