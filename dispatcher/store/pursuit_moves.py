"""Moving people on in the pursuit: one transaction a turn, done once however many workers try.

A person's line is moved only from the step it was read at, and only if no answer came since; her
next delivery is made in the same transaction, or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    String,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    true,
    update,
)

from dispatcher.store.blocks import Block, Planned, put
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS, listed, rows_of
from dispatcher.store.logbook import Entry, append
from dispatcher.store.outgoing import (
    answers,
    blocks,
    deliveries,
    progress,
    unreachable,
    versions,
)
from dispatcher.store.pursuit_tables import pursuit_blocks, pursuits
from dispatcher.store.restoring import DOUBTED
from dispatcher.store.statements import insert_in
from dispatcher.store.versions import SUMMONS

_LINE = {
    "person_id": str, "block": int, "state": str, "taken": int, "due_at": float,
    "delivery_id": str, "reason": str, "left_out": str,
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A person's line as it will stand; `known` are her deliveries: an answer to one forbids it.

    `moved`: she takes a step, from the one before; otherwise she stays where she was.
    """

    person_id: str
    block: int
    state: str
    taken: int
    due_at: float
    delivery_id: str | None = None
    reason: str | None = None
    left_out: str = ""
    moved: bool = False
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turn:
    """What one turn writes: lines, deliveries of those who move, and what has been looked at."""

    lines: Sequence[Line]
    planned: Sequence[Planned]
    asked_again: Mapping[int, float]  # block → when it is looked at again
    asked: Sequence[int]
    failed: Sequence[str]


async def apply(ledger: Ledger, block: Block, turn: Turn) -> list[str]:
    """Write a turn of a version; return the media that have new deliveries.

    `block` says whose they are: its commune, version, lane and route.
    """
    key = {"of_commune": block.commune, "of_version": block.version_id}
    ordered = sorted(turn.lines, key=lambda line: line.person_id)  # no two workers cross

    def act(connection: Connection) -> list[str]:
        free = _unanswered(connection, key, ordered)
        gone = _write(connection, key, [line for line in free if line.moved], moved=True)
        stay = [line for line in free if not line.moved]
        stayed = _write(connection, key, stay, moved=False)
        gone |= stayed & {line.person_id for line in stay if line.state == "reached"}
        made = [
            one._replace(people=behind)
            for one in turn.planned
            if (behind := tuple(person for person in one.people if person in gone))
        ]
        if made:
            made.sort(key=lambda one: one.delivery_id)
            put(connection, block, made, ring=ledger.ring)
            _doubt(connection, key, made)
        if len(free) == len(ordered):
            _looked_at(connection, key, turn)
        return sorted({one.medium for one in made})

    return await ledger.write(act)


def _doubt(connection: Connection, key: Mapping[str, Any], made: Sequence[Planned]) -> None:
    """Let a step be looked up before it leaves, where the alert is older than a restoration.

    The backup may have been made before that step was taken: its message may have left (F36).
    """
    if connection.execute(_RESTORED).first() is None:
        return
    older = select(versions.c.version_id).where(
        versions.c.commune == deliveries.c.commune,
        versions.c.version_id == key["of_version"],
        versions.c.launched_at < select(func.max(progress.c.let_go_at)).scalar_subquery(),
    )
    connection.execute(
        DOUBTED.where(
            deliveries.c.commune == key["of_commune"],
            deliveries.c.delivery_id.in_([one.delivery_id for one in made]),
            deliveries.c.route == "live",
            deliveries.c.state == "ready",
            deliveries.c.attempts == 0,
            older.exists(),
        )
    )


def _unanswered(
    connection: Connection, key: Mapping[str, Any], lines: Sequence[Line]
) -> list[Line]:
    """Return the lines of those who have not answered; who is answering now waits for a turn."""
    ids = sorted({ident for line in lines for ident in line.known if line.state != "reached"})
    if not ids:
        return list(lines)
    dialect = connection.dialect.name
    given = {**key, **rows_of([(ident,) for ident in ids])}
    busy: set[str] = set()
    if dialect == "postgresql":  # whoever answers holds the delivery: `store.receipts`
        held = connection.execute(_HELD, given).scalars()
        busy = set(ids) - set(held)
    busy |= set(connection.execute(_ANSWERED[dialect], given).scalars())
    return [line for line in lines if line.state == "reached" or not busy & set(line.known)]


def _write(
    connection: Connection, key: Mapping[str, Any], lines: Sequence[Line], *, moved: bool
) -> set[str]:
    if not lines:
        return set()
    rows = rows_of([[getattr(line, name) for name in _LINE] for line in lines])
    words = _LINES[connection.dialect.name, moved]
    return set(connection.execute(words, {**key, **rows}).scalars())


