"""Who is to be looked at now in the pursuit of a version, and what is known of them; only reads.

Bounded: each question returns at most so many rows, by indexes that a first message never touches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    Double,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    select,
)

from dispatcher.store.blocks import Chains, chains_of
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS, listed, rows_of
from dispatcher.store.outgoing import (
    BEHIND,
    answers,
    blocks,
    deliveries,
    recipients,
    unreachable,
    versions,
)
from dispatcher.store.pursuit_tables import pursuit_blocks, pursuits

BLOCKS_MOST, PEOPLE_MOST, FAILURES_MOST = 1, 500, 200  # of one version in one turn


@dataclass(frozen=True)
class OpenPursuit:
    """A launched version whose people are pursued; `over`: it has expired."""

    commune: str
    version_id: str
    lane: int
    over: bool


@dataclass(frozen=True)
class Due:
    """Who is to be looked at: the block of each person, and her chains as they were frozen.

    `asked` are the blocks looked at for the first time, `failed` the deliveries whose people go on
    at once; `full` says that there may be more.
    """

    chains: Mapping[str, Chains] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)
    asked: frozenset[int] = frozenset()
    failed: tuple[str, ...] = ()
    full: bool = False


async def open_pursuits(ledger: Ledger) -> list[OpenPursuit]:
    """Return the launched versions that are pursued, the most urgent first."""
    wanted = (
        select(
            versions.c.commune,
            versions.c.version_id,
            versions.c.lane,
            (versions.c.expires_at <= db_now()).label("over"),
        )
        .where(literal_column("pursuit = 'open'"), versions.c.state == "launched")
        .order_by(versions.c.lane, versions.c.version_id)
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return [OpenPursuit(row[0], row[1], row[2], bool(row[3])) for row in rows]


async def due(ledger: Ledger, one: OpenPursuit, *, block_of: Any) -> Due:  # noqa: ANN401
    """Return who is to be looked at now."""
    key = {"of_commune": one.commune, "of_version": one.version_id, "sooner_s": 0.0}
    if one.over:
        key["sooner_s"] = 1e12  # all that waits is due

    def act(connection: Connection) -> Due:
        failed = connection.execute(_FAILED, key).all()
        asked = {row[0] for row in connection.execute(_BLOCKS, key)}
        waiting = connection.execute(_WAITING, key).all()
        found: dict[str, int] = {row[0]: row[1] for row in waiting}
        hit = _behind(connection, key, [row[0] for row in failed])
        hints = {block_of(row[1]) for row in failed}
        rows = _read_blocks(connection, key, asked | hints)
        known = _blocks_of(connection, key, hit)
        for number, members in rows.items():
            whole = members.keys() if number in asked else hit & members.keys()
            found.update(dict.fromkeys(whole, number))
        found.update(known)
        missing = set(found.values()) - rows.keys()
        rows |= _read_blocks(connection, key, missing)
        chains = {
            person: members[person]
            for person, number in found.items()
            if person in (members := rows.get(number, {}))
        }
        full = (
            len(failed) == FAILURES_MOST or len(asked) == BLOCKS_MOST or len(waiting) == PEOPLE_MOST
        )
        return Due(chains, found, frozenset(asked), tuple(row[0] for row in failed), full)

    return await ledger.read(act)


def _read_blocks(
    connection: Connection, key: Mapping[str, object], numbers: set[int]
) -> dict[int, dict[str, Chains]]:
    """Return the chains of each member of these blocks."""
    if not numbers:
        return {}
    given = {**key, **rows_of([(number,) for number in sorted(numbers)])}
    return {
        row.number: chains_of(row)
        for row in connection.execute(_MEMBERS[connection.dialect.name], given)
    }


def _behind(connection: Connection, key: Mapping[str, object], ids: Sequence[str]) -> set[str]:
    if not ids:
        return set()
    given = {**key, **rows_of([(ident,) for ident in ids])}
    return {row[1] for row in connection.execute(_READERS[connection.dialect.name], given)}


def _blocks_of(
    connection: Connection, key: Mapping[str, object], people: set[str]
) -> dict[str, int]:
    """Return the blocks of those who are pursued already."""
    rows = _rows(connection, key, sorted(people))
    return {person: row.block for person, row in rows.items()}


@dataclass(frozen=True)
class Row:
    """A person's line in the pursuit."""

    block: int
    state: str
    taken: int
    delivery_id: str | None


@dataclass(frozen=True)
class Facts:
    """What the ledger holds of some people and some deliveries, as of one moment."""

    rows: Mapping[str, Row]
    deliveries: Mapping[str, Mapping[str, Any]]
    readers: frozenset[tuple[str, str]]
    unreachable: frozenset[str]
    now: float


