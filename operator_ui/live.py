"""Live figures: one reader for all screens that look at the same thing, and their streams."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.store.alarms import Standing
from dispatcher.store.alert_lines import AlertLine, alert_versions, latest_alerts, that_counts
from dispatcher.store.ledger import Ledger
from dispatcher.store.situation import Progress, progress
from operator_ui.outbox import Bubble, Outbox

PAUSE_S = 1.0
REST = 4  # times as long as a question took passes before the next: at most a fifth of a core
PULSE_S = 3.0
FRESH_PULSES = 3  # figures read longer ago are not passed off as live
RECENT = 6  # alerts listed beside the one that is shown

log = structlog.get_logger()


def _no_alarms(_commune: str) -> tuple[Standing, ...]:
    return ()


@dataclass(frozen=True)
class Picture:
    """What a screen shows at an instant; two equal pictures are one message."""

    line: AlertLine | None = None
    runs: bool = False  # launched, not cancelled, not expired
    progress: Progress | None = None
    bubbles: tuple[Bubble, ...] | None = None
    recent: tuple[AlertLine, ...] = ()
    alarms: tuple[Standing, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What a screen looks at: one alert, or the commune's latest when `alert_id` is empty."""

    commune: str
    alert_id: str = ""


@dataclass
class _Reel:
    """The latest picture of a subject; `turn` is set when a newer one has taken its place."""

    picture: Picture | None = None
    serial: int = 0
    read_at: float = 0.0
    viewers: int = 0
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Task[None] | None = None


class Watch:
    """Reads each subject once a second while somebody looks, however many do."""

    def __init__(
        self,
        ledger: Ledger,
        outbox: Outbox,
        *,
        pulse_s: float = PULSE_S,
        alarms: Callable[[str], tuple[Standing, ...]] = _no_alarms,
    ) -> None:
        """Watch a ledger and the sandbox's outbox; a quiet stream gives a pulse each `pulse_s`.

        `alarms` tells the open alarms of a commune.
        """
        self.alarms = alarms
        self._ledger = ledger
        self._outbox = outbox
        self._pulse_s = pulse_s
        self._reels: dict[Subject, _Reel] = {}
        self.closed = False

    def close(self) -> None:
        """End every stream, now and later: the process stops."""
        self.closed = True
        for reel in self._reels.values():
            reel.turn.set()

    async def picture(self, subject: Subject) -> Picture:
        """Return what a page shows as it opens."""
        lines = await _lines(self._ledger, subject)
        line = _shown(lines)
        return Picture(
            line=line,
            runs=line is not None and line.runs_at(time.time()),
            progress=await _progress(self._ledger, subject.commune, line),
            recent=() if subject.alert_id else tuple(lines[:RECENT]),
            bubbles=None if subject.alert_id else await self._outbox.samples(),
            alarms=self.alarms(subject.commune),
        )

    async def running(self, subject: Subject) -> AlertLine | None:
        """Return the alert that runs now, whose mode every page names."""
        line = _shown(await _lines(self._ledger, subject))
        return line if line is not None and line.runs_at(time.time()) else None

    async def follow(self, subject: Subject) -> AsyncIterator[tuple[int, Picture | None]]:
        """Give the picture at once, then each new one; None is a pulse: nothing new, all is well.

        While the ledger cannot be read there is no pulse: a silent stream is how a screen learns
        that its figures are frozen. Ends when the process stops.
        """
        reel = self._reels.setdefault(subject, _Reel())
        reel.viewers += 1
        if reel.reading is None:
            reel.reading = asyncio.create_task(self._read(subject, reel))
        try:
            seen = 0
            while not self.closed:
                turn = reel.turn
                if reel.serial != seen:
                    seen = reel.serial
                    yield seen, reel.picture
                elif not await _came(turn, within_s=self._pulse_s) and self._fresh(reel):
                    yield seen, None
        finally:
            self._leave(subject, reel)

    def _fresh(self, reel: _Reel) -> bool:
        return time.monotonic() - reel.read_at < self._pulse_s * FRESH_PULSES

    def _leave(self, subject: Subject, reel: _Reel) -> None:
        reel.viewers -= 1
        if reel.viewers == 0 and reel.reading is not None:
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
                picture = await self.picture(subject)
            except (SQLAlchemyError, OSError) as error:
                log.warning("live.unreadable", commune=subject.commune, kind=type(error).__name__)
            else:
                reel.read_at = time.monotonic()
                if picture != reel.picture:
                    reel.picture, reel.serial = picture, reel.serial + 1
                    turn, reel.turn = reel.turn, asyncio.Event()
                    turn.set()
            took = time.monotonic() - began
            await asyncio.sleep(max(PAUSE_S - took, REST * took))


async def _came(turn: asyncio.Event, *, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await turn.wait()
    except TimeoutError:
        return False
    return True


async def _lines(ledger: Ledger, subject: Subject) -> list[AlertLine]:
    """Return the version that counts of the alert looked at, or of each of the commune's."""
    if subject.alert_id:
        one = that_counts(await alert_versions(ledger, subject.commune, subject.alert_id))
        return [] if one is None else [one]
    return await latest_alerts(ledger, subject.commune)


def _shown(lines: list[AlertLine]) -> AlertLine | None:
    return min(lines, key=lambda line: _order(line, time.time()), default=None)


def _order(line: AlertLine, now: float) -> tuple[bool, bool, float]:
    """Put first what runs, a real alert before an exercise: a new draft hides neither."""
    return (
        not (line.runs_at(now) and line.mode == "real"),
        not line.runs_at(now),
        -(line.launched_at or 0.0),
    )


async def _progress(ledger: Ledger, commune: str, line: AlertLine | None) -> Progress | None:
    if line is None or line.launched_at is None:
        return None
    return await progress(ledger, commune, line.version_id)