def _looked_at(connection: Connection, key: Mapping[str, Any], turn: Turn) -> None:
    mine = and_(
        pursuit_blocks.c.commune == key["of_commune"],
        pursuit_blocks.c.version_id == key["of_version"],
    )
    if turn.asked:
        connection.execute(
            delete(pursuit_blocks).where(mine, pursuit_blocks.c.number.in_(turn.asked))
        )
    for number, due_at in turn.asked_again.items():
        connection.execute(
            update(pursuit_blocks)
            .where(mine, pursuit_blocks.c.number == number)
            .values(due_at=due_at)
        )
    if turn.failed:
        connection.execute(
            update(deliveries)
            .where(
                deliveries.c.commune == key["of_commune"],
                deliveries.c.delivery_id.in_(sorted(turn.failed)),
            )
            .values(pursued_at=db_now())
        )


_C = bindparam("of_commune", type_=String)
_V = bindparam("of_version", type_=String)


def _lines(dialect: str, *, moved: bool) -> Any:  # noqa: ANN401 - an INSERT that returns
    rows = listed(dialect, _LINE)
    wanted = select(_C, _V, *(rows.c[name] for name in _LINE), db_now()).where(true())
    names = ["commune", "version_id", *_LINE, "changed_at"]
    statement = insert_in(dialect, pursuits).from_select(names, wanted)
    before = statement.excluded.taken - 1 if moved else statement.excluded.taken
    kept = ("state", "taken", "due_at", "delivery_id", "reason", "left_out", "changed_at")
    return statement.on_conflict_do_update(
        index_elements=[pursuits.c.commune, pursuits.c.version_id, pursuits.c.person_id],
        set_={name: statement.excluded[name] for name in kept},
        where=and_(pursuits.c.state == "waiting", pursuits.c.taken == before),
    ).returning(pursuits.c.person_id)


def _answered(dialect: str) -> Any:  # noqa: ANN401
    rows = listed(dialect, {"delivery_id": str})
    return (
        select(answers.c.delivery_id)
        .distinct()
        .where(answers.c.commune == _C, answers.c.delivery_id.in_(select(rows.c.delivery_id)))
    )


def _held() -> Any:  # noqa: ANN401
    rows = listed("postgresql", {"delivery_id": str})
    return (
        select(deliveries.c.delivery_id)
        .where(
            deliveries.c.commune == _C,
            deliveries.c.delivery_id.in_(select(rows.c.delivery_id)),
        )
        .with_for_update(read=True, skip_locked=True)
    )


_RESTORED = select(progress.c.let_go_at).where(progress.c.let_go_at.is_not(None))
_LINES = {
    (dialect, moved): _lines(dialect, moved=moved)
    for dialect in DIALECTS
    for moved in (True, False)
}
_ANSWERED = {dialect: _answered(dialect) for dialect in DIALECTS}
_HELD = _held()


async def close(ledger: Ledger, commune: str, version_id: str, *, key: bytes) -> bool:
    """End the pursuit of a version when nobody of it waits any more; True when this ended it.

    How many were not reached, and why, goes into the logbook in the same transaction.
    """
    this = {"of_commune": commune, "of_version": version_id}
    if not await ledger.read(lambda connection: bool(connection.execute(_DONE, this).first())):
        return False
    mine = and_(versions.c.commune == commune, versions.c.version_id == version_id)
    async with ledger.writing() as connection:
        done = await connection.execute(
            update(versions)
            .where(mine, versions.c.pursuit == "open")
            .values(pursuit="over")
            .returning(versions.c.kind)
        )
        is_a = done.scalar()
        if is_a is None:
            return False
        people = (await connection.execute(select(versions.c.people).where(mine))).scalar_one()
        lost = (await connection.execute(_COUNTED, this)).all()
        missed = (await connection.execute(_MISSED, this)).all()
        told = {
            "version": version_id,
            "people": people,
            "unreached": {row[0]: row[1] for row in lost},
            "unreachable": {row[0]: row[1] for row in missed},
        }
        left = sum(row[1] for row in (*lost, *missed))
        text = f"Relances terminées : {left} personnes à joindre autrement"
        kind = "summons.pursued" if is_a == SUMMONS else "alert.pursued"
        entry = Entry("worker", kind, text, told)
        await append(connection, commune=commune, entry=entry, key=key)
    return True


def _some(table: Any, *more: Any) -> Any:  # noqa: ANN401
    return (
        select(literal_column("1"))
        .select_from(table)
        .where(table.c.commune == _C, table.c.version_id == _V, *more)
    )


_DONE: Select[Any] = select(literal_column("1")).where(
    ~_some(blocks, blocks.c.materialised_at.is_(None)).exists(),
    ~_some(pursuit_blocks).exists(),
    ~_some(pursuits, literal_column("pursuits.state = 'waiting'")).exists(),
)
_COUNTED = (
    select(pursuits.c.reason, func.count())
    .where(pursuits.c.commune == _C, pursuits.c.version_id == _V, pursuits.c.state == "unreached")
    .group_by(pursuits.c.reason)
)
_MISSED = (
    select(unreachable.c.reason, func.count())
    .where(unreachable.c.commune == _C, unreachable.c.version_id == _V)
    .group_by(unreachable.c.reason)
)
