"""The public page, made again every few seconds and kept as files: it outlives ledger and console.

`alertes/<commune>.<language>.html` in the data folder is whole in itself: no script, no picture, no
other file. A web server of the commune may serve it as well.
"""

import asyncio
import base64
import contextlib
import hashlib
import os
import re
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.store import plans
from dispatcher.store.ledger import Ledger
from operator_ui.public_picture import next_word, picture_of
from operator_ui.public_streets import AlertStreets
from operator_ui.rendering import render
from operator_ui.words import LANGUAGES

CODE = re.compile(r"\d[0-9AB]\d{3}")  # of a commune (INSEE)
AGE = b"<!--age-->"  # where a page that is too old says so
EVERY_S = 5.0
STALE_S = 60.0  # without a look at the ledger, the page says how old it is

log = structlog.get_logger()


@lru_cache
def policy() -> str:
    """Return the content security policy: nothing but its own style, known by its hash."""
    digest = hashlib.sha256(style().encode()).digest()
    known = base64.b64encode(digest).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{known}'; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )


@lru_cache
def style() -> str:
    """Return the page's style, as it stands between its tags."""
    return render("_public_style.css", "fr", {})


def aged(html: bytes, language: str) -> bytes:
    """Return a page that says, on top, that it could not be looked at again since its hour."""
    return html.replace(AGE, render("_public_age.html", language, {}).encode(), 1)


@dataclass(frozen=True)
class Page:
    """A page as it is served, and when the ledger was last looked at for it."""

    html: bytes
    seen_at: float

    @property
    def mark(self) -> str:
        """Return its ETag."""
        return f'"{hashlib.sha256(self.html).hexdigest()[:24]}"'


class PublicPages:
    """The pages of every commune of the ledger, in each language; read anew by `refresh`."""

    def __init__(self, ledger: Ledger, *, own: str, folder: Path) -> None:
        """`own` is the commune that `/alertes` speaks of; empty: the only one, or all of them."""
        self._ledger, self._own, self._folder = ledger, own, folder
        self._pages: dict[tuple[str, str], Page] = {}
        self._communes: tuple[str, ...] = ()
        self._names: dict[str, str] = {}
        self._turn = asyncio.Lock()
        self._read_at = 0.0
        self._streets = AlertStreets(ledger)

    def page(self, commune: str, language: str) -> Page | None:
        """Return a page as it was made last, by this process or by one before it.

        One that is too old says so.
        """
        found = self._pages.get((commune, language)) or self._kept(commune, language)
        if found is None or time.time() <= found.seen_at + STALE_S:
            return found
        return Page(aged(found.html, language), found.seen_at)

    @property
    def own(self) -> str:
        """The commune that the bare address speaks of; empty when there are several."""
        if self._own:
            return self._own
        known = self._communes or tuple(sorted({p.name.split(".")[0] for p in self._files()}))
        return known[0] if len(known) == 1 else ""

    def named(self) -> list[tuple[str, str]]:
        """Return every commune that there is a page of: its INSEE code, its name."""
        return sorted(self._names.items(), key=lambda one: one[1])

    async def fresh(self, within_s: float = EVERY_S) -> None:
        """Look at the ledger, unless that was done lately; a ledger that does not answer is told.

        The pages stay as they were then, and say how old they are.
        """
        async with self._turn:
            if time.monotonic() < self._read_at + within_s and self._pages:
                return
            self._read_at = time.monotonic()
            try:
                await self._read()
            except (SQLAlchemyError, OSError) as error:
                log.warning("public.unread", kind=type(error).__name__)

    async def keep_fresh(self) -> None:
        """Go on for ever; cancelled by whoever started it."""
        while True:
            await self.fresh(0.0)
            await asyncio.sleep(EVERY_S)

    async def _read(self) -> None:
        communes = await plans.communes(self._ledger)
        self._communes = tuple(dict.fromkeys([*communes, *([self._own] if self._own else [])]))
        for commune in self._communes:
            for language in LANGUAGES:
                await self._remake(commune, language)
        await asyncio.to_thread(self._write)

    async def _remake(self, commune: str, language: str) -> None:
        """Make a page anew; where that fails, it alone stays as it was, and says how old it is.

        When `public.failed` is logged: `kind` is a fault of this program, to be reported. The page
        of that commune stands still meanwhile; look at its alert, its plan and its addresses.
        """
        (made,) = await asyncio.gather(self._made(commune, language), return_exceptions=True)
        if isinstance(made, SQLAlchemyError | OSError):
            raise made  # the ledger does not answer: neither does it for the others
        if isinstance(made, BaseException):
            log.error("public.failed", commune=commune, kind=type(made).__name__)
            return
        self._pages[commune, language] = Page(made, time.time())

    async def _made(self, commune: str, language: str) -> bytes:
        now = time.time()
        seen = await picture_of(
            self._ledger, commune, streets=self._streets, language=language, now=now
        )
        self._names[commune] = seen.name
        due = next_word(seen.now_in_force, every_min=seen.every_min, now=now)
        values = {"zone": seen.zone, "seen": seen, "due": due, "policy": policy()}
        return render("public.html", language, values).encode()

    def _kept(self, commune: str, language: str) -> Page | None:
        if not CODE.fullmatch(commune):
            return None
        path = self._file(commune, language)
        with contextlib.suppress(FileNotFoundError):
            return Page(path.read_bytes(), path.stat().st_mtime)
        return None

    def _write(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for (commune, language), page in self._pages.items():
            path = self._file(commune, language)
            if path.is_file() and path.read_bytes() == page.html:
                continue
            fresh = path.with_suffix(f".{os.getpid()}.new")  # another process may write it too
            fresh.write_bytes(page.html)
            fresh.replace(path)

    def _file(self, commune: str, language: str) -> Path:
        return self._folder / f"{commune}.{language}.html"

    def _files(self) -> list[Path]:
        with contextlib.suppress(FileNotFoundError):
            return list(self._folder.glob("*.fr.html"))
        return []
