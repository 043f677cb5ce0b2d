"""What the processes tell each other of provider accounts: who is there, who fails, who is slow.

The one table without a commune: an account serves every commune of the installation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    ColumnElement,
    Double,
    PrimaryKeyConstraint,
    String,
    Table,
    and_,
    case,
    exists,
    func,
    select,
    text,
    update,
)

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.marks import lacks
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.schema import instant_column, metadata, whole_column
from dispatcher.store.statements import insert_for

GONE_S = 600.0  # an account that no worker has held for so long is gone from the settings
# Where another account may reach whom the first did not (DELIVERY §4).
SECOND_CHANCE = "sms"

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(40), nullable=False),
    Column("route", String(12), nullable=False),
    Column("medium", String(8), nullable=False),
    Column("seen_at", Double, nullable=False),  # by a living worker
    instant_column("opened_at"),  # when a worker last saw it fail
    whole_column("lowered"),  # points off its weight, for slowness or errors
    instant_column("lowered_at"),  # when it last lost points
    instant_column("changed_at"),  # when it last lost or got back points
    PrimaryKeyConstraint("name"),
)


@dataclass(frozen=True)
class Held:
    """An account that a worker holds."""

    name: str
    route: str
    medium: str


@dataclass(frozen=True)
class Heard:
    """What is known of an account, ages in seconds; None for what never happened."""

    name: str
    lowered: int
    open_s: float | None
    lowered_s: float | None
    changed_s: float | None


async def present(ledger: Ledger, held: Sequence[Held]) -> None:
    """Say that these accounts are there."""
    # In one order: two workers never wait for each other.
    ordered = sorted(held, key=lambda one: one.name)
    rows = [{"name": one.name, "route": one.route, "medium": one.medium} for one in ordered]
    if not rows:
        return
    async with ledger.writing() as connection:
        statement = insert_for(connection, accounts).values(seen_at=db_now())
        again = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "seen_at": db_now(),
                "route": statement.excluded.route,
                "medium": statement.excluded.medium,
            },
        )
        await connection.execute(again, rows)


async def tell_open(ledger: Ledger, name: str) -> None:
    """Tell the other workers that an account has begun to fail."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(accounts).where(accounts.c.name == name).values(opened_at=db_now())
        )


async def heard(ledger: Ledger) -> Sequence[Heard]:
    """Return what all workers know of the accounts."""
    ages = [
        (db_now() - accounts.c[column]).label(label)
        for column, label in (
            ("opened_at", "open_s"), ("lowered_at", "lowered_s"), ("changed_at", "changed_s"),
        )
    ]  # fmt: skip
    statement = select(accounts.c.name, accounts.c.lowered, *ages)
    async with ledger.reading() as connection:
        return [Heard(**row._mapping) for row in await connection.execute(statement)]


async def change_points(ledger: Ledger, name: str, *, lowered: int, before: int) -> bool:
    """Take points off an account, or give them back; False when another worker just did."""
    lost = lowered > before
    async with ledger.writing() as connection:
        done = await connection.execute(
            update(accounts)
            .where(accounts.c.name == name, accounts.c.lowered == before)
            .values(
                lowered=lowered,
                changed_at=db_now(),
                lowered_at=db_now() if lost else accounts.c.lowered_at,
            )
        )
    return done.rowcount == 1


def another_is_there() -> ColumnElement[bool]:
    """Return the condition that a delivery which failed has an account that did not try it.

    Of a live version only: nothing of an ended alert is sent again.
    """
    version = and_(
        versions.c.commune == deliveries.c.commune,
        versions.c.version_id == deliveries.c.version_id,
        versions.c.state == "launched",
        versions.c.expires_at > db_now(),
    )
    return and_(
        deliveries.c.medium == SECOND_CHANCE,
        exists(select(versions.c.version_id).where(version)),
        exists(select(accounts.c.name).where(*_untried(), accounts.c.name != _last())),
    )


def _untried() -> tuple[ColumnElement[bool], ...]:
    return (
        accounts.c.route == deliveries.c.route,
        accounts.c.medium == deliveries.c.medium,
        accounts.c.seen_at > db_now() - GONE_S,
        lacks(deliveries.c.failed_by, accounts.c.name),
    )


def _last() -> ColumnElement[str]:
    return func.coalesce(deliveries.c.provider, "")


async def close_stranded(ledger: Ledger) -> int:
    """End what waits for a second account when none is left; return how many."""
    stranded = and_(
        text("deliveries.state = 'ready' AND deliveries.failed_by <> ''"),  # as its index says it
        ~exists(select(accounts.c.name).where(*_untried())),
    )
    async with ledger.reading() as look:
        some = select(deliveries.c.delivery_id).where(stranded).limit(1)
        if (await look.execute(some)).first() is None:
            return 0
    async with ledger.writing() as connection:
        ended = await connection.execute(
            update(deliveries)
            .where(stranded)
            .values(state="undelivered", status="undelivered", settled_at=db_now())
        )
    return ended.rowcount


@dataclass(frozen=True)
class Arrived:
    """Of some deliveries: how many went out, how many of them were slow, how many arrived."""

    counted: int = 0
    slow: int = 0
    delivered: int = 0


async def arrivals(
    ledger: Ledger, deliveries_of: Iterable[tuple[str, str]], *, slow_s: float
) -> Arrived:
    """Count which of these (commune, delivery) took longer than `slow_s` to be delivered.

    What ended otherwise than delivered says nothing of slowness.
    """
    by_commune: dict[str, list[str]] = {}
    for commune, ident in deliveries_of:
        by_commune.setdefault(commune, []).append(ident)
    took = func.coalesce(deliveries.c.settled_at, db_now()) - deliveries.c.accepted_at
    late = func.sum(case((took > slow_s, 1), else_=0))
    came = func.sum(case((deliveries.c.state == "delivered", 1), else_=0))
    sums = [0, 0, 0]
    async with ledger.reading() as connection:
        for commune, ids in by_commune.items():
            statement = select(func.count(), late, came).where(
                deliveries.c.commune == commune,
                deliveries.c.delivery_id.in_(ids),
                deliveries.c.state.in_(("accepted", "delivered")),
                deliveries.c.accepted_at.is_not(None),
            )
            row = (await connection.execute(statement)).one()
            sums = [before + int(more or 0) for before, more in zip(sums, row, strict=True)]
    return Arrived(*sums)
