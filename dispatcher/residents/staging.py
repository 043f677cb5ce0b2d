"""Lines of one file gathered by person, in a private file on disk: memory stays flat.

SQLite's nameless database: it has no path, only this process reads it, and it is gone when it is
closed, whatever happens.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import orjson

from dispatcher.residents.merging import merged
from dispatcher.store.information import ALL
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident, marks, name_key

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8000;
CREATE TABLE people (person INTEGER PRIMARY KEY, external_id TEXT UNIQUE);
CREATE TABLE marks (mark TEXT PRIMARY KEY, person INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE lines (person INTEGER NOT NULL, line INTEGER NOT NULL, said BLOB NOT NULL);
BEGIN;
"""


class Filed(NamedTuple):
    """Somebody whom the file names, and the lines that do."""

    resident: Resident
    lines: tuple[int, ...]


class Staging:
    """Lines waiting, each filed under the person of whom it speaks."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Use a database made by `opened_staging`."""
        self._database = database
        self._joined: dict[int, int] = {}  # people who turned out to be another: only a few
        self._marking = False  # a file whose every line has an id needs no marks

    def add(self, line: int, resident: Resident) -> bool:
        """File a line; return whether it speaks again of a person already named in the file.

        Lines are of one person when they have the same id; or, where one at least has no id, the
        same name and a contact or a home in common (see `marks` for lines without a name). The
        order of the lines does not matter.
        """
        if not (self._marking or resident.external_id):
            self._mark_all()
        shared = _marks(resident) if self._marking else []
        own, others = self._named(resident.external_id), self._sharing(shared)
        candidates = self._candidates(resident, own, others)
        person = candidates[0] if candidates else self._new(resident.external_id)
        if candidates and resident.external_id and own is None:
            named = "UPDATE people SET external_id = ? WHERE person = ?"
            self._database.execute(named, (resident.external_id, person))
        self._joined.update((other, person) for other in candidates[1:])
        self._mark(person, shared)
        self._database.execute(
            "INSERT INTO lines VALUES (?, ?, ?)",
            (person, line, orjson.dumps(resident, default=list)),
        )
        return bool(candidates)

    def people(self) -> Iterator[Filed]:
        """Give each person once, with all that their lines say."""
        self._database.execute("CREATE INDEX of_person ON lines (person, line)")
        self._database.executemany(
            "UPDATE lines SET person = ? WHERE person = ?",
            [(self._root(other), other) for other in self._joined],
        )
        rows = self._database.execute("SELECT person, line, said FROM lines ORDER BY person, line")
        for _, found in groupby(rows, key=itemgetter(0)):
            lines = list(found)
            said = merged([_resident(words) for _, _, words in lines])
            yield Filed(said, tuple(line for _, line, _ in lines))

    def _mark(self, person: int, shared: list[str]) -> None:
        if shared:
            self._database.executemany(
                "INSERT INTO marks VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(mark, person) for mark in shared],
            )

    def _mark_all(self) -> None:
        """Mark the people filed so far: a line without an id may speak of any of them."""
        self._marking = True
        for person, said in self._database.execute("SELECT person, said FROM lines ORDER BY line"):
            self._mark(person, _marks(_resident(said)))

    def _root(self, person: int) -> int:
        while person in self._joined:
            person = self._joined[person]
        return person

    def _named(self, external_id: str | None) -> int | None:
        if external_id is None:
            return None
        found = self._database.execute(
            "SELECT person FROM people WHERE external_id = ?", (external_id,)
        ).fetchone()
        return self._root(found[0]) if found else None

    def _sharing(self, shared: list[str]) -> list[tuple[int, bool]]:
        """People who have one of these marks, each once, and whether the file gives their id."""
        if not shared:
            return []
        marked = self._database.execute(
            f"SELECT person FROM marks WHERE mark IN ({','.join('?' * len(shared))})",  # noqa: S608
            shared,
        ).fetchall()
        people = sorted({self._root(person) for (person,) in marked})
        return [(person, self._has_id(person)) for person in people]

    def _has_id(self, person: int) -> bool:
        named = "SELECT 1 FROM people WHERE person = ? AND external_id IS NOT NULL"
        return self._database.execute(named, (person,)).fetchone() is not None

    @staticmethod
    def _candidates(
        resident: Resident, own: int | None, others: list[tuple[int, bool]]
    ) -> list[int]:
        """Return who the line speaks of, then those who are hereby the same person."""
        nameless = [person for person, has_id in others if not has_id]
        if resident.external_id:
            return [*([own] if own is not None else []), *nameless]
        return [*[person for person, has_id in others if has_id][:1], *nameless]

    def _new(self, external_id: str | None) -> int:
        made = self._database.execute("INSERT INTO people (external_id) VALUES (?)", (external_id,))
        return made.lastrowid or 0


@contextmanager
def opened_staging() -> Iterator[Staging]:
    """Open an empty staging, used by one thread at a time, and erase it on the way out."""
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    try:
        database.executescript(_TABLES)
        yield Staging(database)
    finally:
        database.close()


def _marks(resident: Resident) -> list[str]:
    name = name_key(resident.name)
    return [f"{name}\0{mark}" for mark in marks(resident)]


def _resident(said: bytes) -> Resident:
    told = orjson.loads(said)
    told["contacts"] = tuple(Contact(*contact) for contact in told["contacts"])
    told["homes"] = tuple(Home(**home) for home in told["homes"])
    for name in ("languages", "chosen_media"):
        told[name] = tuple(told[name])
    told["information"] = ALL  # a file says nothing of it
    return Resident(**told)
