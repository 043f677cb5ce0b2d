"""What providers say after accepting, and what people answer: facts, kept once, in any order."""

from dataclasses import dataclass

from sqlalchemy import Update, and_, func, select, true, update

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import answers, deliveries, receipts
from dispatcher.store.statements import insert_for

# A receipt proves that the provider had the message, so it also settles a lost answer.
_OPEN_TO_RECEIPTS = ("sending", "unknown", "accepted", "ready", "claimed")
_STATES = {"delivered": "delivered", "undelivered": "undelivered", "failed": "failed"}


@dataclass(frozen=True)
class Told:
    """One receipt: `status` and `rank` as the channel contract orders them."""

    commune: str
    delivery_id: str
    number: int
    status: str
    rank: int
    reference: str | None = None
    detail: str | None = None
    again_s: float | None = None  # a call to make again after this wait, rather than an end


async def record_receipt(ledger: Ledger, told: Told) -> bool:
    """Keep a receipt and move its delivery on; False when it was known already or unknown to us.

    A lower rank never overwrites a higher one; the same receipt ten times is one receipt.
    """
    key = and_(deliveries.c.commune == told.commune, deliveries.c.delivery_id == told.delivery_id)
    async with ledger.writing() as connection:
        held = await connection.execute(select(deliveries.c.attempts).where(key))
        begun = held.scalar_one_or_none()
        if begun is None or not 1 <= told.number <= begun:
            return False
        kept = await connection.execute(
            insert_for(connection, receipts)
            .values(
                commune=told.commune,
                delivery_id=told.delivery_id,
                number=told.number,
                status=told.status,
                detail=told.detail,
                received_at=db_now(),
            )
            .on_conflict_do_nothing()
        )
        if kept.rowcount == 0:
            return False
        await connection.execute(_move_on(told).where(key))
    return True


def _move_on(told: Told) -> Update:
    failed = told.status in ("undelivered", "failed")
    # The failure of an older attempt does not close the newer one.
    newest = deliveries.c.attempts == told.number if failed else true()
    statement = update(deliveries).where(
        deliveries.c.state.in_(_OPEN_TO_RECEIPTS), newest, deliveries.c.rank <= told.rank
    )
    free = {"owner": None, "lease_until": None, "reason": told.detail if failed else None}
    if told.again_s is not None:
        wait = db_now() + told.again_s
        return statement.values(state="ready", next_at=wait, rank=0, status=None, **free)
    return statement.values(
        state=_STATES.get(told.status, "accepted"),
        status=told.status,
        rank=told.rank,
        reference=func.coalesce(deliveries.c.reference, told.reference),
        accepted_at=func.coalesce(deliveries.c.accepted_at, db_now()),
        settled_at=db_now() if told.status in _STATES else None,
        **free,
    )


@dataclass(frozen=True)
class Answered:
    """The delivery that was answered, and whether this answer is new."""

    commune: str
    delivery_id: str
    version_id: str
    new: bool


async def record_answer(
    ledger: Ledger, *, commune: str, delivery_id: str, kind: str, via: str
) -> Answered | None:
    """Keep an answer to a delivery, once per kind; None when there is no such delivery.

    The answer is a fact about every person behind the contact: a shared phone answers for its
    household (`recipients`).
    """
    key = and_(deliveries.c.commune == commune, deliveries.c.delivery_id == delivery_id)
    async with ledger.writing() as connection:
        row = (await connection.execute(select(deliveries.c.version_id).where(key))).first()
        if row is None:
            return None
        kept = await connection.execute(
            insert_for(connection, answers)
            .values(
                commune=commune,
                delivery_id=delivery_id,
                kind=kind,
                via=via,
                answered_at=db_now(),
            )
            .on_conflict_do_nothing()
        )
        return Answered(commune, delivery_id, row[0], kept.rowcount > 0)


async def delivery_of_answer(ledger: Ledger, answer_hash: str) -> tuple[str, str] | None:
    """Find the commune and delivery that an answering page belongs to."""
    async with ledger.reading() as connection:
        row = (
            await connection.execute(
                select(deliveries.c.commune, deliveries.c.delivery_id).where(
                    deliveries.c.answer_hash == answer_hash
                )
            )
        ).first()
    return (row[0], row[1]) if row else None
