"""The statements of a window of sends, in the words of SQLite and of PostgreSQL."""

from typing import Any

from sqlalchemy import (
    Double,
    Insert,
    Select,
    Update,
    bindparam,
    case,
    exists,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from dispatcher.store.claims import still_held
from dispatcher.store.clock import db_now
from dispatcher.store.listed import DIALECTS, listed
from dispatcher.store.outgoing import BEHIND, attempts, deliveries, recipients, versions
from dispatcher.store.statements import insert_in
from dispatcher.store.tables import departed

FINAL = frozenset(
    ("delivered", "undelivered", "failed", "cancelled", "expired", "suppressed", "exhausted")
)
END = (
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
    .with_for_update(read=True)  # PostgreSQL: who cancels or corrects comes after this window
)
WINDOW = {"serial": int, "fence": int, "ending": str}
OUTCOMES = {
    "serial": int, "fence": int, "number": int, "state": str, "outcome": str, "delay_s": float,
    "reference": str, "status": str, "rank": int, "reason": str, "doubt": int,
    "tried": str,
}  # fmt: skip
TAKINGS = {"serial": int, "fence": int, "reference": str, "status": str, "rank": int}


def _reader() -> Select[tuple[str]]:
    """Select those behind a delivery's contact who still want it (fault F33).

    Asked of the few who left, not of all who are enrolled: a page of those is read anew for each
    delivery of a million. OFFSET 0: PostgreSQL must ask this of each delivery of the window, and
    not join from the other side, whatever it believes of tables that are new.
    """
    gone = (
        exists()
        .where(
            departed.c.commune == deliveries.c.commune,
            departed.c.person_id == recipients.c.person_id,
        )
        .correlate_except(departed)
    )
    return select(recipients.c.person_id).where(BEHIND, ~gone).offset(0)


def _begin(dialect: str) -> ReturningUpdate[Any]:
    return (
        update(deliveries)
        .where(still_held(listed(dialect, WINDOW), "claimed"), exists(_reader()))
        .values(
            state="sending",
            attempts=deliveries.c.attempts + 1,
            looks=0,
            provider=bindparam("by"),
            began_at=db_now(),
            lease_until=db_now() + bindparam("lease_s", type_=Double),
        )
        .returning(deliveries.c.serial, deliveries.c.attempts)
    )


def _close(dialect: str) -> Update:
    rows = listed(dialect, WINDOW)
    return (
        update(deliveries)
        .where(still_held(rows, "claimed"), or_(rows.c.ending != "", ~exists(_reader())))
        .values(
            state=case((rows.c.ending != "", rows.c.ending), else_="suppressed"),
            settled_at=db_now(),
            owner=None,
            lease_until=None,
        )
    )


def _settle(dialect: str) -> Update:
    rows = listed(dialect, OUTCOMES)
    accepted = or_(rows.c.state == "accepted", rows.c.state == "delivered")
    final = or_(*(rows.c.state == one for one in FINAL))  # not IN: it is written anew each time
    return (
        update(deliveries)
        .where(still_held(rows, "sending"))
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


def _taken(dialect: str) -> Update:
    """Settle what the provider took at once: nearly all, with half of the words of `_settle`."""
    rows = listed(dialect, TAKINGS)
    return (
        update(deliveries)
        .where(still_held(rows, "sending"))
        .values(
            state="accepted",
            next_at=db_now(),
            reference=rows.c.reference,
            status=rows.c.status,
            rank=rows.c.rank,
            reason=null(),
            tried="",
            doubt_at=null(),
            accepted_at=db_now(),
            settled_at=null(),
            owner=null(),
            lease_until=null(),
        )
    )


def _history(dialect: str) -> Insert:
    """Keep attempts that were not accepted; an accepted one stands on its delivery."""
    rows = listed(dialect, OUTCOMES)
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
        deliveries.c.serial == rows.c.serial,
        deliveries.c.attempts == rows.c.number,
    )
    names = (
        "commune", "delivery_id", "number", "provider", "started_at", "ended_at", "outcome",
        "reference", "detail",
    )  # fmt: skip
    return insert_in(dialect, attempts).from_select(names, told).on_conflict_do_nothing()


CLOSE = {dialect: _close(dialect) for dialect in DIALECTS}
BEGIN = {dialect: _begin(dialect) for dialect in DIALECTS}
TAKE = {dialect: _taken(dialect) for dialect in DIALECTS}
SETTLE = {dialect: _settle(dialect) for dialect in DIALECTS}
HISTORY = {dialect: _history(dialect) for dialect in DIALECTS}
