"""The frozen audience, block by block, and the deliveries made from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Double,
    Insert,
    Integer,
    Row,
    String,
    Table,
    and_,
    bindparam,
    func,
    literal,
    select,
    true,
    update,
)

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.information import topics_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS, listed, rows_of
from dispatcher.store.outgoing import blocks, deliveries, recipients, unreachable, versions
from dispatcher.store.pursuit_tables import pursuit_blocks
from dispatcher.store.statements import insert_in

Chains = tuple[tuple[str, ...], ...]
BLOCK_SIZE = 500  # people; also the most deliveries one transaction makes, times the media


@dataclass(frozen=True)
class Block:
    """A part of a frozen audience that has no deliveries yet."""

    commune: str
    version_id: str
    number: int
    chains: Chains
    people: tuple[str, ...]
    lane: int
    route: str
    others: tuple[Chains, ...] = ()
    choice: tuple[int, ...] = ()
    first_wait_s: float | None = None  # then who has not confirmed is pursued; None: nobody is
    followed: str | None = None  # not None: goes through earlier deliveries (`earlier.py`)
    topics: tuple[str, ...] | None = None  # of an information; None: a danger (information.py)
    expires_at: float = float("inf")

    @property
    def ranked(self) -> Iterator[tuple[int, str, Chains]]:
        """Give the rank in the whole audience, the id and the chains of each person."""
        each = with_chains(self.people, (self.chains, *self.others), self.choice)
        for at, (ident, chains) in enumerate(each):
            yield self.number * BLOCK_SIZE + at, ident, chains


class Planned(NamedTuple):
    """One delivery to make; `people` are those behind the contact, which is clear here."""

    delivery_id: str
    medium: str
    contact_mark: str
    contact: str
    language: str
    position: int
    people: tuple[str, ...]
    opens: float = 0.0  # it does not leave before, in epoch seconds


async def next_block(ledger: Ledger) -> Block | None:
    """Return the most urgent block that waits, of a version that is launched; None when none.

    Alerts of a lane take turns, block by block: whoever launched first keeps nobody waiting.
    """
    row = await ledger.read(_next)
    if row is None:
        return None
    content = cast("Mapping[str, Any]", row.content)
    waits = (content.get("escalation") or {}).get("waits_s")
    return Block(
        commune=row.commune,
        version_id=row.version_id,
        number=row.number,
        chains=_chains(row.chains),
        people=tuple(row.people),
        lane=row.lane,
        route=str(content["route"]),
        others=tuple(map(_chains, row.others or ())),
        choice=tuple(row.choice or ()),
        first_wait_s=waits[0] if waits else None,
        followed=row.followed,
        topics=topics_of(content),
        expires_at=row.expires_at,
    )


def with_chains(
    people: Sequence[str], kinds: Sequence[Chains], choice: Sequence[int] | None
) -> Iterator[tuple[str, Chains]]:
    """Give each person of a block with her chains: `choice` numbers the kinds, none is all 0."""
    for ident, kind in zip(people, choice or (0,) * len(people), strict=True):
        yield ident, kinds[kind]


def chains_of(row: Row[Any]) -> dict[str, Chains]:
    """Return the chains of each person of a block as the ledger holds it."""
    kinds = [_chains(row.chains), *map(_chains, row.others or ())]
    return dict(with_chains(row.people, kinds, row.choice))


def _next(connection: Connection) -> "Row[Any] | None":
    turn = connection.execute(_TURN).first()
    if turn is None:
        return None
    given = {"of_commune": turn.commune, "of_version": turn.version_id, "of_number": turn.number}
    return connection.execute(_BLOCK, given).first()


def _chains(read: Sequence[Sequence[str]]) -> Chains:
    return tuple(map(tuple, read))


async def materialise(
    ledger: Ledger, block: Block, planned: Sequence[Planned], *, lost: Mapping[str, str]
) -> bool:
    """Write a block's deliveries, and who cannot be reached and why.

    Idempotent; false when another worker has done it.
    """
    key = {
        "of_commune": block.commune,
        "of_version": block.version_id,
        "of_number": block.number,
    }
    missing = rows_of(list(lost.items()))

    def act(connection: Connection) -> bool:
        if connection.execute(_MADE, key).rowcount == 0:
            return False
        put(connection, block, planned, ring=ledger.ring)
        if lost:
            connection.execute(_WORDS[ledger.dialect].missing, {**key, **missing})
        if block.first_wait_s is not None:
            wait = {"wait_s": block.first_wait_s}
            connection.execute(_FOLLOW[ledger.dialect], {**key, **wait})
        return True

    return await ledger.write(act)


def put(connection: Connection, block: Block, planned: Sequence[Planned], *, ring: Ring) -> None:
    """Write deliveries and who is behind them, in the caller's transaction; idempotent."""
    key = {"of_commune": block.commune, "of_version": block.version_id}
    made = rows_of([_row(block.commune, one, ring=ring) for one in planned])
    readers = rows_of([(one.delivery_id, person) for one in planned for person in one.people])
    words = _WORDS[connection.dialect.name]
    connection.execute(
        words.deliveries, {**key, "by_route": block.route, "in_lane": block.lane, **made}
    )
    connection.execute(words.readers, {**key, **readers})


