"""The call that asks somebody whether she is to be alerted: how far it has come."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, receipts, versions
from dispatcher.store.signup_tables import code_sends

_OVER = ("undelivered", "failed", "exhausted", "expired", "cancelled", "suppressed")


@dataclass(frozen=True)
class AskingCall:
    """The last call of a sign-up; instants in epoch seconds.

    `unanswered_at` is when nobody picked up last, `heard_at` when somebody, or a machine, had heard
    it to its end. `again_at` is when she is called again; `over`: she is not.
    """

    unanswered_at: float | None
    heard_at: float | None
    again_at: float | None
    over: bool


async def asking_call(ledger: Ledger, commune: str, signup_id: str) -> AskingCall | None:
    """Return how the call of a sign-up stands; None where none was made."""
    sent = and_(
        code_sends.c.commune == deliveries.c.commune,
        code_sends.c.message == deliveries.c.version_id,
    )
    of_version = and_(
        versions.c.commune == deliveries.c.commune, versions.c.version_id == deliveries.c.version_id
    )
    missed = (
        select(func.max(receipts.c.received_at))
        .where(
            receipts.c.commune == deliveries.c.commune,
            receipts.c.delivery_id == deliveries.c.delivery_id,
            receipts.c.status == "undelivered",
        )
        .correlate(deliveries)
        .scalar_subquery()
    )
    wanted = (
        select(
            deliveries.c.state,
            deliveries.c.next_at,
            deliveries.c.settled_at,
            versions.c.expires_at,
            missed.label("missed_at"),
            db_now().label("now"),
        )
        .select_from(deliveries.join(code_sends, sent).join(versions, of_version))
        .where(
            code_sends.c.commune == commune,
            code_sends.c.signup_id == signup_id,
            deliveries.c.medium == "voice",
        )
        .order_by(code_sends.c.serial.desc())
        .limit(1)
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    waits = row.state == "ready" and row.missed_at is not None
    late = row.now >= row.expires_at or (waits and row.next_at >= row.expires_at)
    over = late or row.state in (*_OVER, "delivered")
    return AskingCall(
        row.missed_at,
        row.settled_at if row.state == "delivered" else None,
        row.next_at if waits and not over else None,
        over,
    )
