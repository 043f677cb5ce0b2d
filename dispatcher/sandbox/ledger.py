"""The sandbox's own ledger: what each pretend provider accepted, committed before it answers."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self, TypeVar

import orjson

MEDIA = ("sms", "voice", "email", "webhook")
MOVING = ("queued", "sending", "ringing", "in-progress")

Result = TypeVar("Result")

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sid TEXT NOT NULL UNIQUE,
  medium TEXT NOT NULL,
  key BLOB NOT NULL,
  recipient TEXT NOT NULL,
  sender TEXT NOT NULL,
  content TEXT NOT NULL,
  status TEXT NOT NULL,
  error_code INTEGER,
  reached INTEGER NOT NULL DEFAULT 1,
  detail TEXT NOT NULL,
  at REAL NOT NULL,
  updated_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_key ON entries (medium, key, reached);
CREATE INDEX IF NOT EXISTS entries_medium ON entries (medium, id);
CREATE INDEX IF NOT EXISTS entries_recipient ON entries (medium, recipient, id);
CREATE INDEX IF NOT EXISTS entries_client ON entries (json_extract(detail, '$.client_ref'))
  WHERE json_extract(detail, '$.client_ref') IS NOT NULL;
"""

INSERT = """
INSERT INTO entries
  (sid, medium, key, recipient, sender, content, status, detail, at, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

# json_patch merges, so an update names only what it changes.
UPDATE = """
UPDATE entries SET
  status = COALESCE(?, status), error_code = COALESCE(?, error_code),
  reached = COALESCE(?, reached), key = COALESCE(?, key), content = COALESCE(?, content),
  detail = json_patch(detail, ?), updated_at = ?
WHERE sid = ?
"""

COLUMNS = """
SELECT id, sid, medium, key, recipient, sender, content, status, error_code, reached, detail,
  at, updated_at,
  (SELECT SUM(k.reached) FROM entries k WHERE k.medium = e.medium AND k.key = e.key) AS copies
