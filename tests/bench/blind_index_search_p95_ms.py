"""Benchmark: a resident looked up by a number or a mail address, as the page of residents does.

1,000,000 of them, half with a mobile and half with a mail box; the look is in the logbook and her
card is opened. The database has no statistics, as that of a town hall has none.
"""

import asyncio
import itertools
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from dispatcher.alerts.office import Office
from dispatcher.signup import town_hall
from dispatcher.store.people import Contact
from tests.bench.parts import crowd
from tests.keyring import opened

PEOPLE = 1_000_000
SEARCHES = 800
GOAL_MS = 50
KINDS = ("known_mobile", "known_mail", "unknown_mobile", "unknown_mail")


def run() -> dict[str, object]:
    """Search by each kind in turn; half of what is sought is nobody's."""
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


async def _measured() -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "ledger.db"
        url = await crowd.settle(path, PEOPLE, ways=_ways)
        with closing(sqlite3.connect(path)) as database:
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


def _p95(took: Sequence[float]) -> float:
    return sorted(took)[int(0.95 * len(took))]
