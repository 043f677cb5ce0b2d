"""Every page of the console, found as a person finds it: from the front page, by its links."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from tests.browsing import Visit

TABLE = Path(__file__).parent / "permitted.tsv"
NOT_PAGES = re.compile(
    r"^/(api|hooks|feeds|static|carte)/|\.geojson$|/flux$|^/(healthz|readyz|metrics)$"
)
READ = """async (path) => {
  const answer = await fetch(path);
  if (!(answer.headers.get("content-type") ?? "").includes("text/html")) return null;
  const read = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...read.querySelectorAll("a[href]")].map(
    (one) => new URL(one.getAttribute("href"), new URL(path, location)).href);
}"""
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


def kinds(method: str = "GET") -> tuple[Kind, ...]:
    """Return the kinds of page that the table of rights knows, the plainest address first."""
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()[1:]]
    routes = {row[0] for row in rows if row[1] == method and not NOT_PAGES.search(row[0])}
    return tuple(Kind(one) for one in sorted(routes, key=lambda one: (one.count("{"), one)))


def kind_of(path: str, known: Sequence[Kind]) -> Kind | None:
    """Return which kind a path is of, None where it is no page of ours."""
    return next((one for one in known if one.of_path.fullmatch(path)), None)


async def pages(
    seen: Visit, *, also: Sequence[str] = (), sure: Collection[str] = ()
) -> AsyncIterator[tuple[str, str]]:
    """Open every page that links lead to from the front page and from `also`: route, path.

    Files that are downloaded and parts of pages are looked at, not opened; of one kind, two pages.
    With `sure`, the routes that are known as pages, those alone are opened, and none looked at.
    """
    path = ""
    known = tuple(one for one in kinds() if not sure or one.route in sure)

    async def opened(asked: str) -> list[str] | None:
        nonlocal path
        if not sure:
            answer = await seen.page.context.request.get(seen.url + asked)
            if "text/html" not in answer.headers.get("content-type", ""):
                return None
        path = asked
        await seen.open(path)
        return await links(seen)

    async for route in _walked(opened, ("/", *also), known=known):
        yield route, path


async def paths(seen: Visit, *, also: Sequence[str] = ()) -> list[str]:
    """Return what `pages` would open, read from the page on the screen without opening any."""
    found: list[str] = []

    async def read(path: str) -> list[str] | None:
        there: list[str] | None = await seen.page.evaluate(READ, path)
        if there is not None:
            found.append(path)
        return there and [urlsplit(one).path for one in there if one.startswith(seen.url)]

    async for _route in _walked(read, ("/", *also), known=kinds()):
        pass
    return found


async def _walked(
    read: Callable[[str], Awaitable[list[str] | None]],
    seeds: Sequence[str],
    *,
    known: Sequence[Kind],
) -> AsyncIterator[str]:
    """Read every page from `seeds` on by what each leads to; give the route of each."""
    times, met = dict[str, int](), set[str]()
    waiting = list(seeds)
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(path, known)
        if path in met or kind is None or times.get(kind.route, 0) >= OF_EACH:
            continue
        met.add(path)
        times[kind.route] = times.get(kind.route, 0) + 1
        there = await read(path)
        if there is None:
            continue
        waiting += there
        yield kind.route


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
