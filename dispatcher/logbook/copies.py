"""Copies of the logbook that leave the house: a spreadsheet, paper; each is told in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dispatcher.logbook.books import Keeper
from dispatcher.logbook.named import crisis_named, mode_first
from dispatcher.logbook.readable import Cover, as_csv, as_paper
from dispatcher.logbook.searching import Shown, shown_with
from dispatcher.logbook.typesetting import typeset
from dispatcher.sentences import Sentence
from dispatcher.store import books, logbook, pages_of_lines
from dispatcher.store.logbook import Entry, Line, Particulars
from dispatcher.store.pages_of_lines import Wanted

FORMATS = ("json", "csv", "pdf")
MOST_ON_PAPER = 5_000  # lines of one PDF: beyond, ask for a book or a crisis


class CopyRefused(Sentence):
    """A copy that cannot be made, said in a sentence."""


@dataclass(frozen=True)
class Copy:
    """What a copy shows: lines of a book, of a crisis, or all (None); for whom, when, where."""

    commune_name: str
    zone: ZoneInfo
    now: datetime
    book: str | None = None
    event: str | None = None

    @property
    def wanted(self) -> Wanted:
        """Return which lines it has."""
        return Wanted(book=self.book, event=self.event)


async def lines_of(keeper: Keeper, wanted: Wanted) -> list[Line]:
    """Return every line wanted, in the order in which they were written."""
    return [line async for line in pages_of_lines.all_lines(keeper.ledger, keeper.commune, wanted)]


async def spreadsheet(keeper: Keeper, copy: Copy) -> str:
    """Return the lines as CSV, in the order of the events."""
    return as_csv(await _in_order(keeper, copy), copy.zone)


async def paper(keeper: Keeper, copy: Copy) -> bytes:
    """Return the lines as PDF, in the order of the events. Raises CopyRefused."""
    shown = await _in_order(keeper, copy)
    if len(shown) > MOST_ON_PAPER:
        raise CopyRefused(
            "{lines} lignes ne tiennent pas dans un PDF : choisissez un registre ou une crise"
            " (--book, --event), ou le format csv.",
            lines=len(shown),
        )
    title, subtitle = await _titles(keeper, copy)
    head = await logbook.head(keeper.ledger, keeper.commune)
    cover = Cover(copy.commune_name, title, subtitle, head, copy.zone, copy.now)
    return await typeset("main_courante", as_paper(shown, cover))


async def _in_order(keeper: Keeper, copy: Copy) -> Sequence[Shown]:
    lines = await lines_of(keeper, copy.wanted)
    return await shown_with(keeper, sorted(lines, key=lambda line: (line.at, line.number)))


async def _titles(keeper: Keeper, copy: Copy) -> tuple[str, str]:
    crisis = await crisis_named(keeper.ledger, keeper.commune, copy.event)
    named = crisis.title if crisis else f"événement {copy.event}"
    of_crisis = named if copy.event else "tous les événements"
    if copy.book is None:
        return mode_first(crisis, "Main courante"), of_crisis
    for one in await books.all_books(keeper.ledger, keeper.commune):
        if one.code == copy.book and copy.event in (None, one.event_id):
            return mode_first(crisis, f"Main courante · {one.label}"), of_crisis
    return mode_first(crisis, "Main courante"), f"registre {copy.book}, {of_crisis}"


async def note_copy(keeper: Keeper, copy: Copy, *, form: str, by: str) -> int:
    """Write that a copy left the house, in which form."""
    entry = Entry(
        by,
        "logbook.exported",
        f"Main courante sortie ({form})",
        {"form": form, "book": copy.book},
        particulars=Particulars(event=copy.event or None),
    )
    return await logbook.write(keeper.ledger, commune=keeper.commune, entry=entry, key=keeper.key)
