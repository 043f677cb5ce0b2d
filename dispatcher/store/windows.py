"""A window of sends: the intent before the first byte, the settlement after the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    FromClause,
    Insert,
    Select,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from dispatcher.store import lines
from dispatcher.store.claims import Claimed
from dispatcher.store.clock import db_now
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS, listed, rows_of
from dispatcher.store.outgoing import attempts, deliveries, recipients, versions
from dispatcher.store.progress import LedgerHeld, count_window
from dispatcher.store.statements import insert_in
from dispatcher.store.tables import persons
from dispatcher.store.unsent import PutOff, put_off_in

FINAL = frozenset(
    ("delivered", "undelivered", "failed", "cancelled", "expired", "suppressed", "exhausted")
)


@dataclass(frozen=True)
class Intended:
    """A delivery that may leave now: `number` counts its attempts from 1."""

    claimed: Claimed
    number: int


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt, as the ledger will say it; instants are epoch seconds."""

    intended: Intended
    state: str
    outcome: str
    delay_s: float = 0.0
    reference: str | None = None
    status: str | None = None
    rank: int = 0
    reason: str | None = None
    doubt: bool = False
    tried: str = ""


async def intend(
    ledger: Ledger,
    window: Sequence[Claimed],
    *,
    owner: str,
    provider: str,
    in_progress: int | None = None,
) -> list[Intended]:
    """Commit that these will be sent; leave out, and close, what may not leave any more.

    A row whose version was cancelled or expired, or whose every reader unsubscribed, is settled
    here; a row whose lease was lost is simply not returned. With `in_progress`, no more are taken
    than the account has free lines: the others are given back, with no attempt counted. Of a
    ledger that was put back from a backup nothing leaves before someone said so
    (`dispatcher.delivery.restoration`).
    """
    named = {(row.commune, row.version_id) for row in window}
    lease_s = ledger.timing.send_lease_s

    def act(connection: Connection) -> tuple[list[Intended], int]:
        ends = {one: _end(connection, one) for one in sorted(named)}
        live = [row for row in window if not ends[row.commune, row.version_id]]
        taken = live
        if in_progress is not None:
            taken = live[: lines.free_in(connection, provider=provider, in_progress=in_progress)]
            back = [PutOff(row, lines.AGAIN_S) for row in live[len(taken) :]]
            put_off_in(connection, back, owner=owner)
        given = {"held_by": owner, "by": provider, "lease_s": lease_s, **_listed(taken, ends)}
        begun: Sequence[Any] = connection.execute(_BEGIN[ledger.dialect], given).all()
        numbers: dict[tuple[str, str], int] = {(row[0], row[1]): row[2] for row in begun}
        if len(numbers) < len(window):
            left = [row for row in window if (row.commune, row.delivery_id) not in numbers]
            closing = {"held_by": owner, **_listed(left, ends)}
            connection.execute(_CLOSE[ledger.dialect], closing)
        intended = [
            Intended(row, numbers[row.commune, row.delivery_id])
            for row in window
            if (row.commune, row.delivery_id) in numbers
        ]
        return intended, count_window(connection)  # last: other workers wait for it

    try:
        intended, windows = await ledger.write(act)
    except LedgerHeld:
        return []
    if ledger.high_water is not None:
        ledger.high_water.reach(windows)
    ledger.passing(CrashPoint.CP4)
    return intended


def _end(connection: Connection, named: tuple[str, str]) -> str:
    """Say how a version ended; an empty text for one that is live."""
    end = connection.execute(_END, {"of_commune": named[0], "of_version": named[1]}).scalar_one()
    return str(end)


def _listed(rows: Sequence[Claimed], ends: Mapping[tuple[str, str], str]) -> dict[str, str]:
    return rows_of(
        [(r.commune, r.delivery_id, r.fence, ends[r.commune, r.version_id]) for r in rows]
    )


_END = (
    select(
        case(
            (or_(versions.c.state == "cancelled", versions.c.state == "superseded"), "cancelled"),
            (versions.c.expires_at <= db_now(), "expired"),
            else_="",
        )
    )
    .where(
        versions.c.commune == bindparam("of_commune"),
        versions.c.version_id == bindparam("of_version"),
    )
    .with_for_update(read=True)
)  # PostgreSQL: who cancels or corrects comes after this window, whole
_WINDOW = {"commune": str, "delivery_id": str, "fence": int, "ending": str}
_OUTCOMES = {
    "commune": str, "delivery_id": str, "fence": int, "number": int, "state": str, "outcome": str,
    "delay_s": float, "reference": str, "status": str, "rank": int, "reason": str, "doubt": int,
    "tried": str,
}  # fmt: skip


def _held(rows: FromClause, state: str) -> ColumnElement[bool]:
    return and_(
        deliveries.c.commune == rows.c.commune,
        deliveries.c.delivery_id == rows.c.delivery_id,
        deliveries.c.fence == rows.c.fence,
        deliveries.c.owner == bindparam("held_by"),
        deliveries.c.state == state,
    )