FROM entries e
"""
ONE = COLUMNS + "WHERE sid = ?"
OF_CLIENT = COLUMNS + "WHERE json_extract(detail, '$.client_ref') = ? ORDER BY id DESC LIMIT 50"
UNFINISHED = (
    COLUMNS
    + "WHERE medium IN ('sms', 'voice')"
    + " AND status IN ('queued', 'sending', 'sent', 'ringing', 'in-progress') ORDER BY id"
)
FORWARD = COLUMNS + "WHERE id > ? AND (? = '' OR medium = ?) ORDER BY id LIMIT ?"
NEWEST = COLUMNS + "ORDER BY id DESC LIMIT ?"
NEWEST_OF = COLUMNS + "WHERE medium = ? ORDER BY id DESC LIMIT ?"
# A recipient is nearly always given: the look-up before a resend must stay an index seek.
TAIL = " AND (? = '' OR sender = ?) AND at >= ? AND at < ? ORDER BY id DESC LIMIT ? OFFSET ?"
TO_RECIPIENT = COLUMNS + "WHERE medium = ? AND recipient = ?" + TAIL
TO_ANYONE = COLUMNS + "WHERE medium = ?" + TAIL
BY_MEDIUM = """
SELECT medium, SUM(n), COUNT(*), MAX(copies) FROM (
  SELECT medium, COUNT(*) AS n, SUM(reached) AS copies FROM entries GROUP BY medium, key
) GROUP BY medium
"""
BY_STATUS = "SELECT medium, status, COUNT(*) FROM entries GROUP BY medium, status"


@dataclass(frozen=True)
class Entry:
    """One accepted message, call, mail or webhook.

    `content` is the SMS body, the words spoken, the mail's subject or the webhook's body. `at` and
    `updated_at` are seconds since 1970 (UTC). `copies` counts the entries of the same distinct
    delivery that reached or may still reach someone; a call that nobody took is not one.
    """

    sid: str
    medium: str
    key: bytes
    to: str
    sender: str
    content: str
    status: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    at: float = field(default_factory=time.time)
    updated_at: float = 0.0
    error_code: int | None = None
    reached: bool = True
    id: int = 0
    copies: int = 1


@dataclass(frozen=True)
class Search:
    """What a look-up asks for; empty strings match all, times are seconds since 1970."""

    medium: str
    to: str = ""
    sender: str = ""
    since: float = 0.0
    before: float = 1e12
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True)
class Change:
    """What an update changes: None leaves a column, `detail` is merged."""

    status: str | None = None
    error_code: int | None = None
    reached: bool | None = None
    key: bytes | None = None
    content: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def distinct_key(medium: str, *parts: str) -> bytes:
    """Name a distinct delivery: two entries with the same key are copies of one another."""
    return blake2b("\x1f".join((medium, *parts)).encode(), digest_size=16).digest()


class Ledger:
    """One SQLite file, one writing thread that commits in groups, one reading thread.

    A caller's await returns once its row is committed, so a provider's answer never runs ahead of
    the disk: the process may be killed at any instant without losing what it has acknowledged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = ThreadPoolExecutor(1, "ledger-writer")
        self._reader = ThreadPoolExecutor(1, "ledger-reader")
        self._waiting: list[tuple[str, Sequence[object], asyncio.Future[None]]] = []
        self._flush: asyncio.Task[None] | None = None
        self._write_connection: sqlite3.Connection
        self._read_connection: sqlite3.Connection

    async def __aenter__(self) -> Self:
        """Open the file, made when absent."""
        loop = asyncio.get_running_loop()
        self._write_connection = await loop.run_in_executor(self._writer, self._connect)
        self._read_connection = await loop.run_in_executor(self._reader, self._connect)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write what waits, then close the file."""
        while self._flush is not None:
            await self._flush
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._reader, self._read_connection.close)
        await loop.run_in_executor(self._writer, self._write_connection.close)
        self._writer.shutdown()
        self._reader.shutdown()

    async def add(self, entry: Entry) -> None:
        """Keep a new entry; returns once it is on disk."""
        row = (
            *(entry.sid, entry.medium, entry.key, entry.to, entry.sender, entry.content),
            *(entry.status, _json(entry.detail), entry.at, entry.at),
        )
        await self._commit(INSERT, row)

    async def change(self, sid: str, change: Change) -> None:
        """Update an entry; returns once it is on disk."""
        reached = None if change.reached is None else int(change.reached)
        values = (change.status, change.error_code, reached, change.key, change.content)
        await self._commit(UPDATE, (*values, _json(change.detail), time.time(), sid))

    async def clear(self) -> None:
        """Forget every entry."""
        await self._commit("DELETE FROM entries", ())

    async def one(self, sid: str) -> Entry | None:
        """Find the entry of this sid."""
        found = await self._entries(ONE, (sid,))
        return found[0] if found else None

    async def unfinished(self) -> list[Entry]:
        """Give the messages and calls a stopped process left on their way."""
        return await self._entries(UNFINISHED, ())

    async def after(self, last_id: int, *, medium: str, limit: int) -> list[Entry]:
        """Give entries in order of arrival after `last_id`; an empty medium gives all."""
        return await self._entries(FORWARD, (last_id, medium, medium, limit))

    async def newest(self, limit: int, *, medium: str = "") -> list[Entry]:
        """Give the last entries, newest first; an empty medium gives all."""
        if medium:
            return await self._entries(NEWEST_OF, (medium, limit))
        return await self._entries(NEWEST, (limit,))

    async def of_client(self, reference: str) -> list[Entry]:
        """Give the messages that carry a client's own reference, newest first."""
        return await self._entries(OF_CLIENT, (reference,))

    async def search(self, search: Search) -> list[Entry]:
        """Give what a provider's list answers, newest first."""
        sender = (search.sender, search.sender)
        tail = (*sender, search.since, search.before, search.limit, search.offset)
        if search.to:
            return await self._entries(TO_RECIPIENT, (search.medium, search.to, *tail))
        return await self._entries(TO_ANYONE, (search.medium, *tail))

    async def totals(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Count by medium (accepted, distinct, most copies) and by medium and status."""
        return await self._read(
            lambda db: (db.execute(BY_MEDIUM).fetchall(), db.execute(BY_STATUS).fetchall())
        )

    async def _entries(self, statement: str, values: Sequence[object]) -> list[Entry]:
        rows = await self._read(lambda db: db.execute(statement, values).fetchall())
        return [_entry(row) for row in rows]

    async def _read(self, question: Callable[[sqlite3.Connection], Result]) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, question, self._read_connection)

    async def _commit(self, statement: str, values: Sequence[object]) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((statement, values, done))
        if self._flush is None:
            self._flush = asyncio.create_task(self._write_out())
        await done

    async def _write_out(self) -> None:
        """Commit whatever gathered while the last group was being written."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                await loop.run_in_executor(self._writer, self._write, group)
            except sqlite3.Error as problem:
                _settle(group, problem)
            else:
                _settle(group, None)
        self._flush = None

    def _write(self, group: Sequence[tuple[str, Sequence[object], object]]) -> None:
        with self._write_connection as db:  # one transaction: all of the group or nothing
            for statement, values, _ in group:
                db.execute(statement, values)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=10.0)
        # NORMAL outlives the death of this process, which is what the sandbox promises.
        db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + SCHEMA)
        return db


def _settle(
    group: Sequence[tuple[str, Sequence[object], asyncio.Future[None]]],
    problem: sqlite3.Error | None,
) -> None:
    for _, _, done in group:
        if done.done():  # its caller left (connection closed): the row is kept all the same
            continue
        if problem is None:
            done.set_result(None)
        else:
            done.set_exception(problem)


def _json(detail: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(detail)).decode()


def _entry(row: tuple[Any, ...]) -> Entry:
    names = ("id", "sid", "medium", "key", "to", "sender", "content", "status", "error_code")
    values = dict(zip(names, row[:9], strict=True))
    return Entry(
        **values,
        reached=bool(row[9]),
        detail=orjson.loads(row[10]),
        at=row[11],
        updated_at=row[12],
        copies=row[13],
    )
