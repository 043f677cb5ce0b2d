"""Finding lines again: by words without their accents, by book, author and time, those still open.

Words are looked for here and not by the database: both databases then find the same.
"""

import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache

from dispatcher.logbook.books import Keeper
from dispatcher.store import pages_of_lines
from dispatcher.store.books import WRITTEN
from dispatcher.store.logbook import Line
from dispatcher.store.pages_of_lines import Wanted

PAGE = 500
MOST_READ = 50_000  # lines that one search goes through
_APART = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "ʼ": "'"})


@dataclass(frozen=True)
class Search:
    """What is looked for; `before` is the number of the last line already shown."""

    wanted: Wanted = field(default_factory=Wanted)
    words: str = ""
    open_only: bool = False
    before: int = 0
    limit: int = 100


@dataclass(frozen=True)
class Shown:
    """A line with what became of it: the line that corrects it, the one that tells its end."""

    line: Line
    corrected_by: Line | None = None
    closing: Line | None = None

    @property
    def written(self) -> bool:
        """Whether somebody wrote it; Tocsin wrote the others."""
        return self.line.kind in WRITTEN

    @property
    def open(self) -> bool:
        """Whether what it asks for has no end yet."""
        return bool(self.line.request) and self.closing is None and self.corrected_by is None


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Return a text as it is compared: no accents, no case, ligatures apart."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_APART)).casefold()
    whole = unicodedata.normalize("NFKD", apart)
    return "".join(one for one in whole if not unicodedata.combining(one))


def holds(line: Line, words: tuple[str, ...]) -> bool:
    """Tell whether a line has all of these folded words, anywhere in what it says."""
    texts = (
        line.text, line.origin, line.request, line.decision, line.decision_by, line.execution_by,
        line.author, str(line.number),
    )  # fmt: skip
    said = folded(" ".join(text for text in texts if text))
    return all(word in said for word in words)


async def search(keeper: Keeper, asked: Search) -> list[Shown]:
    """Return the lines found, the newest first, each with what became of it."""
    words = tuple(folded(asked.words).split())
    wanted = replace(asked.wanted, asked=True) if asked.open_only else asked.wanted
    found: list[Shown] = []
    before, read = asked.before, 0
    size = PAGE if words or asked.open_only else asked.limit
    while len(found) < asked.limit and read < MOST_READ:
        page = await pages_of_lines.page(
            keeper.ledger, keeper.commune, wanted, before=before, limit=size
        )
        kept = [line for line in page if holds(line, words)] if words else page
        shown = await shown_with(keeper, kept)
        found += [one for one in shown if one.open or not asked.open_only]
        if len(page) < size:
            break
        before, read = page[-1].number, read + len(page)
    return found[: asked.limit]


async def shown_with(keeper: Keeper, lines: list[Line]) -> list[Shown]:
    """Return lines with what became of them; an end counts for the correction made since."""
    numbers = [line.number for line in lines]
    numbers += [line.supersedes for line in lines if line.supersedes is not None]
    later: list[Line] = []
    for start in range(0, len(numbers), PAGE):
        some = numbers[start : start + PAGE]
        later += await pages_of_lines.later(keeper.ledger, keeper.commune, some)
    corrections = {one.supersedes: one for one in later if one.supersedes is not None}
    endings = {one.closes: one for one in later if one.closes is not None}
    return [
        Shown(
            line,
            corrections.get(line.number),
            endings.get(line.number) or endings.get(line.supersedes or 0),
        )
        for line in lines
    ]