def _reader() -> Select[tuple[str]]:
    """Select those behind a delivery's contact who still want it (fault F33).

    OFFSET 0: PostgreSQL must ask this of each delivery of the window. Left free, and knowing little
    of new tables, it joined from the persons' side and read the whole commune for every window.
    """
    same = and_(
        persons.c.commune == recipients.c.commune, persons.c.person_id == recipients.c.person_id
    )
    return (
        select(recipients.c.person_id)
        .join(persons, same)
        .where(
            recipients.c.commune == deliveries.c.commune,
            recipients.c.delivery_id == deliveries.c.delivery_id,
            persons.c.unsubscribed_at.is_(None),
        )
        .offset(0)
    )


def _begin(dialect: str) -> ReturningUpdate[Any]:
    return (
        update(deliveries)
        .where(_held(listed(dialect, _WINDOW), "claimed"), exists(_reader()))
        .values(
            state="sending",
            attempts=deliveries.c.attempts + 1,
            looks=0,
            provider=bindparam("by"),
            began_at=db_now(),
            lease_until=db_now() + bindparam("lease_s", type_=Double),
        )
        .returning(deliveries.c.commune, deliveries.c.delivery_id, deliveries.c.attempts)
    )


def _close(dialect: str) -> Update:
    rows = listed(dialect, _WINDOW)
    return (
        update(deliveries)
        .where(_held(rows, "claimed"), or_(rows.c.ending != "", ~exists(_reader())))
        .values(
            state=case((rows.c.ending != "", rows.c.ending), else_="suppressed"),
            settled_at=db_now(),
            owner=None,
            lease_until=None,
        )
    )


def _settle(dialect: str) -> Update:
    rows = listed(dialect, _OUTCOMES)
    accepted = or_(rows.c.state == "accepted", rows.c.state == "delivered")
    final = or_(*(rows.c.state == one for one in FINAL))  # not IN: it is written anew each time
    return (
        update(deliveries)
        .where(_held(rows, "sending"))
        .values(
            state=rows.c.state,
            next_at=db_now() + rows.c.delay_s,
            reference=rows.c.reference,
            status=rows.c.status,
            rank=rows.c.rank,
            reason=rows.c.reason,
            tried=rows.c.tried,
            doubts=deliveries.c.doubts + rows.c.doubt,
            doubt_at=case(
                (accepted, None),
                (rows.c.doubt > 0, func.coalesce(deliveries.c.doubt_at, deliveries.c.began_at)),
                else_=deliveries.c.doubt_at,
            ),
            accepted_at=case((accepted, db_now()), else_=None),
            settled_at=case((final, db_now()), else_=None),
            owner=None,
            lease_until=None,
        )
    )


def _history(dialect: str) -> Insert:
    """Keep attempts that were not accepted; an accepted one stands on its delivery."""
    rows = listed(dialect, _OUTCOMES)
    told = select(
        deliveries.c.commune,
        deliveries.c.delivery_id,
        rows.c.number,
        deliveries.c.provider,
        deliveries.c.began_at,
        db_now(),
        rows.c.outcome,
        rows.c.reference,
        rows.c.reason,
    ).where(
        deliveries.c.commune == rows.c.commune,
        deliveries.c.delivery_id == rows.c.delivery_id,
        deliveries.c.attempts == rows.c.number,
    )
    names = (
        "commune", "delivery_id", "number", "provider", "started_at", "ended_at", "outcome",
        "reference", "detail",
    )  # fmt: skip
    return insert_in(dialect, attempts).from_select(names, told).on_conflict_do_nothing()


_CLOSE = {dialect: _close(dialect) for dialect in DIALECTS}
_BEGIN = {dialect: _begin(dialect) for dialect in DIALECTS}
_SETTLE = {dialect: _settle(dialect) for dialect in DIALECTS}
_HISTORY = {dialect: _history(dialect) for dialect in DIALECTS}


async def settle(ledger: Ledger, outcomes: Sequence[Outcome], *, owner: str) -> None:
    """Write what became of a window, in one transaction.

    A row that moved on meanwhile (an early receipt, a lease lost) keeps its newer state.
    """
    if not outcomes:
        return
    rows = {"held_by": owner} | rows_of([_row(one) for one in outcomes])
    ledger.passing(CrashPoint.CP6)
    failed = rows_of([_row(one) for one in outcomes if one.outcome != "accepted"])

    def act(connection: Connection) -> None:
        connection.execute(_SETTLE[ledger.dialect], rows)
        if any(one.outcome != "accepted" for one in outcomes):
            connection.execute(_HISTORY[ledger.dialect], failed)

    await ledger.write(act)


def _row(outcome: Outcome) -> tuple[object, ...]:
    claimed = outcome.intended.claimed
    return (
        *claimed.held, outcome.intended.number, outcome.state, outcome.outcome, outcome.delay_s,
        outcome.reference, outcome.status, outcome.rank, outcome.reason, int(outcome.doubt),
        outcome.tried,
    )  # fmt: skip
