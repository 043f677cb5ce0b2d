"""Lines of the logbook (main courante): appended and read, never changed.

Each line carries a keyed digest of itself and of the line before (SECURITY.md T20). The database
refuses UPDATE and DELETE (migration 0003); the key, kept outside, shows what went round that.
"""

import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import logbook
from dispatcher.store.turns import take_turns_in

BEGINNING = "0" * 64  # what the first line has before it
PAGE = 1000
EVENT_CHARS = 64


@dataclass(frozen=True)
class Particulars:
    """The columns of the main courante; None where a line has nothing to say.

    `supersedes` and `closes` are numbers of earlier lines: the one that this line corrects, the
    one whose end it tells. `event` is the crisis; `book` the book that the line is kept in.
    """

    book: str | None = None
    event: str | None = None
    origin: str | None = None
    channel: str | None = None  # phone | radio | mail | in_person | system | paper
    request: str | None = None
    decision: str | None = None
    decision_by: str | None = None
    execution_by: str | None = None
    supersedes: int | None = None
    closes: int | None = None


PARTICULARS = frozenset(one.name for one in fields(Particulars))
NOTHING = Particulars()
_UNTOLD: Mapping[str, None] = dict.fromkeys(PARTICULARS)


@dataclass(frozen=True)
class Entry:
    """What happened, to be written: by whom, which kind of act, in a sentence, with its data.

    `at` is when it happened, aware; None means now. `data` holds JSON values; people appear in it
    by their ids only, so that erasing someone never breaks the chain. An `event` among the data
    is the crisis that the line belongs to.
    """

    author: str
    kind: str  # alert.launched, plan.loaded, residents.imported, …
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    particulars: Particulars = NOTHING


@dataclass(frozen=True)
class Line:
    """An entry as it stands in the logbook: its number, both times, its place in the chain."""

    commune: str
    number: int
    at: float  # epoch seconds, as the digest saw it
    recorded_at: float
    author: str
    kind: str
    text: str
    data: Mapping[str, Any]
    previous: str
    digest: str
    book: str | None = None
    event: str | None = None
    origin: str | None = None
    channel: str | None = None
    request: str | None = None
    decision: str | None = None
    decision_by: str | None = None
    execution_by: str | None = None
    supersedes: int | None = None
    closes: int | None = None

    @property
    def happened(self) -> datetime:
        """Return when it happened, UTC."""
        return datetime.fromtimestamp(self.at, UTC)


