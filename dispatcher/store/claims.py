"""Claiming deliveries, keeping and losing the claim: leases and fences by database time."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Double,
    FromClause,
    Row,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS, listed, rows_of
from dispatcher.store.outgoing import attempts, deliveries
from dispatcher.store.parts import Part
from dispatcher.store.statements import insert_for

# Sends whose worker died. A row of two leaves alone, so that the third death is its own and no
# neighbour's; after three it is looked up, and set aside where it did not leave (fault F10).
ALONE_AFTER, POISON_AFTER = 2, 3


class Claimed(NamedTuple):  # made in a fifth of the time of a frozen dataclass, a million times
    """A delivery that one worker holds until its lease ends; `fence` numbers the holding."""

    serial: int
    commune: str
    delivery_id: str
    version_id: str
    medium: str
    contact: str
    language: str
    lane: int
    position: int
    fence: int
    attempts: int
    doubts: int
    deaths: int
    tried: str = ""
    failed_by: str = ""

    @property
    def held(self) -> tuple[int, int]:
        """What an UPDATE must still find: the delivery's number, and the fence."""
        return (self.serial, self.fence)


_COLUMNS = tuple(deliveries.c[name] for name in Claimed._fields)


def _claimed_of(row: "Row[tuple[object, ...]]", ring: Ring) -> Claimed:
    """Read a row that holds the columns of Claimed, in its order, and open where it goes to.

    A contact that nothing opens is empty: no provider takes it, and she is on the list of the
    unreached.
    """
    values: Sequence[Any] = row
    kept = Claimed._make(values)
    return kept._replace(contact=personal.contact_of(ring, kept))


async def claim(  # noqa: PLR0913 - the queue, its holder, and the account's part of it
    ledger: Ledger, *, route: str, medium: str, owner: str, limit: int, part: Part | None = None
) -> list[Claimed]:
    """Hold at most `limit` due deliveries of a medium, most urgent first, for `claim_lease_s`."""
    due: Select[tuple[int]] = (
        select(deliveries.c.serial)
        .where(
            deliveries.c.route == route,
            deliveries.c.medium == medium,
            deliveries.c.state == "ready",
            deliveries.c.next_at <= db_now(),
            part.holds() if part else true(),
        )
        .order_by(deliveries.c.lane, deliveries.c.position)
        .limit(limit)
    )
    if ledger.dialect == "postgresql":
        due = due.with_for_update(skip_locked=True)
    # MATERIALIZED: PostgreSQL must not run the limited choice again for each row it updates.
    chosen = due.cte("chosen").prefix_with("MATERIALIZED", dialect="postgresql")
    statement = (
        update(deliveries)
        .where(deliveries.c.serial.in_(select(chosen.c.serial)))
        .values(
            state="claimed",
            owner=owner,
            fence=deliveries.c.fence + 1,
            lease_until=db_now() + ledger.timing.claim_lease_s,
        )
        .returning(*_COLUMNS)
    )
    look = due.limit(1)
    # An idle poll must not take the write lock.
    if not await ledger.read(lambda connection: connection.execute(look).first()):
        return []
    ring = ledger.ring
    rows = await ledger.write(
        lambda connection: [_claimed_of(row, ring) for row in connection.execute(statement)]
    )
    if rows:
        ledger.passing(CrashPoint.CP3)
    return sorted(rows, key=lambda row: (row.lane, row.position))


async def more_urgent(
    ledger: Ledger, *, route: str, medium: str, lane: int, account: str = ""
) -> bool:
    """Tell whether a delivery of a lane before this one is due, that this account may take."""
    given = {
        "on_route": route,
        "by_medium": medium,
        "before_lane": lane,
        "mark": f"%|{account}|%",
    }
    return await ledger.read(lambda one: one.execute(_MORE_URGENT, given).first()) is not None


