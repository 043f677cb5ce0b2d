"""Who looks at live screens: each has a bell of its own, and goes out when its session ends."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.access.sessions import SEEN_EVERY_S
from dispatcher.store.attendance import Key, living, note_following
from dispatcher.store.ledger import Ledger

LOOK_EVERY_S = 1.0  # a session that was ended follows nothing two seconds later

log = structlog.get_logger()


class Screen:
    """One screen: `news` rings when something is to be shown, or when it has to go out."""

    def __init__(self) -> None:
        """Begin lit."""
        self.news = asyncio.Event()
        self.out = False

    def put_out(self) -> None:
        """Have it go out: its session is over."""
        self.out = True
        self.news.set()

    async def came(self, *, within_s: float) -> bool:
        """Wait for news; False where none came in time."""
        try:
            async with asyncio.timeout(within_s):
                await self.news.wait()
        except TimeoutError:
            return False
        self.news.clear()
        return True


class Attendance:
    """Asks once a second which sessions of all the screens of this process still live."""

    def __init__(self, ledger: Ledger, *, look_every_s: float = LOOK_EVERY_S) -> None:
        """Watch the sessions of a ledger while there are screens."""
        self._ledger = ledger
        self._every_s = look_every_s
        self._screens: dict[Key, list[Screen]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._noted_s: dict[Key, float] = {}

    @contextmanager
    def lit(self, commune: str, session: str) -> Iterator[Screen]:
        """Light a screen for a session while the block runs."""
        key, screen = (commune, session), Screen()
        self._screens.setdefault(key, []).append(screen)
        self._noted_s.setdefault(key, time.monotonic())
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            yield screen
        finally:
            self._screens[key].remove(screen)
            if not self._screens[key]:
                del self._screens[key], self._noted_s[key]
            if not self._screens and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _look(self) -> None:
        """Look again and again.

        When `live.sessions_unread` is logged, no session can be judged: the figures cannot be read
        either, and the screens say that they stand still; see `/readyz`.
        """
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self._step()
            except (SQLAlchemyError, OSError) as error:
                log.warning("live.sessions_unread", kind=type(error).__name__)

    async def _step(self) -> None:
        asked = tuple(self._screens)
        alive = await living(self._ledger, asked)
        for key in asked:
            if key not in alive:
                for screen in self._screens.get(key, ()):
                    screen.put_out()
        now = time.monotonic()
        due = [key for key, noted in self._noted_s.items() if now - noted > SEEN_EVERY_S]
        if due:
            self._noted_s.update(dict.fromkeys(due, now))
            await note_following(self._ledger, [key for key in due if key in alive])