async def facts(
    ledger: Ledger, one: OpenPursuit, *, people: Sequence[str], ids: Sequence[str]
) -> Facts:
    """Return what became of these deliveries, who is behind them, and these people's lines."""
    key = {"of_commune": one.commune, "of_version": one.version_id}
    wanted = rows_of([(ident,) for ident in ids])
    asked = rows_of([(ident,) for ident in people])

    def act(connection: Connection) -> Facts:
        dialect = connection.dialect.name
        now = connection.execute(select(db_now())).scalar_one()
        rows = _rows(connection, key, people)
        made = connection.execute(_MADE[dialect], {**key, **wanted}).mappings().all()
        behind = connection.execute(_READERS[dialect], {**key, **wanted}).all()
        lost = connection.execute(_LOST[dialect], {**key, **asked}).all()
        return Facts(
            rows,
            {row["delivery_id"]: dict(row) for row in made},
            frozenset((row[0], row[1]) for row in behind),
            frozenset(row[0] for row in lost),
            now,
        )

    return await ledger.read(act)


def _rows(
    connection: Connection, key: Mapping[str, object], people: Sequence[str]
) -> dict[str, Row]:
    if not people:
        return {}
    given = {**key, **rows_of([(ident,) for ident in people])}
    found = connection.execute(_ROWS[connection.dialect.name], given)
    return {row[0]: Row(row[1], row[2], row[3], row[4]) for row in found}


# IN, not a join: SQLite then goes from the list to the index, never the other way round.
_C = bindparam("of_commune", type_=String)
_V = bindparam("of_version", type_=String)
_SOONER = bindparam("sooner_s", type_=Double)
_FAILED = (
    select(deliveries.c.delivery_id, deliveries.c.position)
    .where(
        # As a computed value: of two indexes that begin alike, SQLite may take the one that holds
        # the whole version, and not the one of the few that failed.
        func.coalesce(deliveries.c.commune, "") == _C,
        deliveries.c.version_id == _V,
        literal_column("state IN ('failed','undelivered','exhausted') AND pursued_at IS NULL"),
    )
    .limit(FAILURES_MOST)
)
_BLOCKS = (
    select(pursuit_blocks.c.number)
    .where(
        pursuit_blocks.c.commune == _C,
        pursuit_blocks.c.version_id == _V,
        pursuit_blocks.c.due_at <= db_now() + _SOONER,
    )
    .order_by(pursuit_blocks.c.due_at, pursuit_blocks.c.number)
    .limit(BLOCKS_MOST)
)
_WAITING = (
    select(pursuits.c.person_id, pursuits.c.block)
    .where(
        pursuits.c.commune == _C,
        pursuits.c.version_id == _V,
        literal_column("state = 'waiting'"),
        pursuits.c.due_at <= db_now() + _SOONER,
    )
    .order_by(pursuits.c.due_at)
    .limit(PEOPLE_MOST)
)


def _members(dialect: str) -> Any:  # noqa: ANN401 - a Select of three columns
    rows = listed(dialect, {"number": int})
    return select(blocks).where(
        blocks.c.commune == _C,
        blocks.c.version_id == _V,
        blocks.c.number.in_(select(rows.c.number)),
    )


def _readers(dialect: str) -> Any:  # noqa: ANN401
    rows = listed(dialect, {"delivery_id": str})
    return (
        select(deliveries.c.delivery_id, recipients.c.person_id)
        .join_from(deliveries, recipients, BEHIND)
        .where(deliveries.c.commune == _C, deliveries.c.delivery_id.in_(select(rows.c.delivery_id)))
    )


def _made(dialect: str) -> Any:  # noqa: ANN401
    rows = listed(dialect, {"delivery_id": str})
    said = exists().where(
        answers.c.commune == deliveries.c.commune,
        answers.c.delivery_id == deliveries.c.delivery_id,
    )
    names = ("delivery_id", "state", "attempts", "began_at", "accepted_at", "position")
    return select(*(deliveries.c[name] for name in names), said.label("answered")).where(
        deliveries.c.commune == _C, deliveries.c.delivery_id.in_(select(rows.c.delivery_id))
    )


def _of_people(dialect: str, table: Any, *columns: Any) -> Any:  # noqa: ANN401
    rows = listed(dialect, {"person_id": str})
    mine = and_(
        table.c.commune == _C,
        table.c.version_id == _V,
        table.c.person_id.in_(select(rows.c.person_id)),
    )
    return select(table.c.person_id, *columns).where(mine)


_MEMBERS = {dialect: _members(dialect) for dialect in DIALECTS}
_READERS = {dialect: _readers(dialect) for dialect in DIALECTS}
_MADE = {dialect: _made(dialect) for dialect in DIALECTS}
_LOST = {dialect: _of_people(dialect, unreachable) for dialect in DIALECTS}
_ROWS = {
    dialect: _of_people(
        dialect,
        pursuits,
        pursuits.c.block,
        pursuits.c.state,
        pursuits.c.taken,
        pursuits.c.delivery_id,
    )
    for dialect in DIALECTS
}