_MORE_URGENT = (
    select(deliveries.c.lane)
    .where(
        deliveries.c.route == bindparam("on_route"),
        deliveries.c.medium == bindparam("by_medium"),
        deliveries.c.state == literal_column("'ready'"),  # as the partial index says it
        deliveries.c.lane < bindparam("before_lane"),
        deliveries.c.next_at <= db_now(),
        deliveries.c.failed_by.not_like(bindparam("mark")),
        deliveries.c.tried.not_like(bindparam("mark")),
    )
    .limit(1)
)


async def renew(ledger: Ledger, held: Sequence[tuple[int, int]], *, owner: str) -> None:
    """Keep claims that are not being sent yet for another `claim_lease_s`."""
    if held:
        given = {"held_by": owner, "lease_s": ledger.timing.claim_lease_s, **rows_of(held)}
        await ledger.write(lambda one: one.execute(_RENEWED[ledger.dialect], given))


async def release(ledger: Ledger, held: Sequence[tuple[int, int]], *, owner: str) -> None:
    """Give claims back unsent, at once (a worker that stops in good order)."""
    if held:
        given = {"held_by": owner, **rows_of(held)}
        await ledger.write(lambda one: one.execute(_RELEASED[ledger.dialect], given))


def still_held(rows: FromClause, state: "str | BindParameter[str]") -> ColumnElement[bool]:
    """Return the condition that a row is one of those listed, held under the same fence.

    By `held_by`, in this state. Joined, not compared as pairs: SQLite would go through all
    deliveries for a list of pairs.
    """
    return and_(
        deliveries.c.serial == rows.c.serial,
        deliveries.c.fence == rows.c.fence,
        deliveries.c.owner == bindparam("held_by"),
        deliveries.c.state == state,
    )


def _claimed(dialect: str) -> Update:
    rows = listed(dialect, {"serial": int, "fence": int})
    return update(deliveries).where(still_held(rows, "claimed"))


_KEPT = {"lease_until": db_now() + bindparam("lease_s", type_=Double)}
_GIVEN_BACK = {"state": "ready", "owner": None, "lease_until": None}
_RENEWED = {dialect: _claimed(dialect).values(_KEPT) for dialect in DIALECTS}
_RELEASED = {dialect: _claimed(dialect).values(_GIVEN_BACK) for dialect in DIALECTS}


async def reap(ledger: Ledger) -> int:
    """Free what a dead or frozen worker held: claimed → ready, sending → unknown; return how many.

    What was being sent counts one death more.
    """
    over = and_(
        deliveries.c.lease_until < db_now(),
        text("state IN ('claimed','sending')"),  # as the partial index says it
    )
    async with ledger.reading() as look:
        if (
            await look.execute(select(deliveries.c.delivery_id).where(over).limit(1))
        ).first() is None:
            return 0
    async with ledger.writing() as connection:
        return await _free(connection, over)


async def _free(connection: AsyncConnection, over: ColumnElement[bool]) -> int:
    sending = deliveries.c.state == "sending"
    freed = await connection.execute(
        update(deliveries)
        .where(over)
        .values(
            state=case((sending, "unknown"), else_="ready"),
            deaths=case((sending, deliveries.c.deaths + 1), else_=deliveries.c.deaths),
            doubts=case((sending, deliveries.c.doubts + 1), else_=deliveries.c.doubts),
            doubt_at=case(
                (sending, func.coalesce(deliveries.c.doubt_at, deliveries.c.began_at)),
                else_=deliveries.c.doubt_at,
            ),
            # The lease began with the send and is over: the first look is due now.
            next_at=case((sending, db_now()), else_=deliveries.c.next_at),
            owner=None,
            lease_until=None,
        )
        .returning(deliveries.c.state, *(deliveries.c[name] for name in _LOST))
    )
    rows = freed.all()
    lost = [
        {
            "commune": row.commune,
            "delivery_id": row.delivery_id,
            "number": row.attempts,
            "provider": row.provider,
            "started_at": row.began_at,
        }
        for row in rows
        if row.state != "ready"
    ]
    if lost:
        written = insert_for(connection, attempts).values(ended_at=db_now(), outcome="lost")
        await connection.execute(written.on_conflict_do_nothing(), lost)
    return len(rows)


_LOST = ("commune", "delivery_id", "attempts", "provider", "began_at")
