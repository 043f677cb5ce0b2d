"""Benchmark: from a launch until the last of 1,000,000 deliveries is made, against a bare insert.

The bare one writes the same rows into the same tables, in the same order, 500 in a transaction.
"""

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from dispatcher.delivery.planning import materialise_next
from tests.bench.parts import crowd
from tests.keyring import opened

PEOPLE = 1_000_000
BLOCK = 500
GOAL = 3.0


def run() -> dict[str, object]:
    """Make them ourselves, then insert the same rows again into empty tables."""
    ours, bare = asyncio.run(_both())
    return {
        "name": "launch_vs_bulk_insert",
        "value": round(ours / bare, 2),
        "unit": "x",
        "goal": GOAL,
        "met": ours / bare <= GOAL,
        "detail": {"people": PEOPLE, "ours_s": round(ours, 1), "bare_s": round(bare, 1)},
    }


async def _both() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "ledger.db"
        url = await crowd.settle(path, PEOPLE)
        began = time.perf_counter()
        await crowd.launched(url)
        async with opened(url) as ledger:
            while await materialise_next(ledger) is not None:
                pass
        ours = time.perf_counter() - began
        return ours, await asyncio.to_thread(_bare, path)


def _bare(path: Path) -> float:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for pragma in ("synchronous=FULL", "cache_size=-32000", "wal_autocheckpoint=8000"):
            database.execute(f"PRAGMA {pragma}")
        tables = {}
        for table in ("deliveries", "recipients"):
            tables[table] = database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
            database.execute(f"DELETE FROM {table}")  # noqa: S608
        began = time.perf_counter()
        for start in range(0, PEOPLE, BLOCK):
            database.execute("BEGIN IMMEDIATE")
            for table, rows in tables.items():
                blanks = ", ".join("?" * len(rows[0]))
                statement = f"INSERT INTO {table} VALUES ({blanks})"  # noqa: S608
                database.executemany(statement, rows[start : start + BLOCK])
            database.execute("COMMIT")
        return time.perf_counter() - began
