"""What the pages of the main courante ask and are told: addresses, filters, fields of a form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dispatcher.logbook.books import LineRefused, Spot, Told
from dispatcher.logbook.searching import Search
from dispatcher.store.books import Book
from dispatcher.store.pages_of_lines import Wanted

PATH = "/main-courante"
ALL, JOURNAL = "", "journal"
SHOWN = 60  # lines of one page
MOST_ASKED = 200  # characters of a search
NATURES: Mapping[str, bool | None] = {"": None, "manuelles": True, "automatiques": False}
_PAGE = re.compile(r"/(?:[\w.~%-]+/?)*")
FIELDS = ("text", "origin", "channel", "request", "decision", "decision_by", "execution_by")


@dataclass(frozen=True)
class Asked:
    """What a reader asked to see, as the address says it."""

    book: str = ALL  # « crisis:code », JOURNAL, or all
    words: str = ""
    author: str = ""
    since: str = ""
    until: str = ""
    nature: str = ""
    open_only: bool = False
    before: int = 0

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """Read an address; what makes no sense there is as if it were not."""
        before = query.get("avant", "")
        return cls(
            query.get("registre", "")[:MOST_ASKED],
            query.get("mots", "")[:MOST_ASKED],
            query.get("auteur", "")[:MOST_ASKED].strip(),
            query.get("depuis", "")[:MOST_ASKED],
            query.get("jusqua", "")[:MOST_ASKED],
            query.get("nature", "") if query.get("nature", "") in NATURES else "",
            query.get("ouvertes", "") == "1",
            int(before) if before.isascii() and before.isdigit() and len(before) < 10 else 0,
        )

    @property
    def filtered(self) -> bool:
        """Whether something beside a book is asked."""
        told = (self.words, self.author, self.since, self.until, self.nature)
        return any(told) or self.open_only

    def address(self, path: str = PATH, **other: object) -> str:
        """Return the address that asks this, or this with something else."""
        told = {
            "registre": self.book,
            "mots": self.words,
            "auteur": self.author,
            "depuis": self.since,
            "jusqua": self.until,
            "nature": self.nature,
            "ouvertes": "1" if self.open_only else "",
            "avant": self.before or "",
            **other,
        }
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{path}?{query}" if query else path

    def search(self, zone: ZoneInfo) -> Search:
        """Return the search that finds it."""
        since, until = instant(self.since, zone), instant(self.until, zone)
        event, book = in_book(self.book)
        wanted = Wanted(
            event,
            book,
            author=self.author or None,
            since=since.timestamp() if since else None,
            until=until.timestamp() if until else None,
            written=NATURES[self.nature],
        )
        return Search(wanted, self.words, self.open_only, self.before, SHOWN)


def in_book(name: str) -> tuple[str | None, str | None]:
    """Return the crisis and the book of a name in an address; the journal is of no book."""
    if name == ALL:
        return None, None
    if name == JOURNAL:
        return None, ""
    event, _, code = name.rpartition(":")
    return event, code


def name_of(book: Book | Spot) -> str:
    """Return how an address names a book."""
    code = book.code if isinstance(book, Book) else book.book
    return f"{book.event_id}:{code}" if code else JOURNAL


def spot_of(name: str) -> Spot:
    """Return where a line is written that a form addresses to a book."""
    if name in (ALL, JOURNAL):
        return Spot()
    event, _, code = name.rpartition(":")
    return Spot(code, event)


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Read « 2026-11-24T03:12 » on the commune's clock; None for nothing, or what is no hour."""
    try:
        read = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if read is None:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


def hour(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant as a field of a form holds it."""
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"


def told_of(form: Mapping[str, object], zone: ZoneInfo) -> Told:
    """Read a line from a form. Raises LineRefused.

    The hour that the page proposed was that of its opening: left as it is, it means now.
    """
    given, proposed = str(form.get("at", "")).strip(), str(form.get("proposed", "")).strip()
    at = instant(given, zone) if given != proposed else None
    if given and given != proposed and at is None:
        raise LineRefused(
            "L'heure de l'événement ne se lit pas : écrivez-la comme 24/11/2026 03:12."
        )
    return Told(**{name: str(form.get(name, "")) for name in FIELDS}, at=at)


def quick(text: str) -> Told:
    """Read a line typed at the foot of a page: « SDIS : VSAV 2 parti » says who says it."""
    origin, colon, said = text.strip().partition(" : ")
    if colon and said.strip() and len(origin) <= 40:
        return Told(said, origin)
    return Told(text)


def inside(path: str) -> str:
    """Return a page of this site, whatever the form said."""
    return path if _PAGE.fullmatch(path) else "/"
