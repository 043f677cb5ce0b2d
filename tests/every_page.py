"""Every page of the console, found as a person finds it: from the front page, by its links."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from tests.browsing import Visit

TABLE = Path(__file__).parent / "permitted.tsv"
NOT_PAGES = re.compile(
    r"^/(api|hooks|feeds|static|carte)/|\.geojson$|/flux$|^/(healthz|readyz|metrics)$"
)
OF_EACH = 2  # pages of one kind that are opened: an event that runs, one that is over


@dataclass(frozen=True)
class Kind:
    """A kind of page: the route that answers it."""

    route: str

    @cached_property
    def of_path(self) -> re.Pattern[str]:
        """What its addresses look like."""
        pieces = re.split(r"(\{[^}]+\})", self.route)
        return re.compile(
            "".join("[^/]+" if piece.startswith("{") else re.escape(piece) for piece in pieces)
        )


def kinds() -> tuple[Kind, ...]:
    """Return the kinds of page that the table of rights knows, the plainest address first."""
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()[1:]]
    routes = {row[0] for row in rows if row[1] == "GET" and not NOT_PAGES.search(row[0])}
    return tuple(Kind(one) for one in sorted(routes, key=lambda one: (one.count("{"), one)))


def kind_of(path: str, known: Sequence[Kind]) -> Kind | None:
    """Return which kind a path is of, None where it is no page of ours."""
    return next((one for one in known if one.of_path.fullmatch(path)), None)


async def pages(seen: Visit, *, also: Sequence[str] = ()) -> AsyncIterator[tuple[str, str]]:
    """Open every page that links lead to from the front page and from `also`: route, path.

    Files that are downloaded and parts of pages are looked at, not opened; of one kind, two pages.
    """
    known, opened, met = kinds(), dict[str, int](), set[str]()
    waiting = ["/", *also]
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(path, known)
        if path in met or kind is None or opened.get(kind.route, 0) >= OF_EACH:
            continue
        met.add(path)
        opened[kind.route] = opened.get(kind.route, 0) + 1
        answer = await seen.page.context.request.get(seen.url + path)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        await seen.open(path)
        waiting += await links(seen)
        yield kind.route, path


async def links(seen: Visit) -> list[str]:
    """Return the paths that the page on the screen leads to, in its order."""
    found: list[str] = await seen.page.evaluate(
        "[...document.querySelectorAll('a[href]')].map((one) => one.href)"
    )
    here = [urlsplit(one) for one in found if one.startswith(seen.url)]
    return list(dict.fromkeys(one.path for one in here))


def missed(seen: Mapping[str, object], *, excused: Sequence[str]) -> set[str]:
    """Return the routes that no link led to and nobody excused."""
    return {one.route for one in kinds()} - set(seen) - set(excused)