def canonical(values: Mapping[str, Any]) -> bytes:
    """Return the one JSON spelling of these values: sorted keys, no spaces, UTF-8.

    Raises ValueError for NaN and infinities, TypeError for what JSON cannot say.
    """
    return json.dumps(
        values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest_of(values: Mapping[str, Any], key: bytes) -> str:
    """Return the keyed digest of a line: HMAC-SHA256 over all of it but the digest itself."""
    return hmac.new(key, canonical(values), "sha256").hexdigest()


def written_values(line: Line) -> dict[str, Any]:
    """Return a line as it is written down: without the particulars that it has not.

    Lines from before there were any are spelled, and digested, as they always were.
    """
    return {
        name: value
        for name, value in vars(line).items()
        if value is not None or name not in PARTICULARS
    }


def signed_values(line: Line) -> dict[str, Any]:
    """Return what the digest of a line covers."""
    return {name: value for name, value in written_values(line).items() if name != "digest"}


async def append(connection: AsyncConnection, *, commune: str, entry: Entry, key: bytes) -> int:
    """Write a line inside the caller's transaction; return its number in the commune's logbook.

    The act and its line stand or fall together: when the line cannot be written, what this raises
    undoes the act (fault F40). Call it last in the transaction: on PostgreSQL, other writers of
    this commune's logbook wait until the transaction ends.
    """
    return await connection.run_sync(
        lambda one: append_all(one, commune=commune, entries=(entry,), key=key)
    )


def append_all(
    connection: Connection, *, commune: str, entries: Sequence[Entry], key: bytes
) -> int:
    """Write lines in their order, as `append` does one; return the number of the last."""
    take_turns_in(connection, "logbook", commune=commune)
    head = _head_in(connection, commune)
    now = connection.execute(select(db_now())).scalar_one()
    lines: list[dict[str, Any]] = []
    for number, entry in enumerate(entries, head.number + 1):
        values: dict[str, Any] = {
            "commune": commune,
            "number": number,
            "at": entry.at.timestamp() if entry.at else now,
            "recorded_at": now,
            "author": entry.author,
            "kind": entry.kind,
            "text": entry.text,
            # Read back as the database will give it: tuples become lists, keys become text.
            "data": json.loads(canonical(entry.data)),
            "previous": lines[-1]["digest"] if lines else head.digest,
            **_told(entry),
        }
        lines.append({**_UNTOLD, **values, "digest": digest_of(values, key)})
    if lines:
        connection.execute(logbook.insert(), lines)
    return head.number + len(lines)


def _told(entry: Entry) -> dict[str, Any]:
    """Return the particulars that are set; the event also where the data alone name it."""
    told = {name: value for name, value in vars(entry.particulars).items() if value is not None}
    event = entry.data.get("event")
    if isinstance(event, str) and event and len(event) <= EVENT_CHARS:
        told.setdefault("event", event)
    return told


async def write(ledger: Ledger, *, commune: str, entry: Entry, key: bytes) -> int:
    """Write a line that stands alone, in its own transaction; return its number."""
    async with ledger.writing() as connection:
        return await append(connection, commune=commune, entry=entry, key=key)


@dataclass(frozen=True)
class Head:
    """The end of a logbook: how many lines it has, and the digest of the last."""

    number: int = 0
    digest: str = BEGINNING


_LAST = (
    select(logbook.c.number, logbook.c.digest)
    .where(logbook.c.commune == bindparam("commune"))
    .order_by(logbook.c.number.desc())
    .limit(1)
)


def _head_in(connection: Connection, commune: str) -> Head:
    found = connection.execute(_LAST, {"commune": commune}).first()
    return Head(found.number, found.digest) if found else Head()


async def head(ledger: Ledger, commune: str) -> Head:
    """Return where the commune's logbook ends now: keep it elsewhere, it shows a later cut."""
    async with ledger.reading() as connection:
        return await connection.run_sync(_head_in, commune)


async def read(
    ledger: Ledger, commune: str, *, after: int = 0, limit: int = PAGE, newest: bool = False
) -> list[Line]:
    """Return up to `limit` lines numbered above `after`; in order, or the last ones first."""
    async with ledger.reading() as connection:
        rows = await connection.execute(_page(commune, after, limit=limit, newest=newest))
        return [line_of(row) for row in rows]


async def read_kinds(ledger: Ledger, commune: str, prefix: str, *, limit: int) -> list[Line]:
    """Return the last lines whose kind begins so, the newest first."""
    wanted = (
        select(logbook)
        .where(logbook.c.commune == commune, logbook.c.kind.startswith(prefix, autoescape=True))
        .order_by(logbook.c.number.desc())
        .limit(limit)
    )
    async with ledger.reading() as connection:
        return [line_of(row) for row in await connection.execute(wanted)]


async def read_all(ledger: Ledger, commune: str) -> AsyncIterator[Line]:
    """Give every line in order, page by page, in flat memory."""
    after = 0
    while page := await read(ledger, commune, after=after):
        for line in page:
            yield line
        after = page[-1].number


def _page(commune: str, after: int, *, limit: int, newest: bool) -> Select[Any]:
    order = logbook.c.number.desc() if newest else logbook.c.number
    wanted = select(logbook).where(logbook.c.commune == commune, logbook.c.number > after)
    return wanted.order_by(order).limit(limit)


def line_of(row: Row[Any]) -> Line:
    """Return a row of the logbook as a line."""
    return Line(**row._mapping)