def _row(commune: str, one: Planned, *, ring: Ring) -> tuple[object, ...]:
    contact = personal.sealed(ring, one.contact, personal.delivery_at(commune, one.delivery_id))
    head = (one.delivery_id, one.medium, one.contact_mark, contact)
    return *head, one.language, one.position, one.opens


def _of(name: str) -> "BindParameter[str]":
    return bindparam(name, type_=String)


@dataclass(frozen=True)
class _Words:
    """The statements of one block, in the words of one database."""

    deliveries: Insert
    readers: Insert
    missing: Insert

    @classmethod
    def of(cls, dialect: str) -> "_Words":
        return cls(
            _inserted(
                dialect,
                deliveries,
                {
                    "delivery_id": str, "medium": str, "contact_mark": str, "contact": str,
                    "language": str, "position": int, "next_at": float,
                },
                {
                    "commune": _of("of_commune"), "version_id": _of("of_version"),
                    "route": _of("by_route"), "lane": bindparam("in_lane", type_=Integer),
                    "state": literal("ready"),
                },
            ),
            _behind(dialect),
            _inserted(
                dialect,
                unreachable,
                {"person_id": str, "reason": str},
                {"commune": _of("of_commune"), "version_id": _of("of_version")},
            ),
        )  # fmt: skip


def _inserted(
    dialect: str,
    table: Table,
    columns: Mapping[str, type[str] | type[int] | type[float]],
    same: Mapping[str, ColumnElement[Any]],
) -> Insert:
    rows = listed(dialect, columns)
    # WHERE true: SQLite would read the ON of ON CONFLICT as a join's.
    wanted = select(*same.values(), *(rows.c[name] for name in columns)).where(true())
    statement = insert_in(dialect, table).from_select([*same, *columns], wanted)
    return statement.on_conflict_do_nothing()


def _behind(dialect: str) -> Insert:
    """Put people behind deliveries that were made just before, named by their ids.

    Each number is asked for by itself: joined, the list might be gone through for each delivery.
    """
    rows = listed(dialect, {"delivery_id": str, "person_id": str})
    serial = (
        select(deliveries.c.serial)
        .where(
            deliveries.c.commune == _of("of_commune"),
            deliveries.c.delivery_id == rows.c.delivery_id,
        )
        .scalar_subquery()
    )
    wanted = select(serial, rows.c.person_id).where(true())
    names = ["serial", "person_id"]
    return insert_in(dialect, recipients).from_select(names, wanted).on_conflict_do_nothing()


_WORDS = {dialect: _Words.of(dialect) for dialect in DIALECTS}
_WAITING = (
    select(func.min(blocks.c.number))
    .where(
        blocks.c.commune == versions.c.commune,
        blocks.c.version_id == versions.c.version_id,
        blocks.c.materialised_at.is_(None),
    )
    .scalar_subquery()
)
# One look at the index for each alert that is not finished, however many blocks it has.
_TURNS = (
    select(
        versions.c.commune,
        versions.c.version_id,
        versions.c.lane,
        versions.c.launched_at,
        _WAITING.label("number"),
    )
    .where(versions.c.state == "launched", versions.c.finished_at.is_(None))
    .subquery("turns")
)
_TURN = (
    select(_TURNS.c.commune, _TURNS.c.version_id, _TURNS.c.number)
    .where(_TURNS.c.number.is_not(None))
    .order_by(_TURNS.c.lane, _TURNS.c.number, _TURNS.c.launched_at)
    .limit(1)
)
_OF_VERSION = and_(
    versions.c.commune == blocks.c.commune, versions.c.version_id == blocks.c.version_id
)
_THIS = and_(
    blocks.c.commune == bindparam("of_commune"),
    blocks.c.version_id == bindparam("of_version"),
    blocks.c.number == bindparam("of_number"),
)
_SAID = (versions.c.lane, versions.c.content, versions.c.expires_at)
_BLOCK = select(blocks, *_SAID).join(versions, _OF_VERSION).where(_THIS)
_UNMADE = update(blocks).where(_THIS, blocks.c.materialised_at.is_(None))
_MADE = _UNMADE.values(materialised_at=db_now())


def _followed(dialect: str) -> Insert:
    values = {
        "commune": _of("of_commune"),
        "version_id": _of("of_version"),
        "number": bindparam("of_number", type_=Integer),
        "due_at": db_now() + bindparam("wait_s", type_=Double),
    }
    return insert_in(dialect, pursuit_blocks).values(values).on_conflict_do_nothing()


_FOLLOW = {dialect: _followed(dialect) for dialect in DIALECTS}
