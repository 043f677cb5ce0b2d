"""Benchmark: a resident looked up by a number, a mail address or her name, as the console does.

1,000,000 of them, half with a mobile and half with a mail box; the look is in the logbook and her
card is opened. One in fifty is a Martin, one in fifty a Marie, one person is both; everybody has a
name of her own besides. The database has no statistics, as that of a town hall has none.
"""

import asyncio
import itertools
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.signup import town_hall
from dispatcher.store.people import Contact
from dispatcher.store.personal import word_marks
from tests.bench.parts import crowd
from tests.keyring import RING, opened

PEOPLE = 1_000_000
SEARCHES = 800
GOAL_MS = 50
BY_CONTACT = ("known_mobile", "known_mail", "unknown_mobile", "unknown_mail")
BY_NAME = ("rare_name", "unknown_name", "frequent_name", "two_frequent_names")
KINDS = (*BY_CONTACT, *BY_NAME)
_LETTERS = str.maketrans("0123456789", "abcdefghij")
FREQUENT = 50  # one in so many


def run() -> dict[str, object]:
    """Search by each kind in turn."""
    took = asyncio.run(_measured())
    every = list(itertools.chain.from_iterable(took.values()))
    value = _p95(every)
    return {
        "name": "blind_index_search_p95_ms",
        "value": round(value, 1),
        "unit": "ms",
        "goal": GOAL_MS,
        "met": value <= GOAL_MS,
        "detail": {"people": PEOPLE, "searches": len(every), "most_ms": round(max(every), 1),
                   "p95_ms": {kind: round(_p95(some), 1) for kind, some in took.items()}},
    }  # fmt: skip


def _ways(number: int) -> Sequence[Contact]:
    """Give somebody a mobile or a mail box: nothing is sent to either here."""
    if number % 2:
        return (Contact("email", f"p{number:07d}@valombre.example"),)
    return (Contact("mobile", f"+33612{number:06d}"),)


def _name(database: sqlite3.Connection) -> None:
    """Give everybody the marks of a name; the name itself nobody reads here."""
    database.execute("PRAGMA synchronous=OFF")
    columns = "commune, person_id, mark"
    database.executemany(f"INSERT INTO name_marks ({columns}) VALUES (?, ?, ?)", _marks())  # noqa: S608 - ours


def _marks() -> Iterator[tuple[str, ...]]:
    martin, marie = word_marks(RING, "martin") + word_marks(RING, "marie")
    for number in range(PEOPLE):
        person = f"p{number:07d}"
        yield crowd.COMMUNE, person, *word_marks(RING, _own_name(number))
        if number % FREQUENT == 0:
            yield crowd.COMMUNE, person, martin
        if number % FREQUENT == 1 or number == 0:
            yield crowd.COMMUNE, person, marie


def _own_name(number: int) -> str:
    """Return a name that nobody else has; with a digit it would be looked up as a number."""
    return f"{number:07d}".translate(_LETTERS)


async def _measured() -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "ledger.db"
        url = await crowd.settle(path, PEOPLE, ways=_ways)
        with closing(sqlite3.connect(path)) as database:
            _name(database)
            database.execute("DROP TABLE sqlite_stat1")
            database.commit()
        async with opened(url) as ledger:
            office = crowd.office_of(ledger)
            took: dict[str, list[float]] = {kind: [] for kind in KINDS}
            for turn in range(SEARCHES):
                kind = KINDS[turn % len(KINDS)]
                took[kind].append(await _searched(office, kind, turn * 1201 % PEOPLE))
            return took


async def _searched(office: Office, kind: str, number: int) -> float:
    if kind in BY_NAME:
        return await _named(office, kind, number)
    known = kind.startswith("known")
    if kind.endswith("mobile"):
        sought = f"{'0612' if known else '0781'}{number // 2 * 2:06d}"
    else:
        sought = f"{'p' if known else 'q'}{number // 2 * 2 + 1:07d}@valombre.example"
    began = time.perf_counter()
    pages = await town_hall.look_up(office, sought, actor=crowd.AUTHOR)
    took = (time.perf_counter() - began) * 1000
    if len(pages) != known:
        raise RuntimeError(f"{len(pages)} people found by a {kind}.")
    return took


async def _named(office: Office, kind: str, number: int) -> float:
    """Look a name up; a frequent one alone is refused, since nobody leafs through the register."""
    sought, wanted = {
        "rare_name": (_own_name(number), 1),
        "unknown_name": (_own_name(number + PEOPLE), 0),
        "frequent_name": ("Martin", None),
        "two_frequent_names": ("Marie MARTIN", 1),
    }[kind]
    found: int | None = None
    began = time.perf_counter()
    with suppress(NotSo):
        found = len(await town_hall.look_up(office, sought, actor=crowd.AUTHOR))
    took = (time.perf_counter() - began) * 1000
    if found != wanted:
        raise RuntimeError(f"{found} people found by a {kind}.")
    return took


def _p95(took: Sequence[float]) -> float:
    return sorted(took)[int(0.95 * len(took))]
