"""What providers say after accepting, and what people answer: facts, kept once, in any order."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    bindparam,
    case,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.accounts import another_is_there
from dispatcher.store.answered_contacts import confirm_contact
from dispatcher.store.clock import db_now
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.help_calls import HELP
from dispatcher.store.help_cries import Cry, keep_cry
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS
from dispatcher.store.marks import mark_of
from dispatcher.store.outgoing import answers, deliveries, receipts
from dispatcher.store.pages import of_page
from dispatcher.store.pursuit_answers import stop_pursuit
from dispatcher.store.statements import insert_for, insert_in

# A receipt proves that the provider had the message, so it also settles a lost answer.
_UNSETTLED = ("sending", "unknown", "ready", "claimed", "exhausted")
# Where a provider tells two ends of one attempt, the better one stands, whichever came first.
_STRENGTH = ("accepted", "queued", "sending", "sent", "failed", "undelivered", "delivered")
_FAILURES = ("failed", "undelivered")
_ENDS = (*_FAILURES, "delivered")
REASON_CHARS = 40  # what the ledger's column holds


@dataclass(frozen=True)
class Told:
    """One receipt: `status` and `rank` as the channel contract orders them.

    `redials_s` holds the waits before calling again, by how many calls ended like this one; empty
    when this end is not one to call again for.
    """

    commune: str
    delivery_id: str
    number: int
    status: str
    rank: int
    reference: str | None = None
    detail: str | None = None
    redials_s: tuple[float, ...] = ()


async def record_receipt(ledger: Ledger, told: Told) -> bool:
    """Keep a receipt and move its delivery on; False when it was known already or unknown to us.

    In whatever order receipts come, and however often, the delivery ends in the same state: within
    an attempt the strongest one counts, and the failure of an older attempt closes nothing.
    """
    key = and_(deliveries.c.commune == told.commune, deliveries.c.delivery_id == told.delivery_id)
    async with ledger.writing() as connection:
        # PostgreSQL: receipts of one delivery wait for each other.
        held = await connection.execute(select(deliveries.c.attempts).where(key).with_for_update())
        begun = held.scalar_one_or_none()
        if begun is None or not 1 <= told.number <= begun or not await _keep(connection, told):
            return False
        rows = await connection.execute(
            select(receipts.c.number, receipts.c.status).where(
                receipts.c.commune == told.commune, receipts.c.delivery_id == told.delivery_id
            )
        )
        kept = [(row.number, row.status) for row in rows]
        if _strongest(told, kept) and not _outdated(told, kept, begun=begun):
            newest = told.number == begun
            elsewhere = newest and told.status in _FAILURES and await _elsewhere(connection, key)
            again_s = 0.0 if elsewhere else _again_s(told, kept)
            move = _move_on(told, newest=newest, again_s=again_s, elsewhere=elsewhere)
            await connection.execute(move.where(key))
        ledger.passing(CrashPoint.CP8)
    return True


async def _elsewhere(connection: AsyncConnection, key: ColumnElement[bool]) -> bool:
    """Tell whether another account may still reach whom this one did not."""
    untried = select(deliveries.c.delivery_id).where(key, another_is_there())
    return (await connection.execute(untried)).first() is not None


async def _keep(connection: AsyncConnection, told: Told) -> bool:
    # RETURNING: PostgreSQL's driver tells no row count of an INSERT.
    kept = await connection.execute(
        insert_for(connection, receipts)
        .values(
            commune=told.commune,
            delivery_id=told.delivery_id,
            number=told.number,
            status=told.status,
            detail=told.detail and told.detail[:120],
            received_at=db_now(),
        )
        .on_conflict_do_nothing()
        .returning(receipts.c.number)
    )
    return kept.first() is not None


def _strongest(told: Told, kept: Sequence[tuple[int, str]]) -> bool:
    of_attempt = [status for number, status in kept if number == told.number]
    return told.status == max(of_attempt, key=_STRENGTH.index)


def _outdated(told: Told, kept: Sequence[tuple[int, str]], *, begun: int) -> bool:
    """Tell whether a newer attempt has failed since: only a delivery still counts then."""
    newest_failed = any(number == begun and status in _FAILURES for number, status in kept)
    return newest_failed and told.number < begun and told.status != "delivered"


def _again_s(told: Told, kept: Sequence[tuple[int, str]]) -> float | None:
    ended = sum(status == told.status for _, status in kept)
    return told.redials_s[ended - 1] if ended <= len(told.redials_s) else None


def _open_to(told: Told, *, newest: bool) -> ColumnElement[bool]:
    """Return the condition that this receipt, the strongest of its attempt, moves the delivery.

    A delivery that was cancelled, expired or suppressed stays so.
    """
    if told.status == "delivered":
        return deliveries.c.state.in_((*_UNSETTLED, "accepted", *_FAILURES))
    if told.status in _ENDS:
        # The failure of an older attempt does not close the newer one.
        return deliveries.c.state.in_((*_UNSETTLED, "accepted", *_FAILURES) if newest else ())
    moved = deliveries.c.state.in_((*_UNSETTLED, "accepted") if newest else _UNSETTLED)
    return and_(moved, deliveries.c.rank <= told.rank)


def _move_on(
    told: Told, *, newest: bool, again_s: float | None, elsewhere: bool = False
) -> Update:  # fmt: skip
    failed = told.status in _FAILURES
    reason = told.detail[:REASON_CHARS] if failed and told.detail else None
    nothing = dict.fromkeys(("owner", "lease_until", "doubt_at", "unreadable_at"))
    free = {**nothing, "reason": reason}
    statement = update(deliveries).where(_open_to(told, newest=newest))
    if again_s is not None:
        wait = db_now() + again_s
        if elsewhere:
            by = deliveries.c.failed_by + mark_of(func.coalesce(deliveries.c.provider, ""))
            statement = statement.values(failed_by=by, tried="")
        return statement.values(
            state="ready", next_at=wait, rank=0, status=None, settled_at=None, **free
        )
    known = (told.reference, deliveries.c.reference)
    unsettled = deliveries.c.state.in_(_UNSETTLED)  # so this is what accepts it: no look was made
    return statement.values(
        looks=case((unsettled, 0), else_=deliveries.c.looks),
        next_at=case((unsettled, db_now()), else_=deliveries.c.next_at),
        state=told.status if told.status in _ENDS else "accepted",
        status=told.status,
        rank=told.rank,
        reference=func.coalesce(*known if newest else reversed(known)),
        accepted_at=func.coalesce(deliveries.c.accepted_at, db_now()),
        settled_at=db_now() if told.status in _ENDS else None,
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
    household (`recipients`). Nobody of them is pursued any further.
    """

    def act(connection: Connection) -> Answered | None:
        return keep_answer(connection, commune=commune, delivery_id=delivery_id, kind=kind, via=via)

    return await ledger.write_together(act)


_ANSWERED = (
    select(deliveries.c.version_id, deliveries.c.contact_mark, deliveries.c.route)
    .where(
        deliveries.c.commune == bindparam("of_commune"),
        deliveries.c.delivery_id == bindparam("of_delivery"),
    )
    .with_for_update()
)
_ANSWER = {
    dialect: insert_in(dialect, answers)
    .values(answered_at=db_now())
    .on_conflict_do_nothing()
    .returning(answers.c.kind)
    for dialect in DIALECTS
}


def keep_answer(
    connection: Connection, *, commune: str, delivery_id: str, kind: str, via: str
) -> Answered | None:
    """Do what `record_answer` does, in a transaction that keeps more than the answer.

    Help asked for again is no new answer, but somebody has to call: each time it is a call for help
    (`help_calls.py`).
    """
    # Held until the end: the pursuit passes by who is answering.
    row = connection.execute(_ANSWERED, {"of_commune": commune, "of_delivery": delivery_id}).first()
    if row is None:
        return None
    told = {"commune": commune, "delivery_id": delivery_id, "kind": kind, "via": via}
    kept = connection.execute(_ANSWER[connection.dialect.name], told)
    new = kept.first() is not None
    if new:
        stop_pursuit(connection, commune=commune, version_id=row[0], delivery_id=delivery_id)
        if row.route == "live" and row.contact_mark:  # nobody holds what a rehearsal pretends
            confirm_contact(connection, commune=commune, mark=row.contact_mark)
    if kind == HELP:
        keep_cry(connection, Cry(commune, via, row.contact_mark, row.version_id, delivery_id))
    return Answered(commune, delivery_id, row[0], new)


async def delivery_of_answer(ledger: Ledger, page: str) -> tuple[str, str] | None:
    """Find the commune and delivery that an answering page belongs to."""
    async with ledger.reading() as connection:
        row = (
            await connection.execute(
                select(deliveries.c.commune, deliveries.c.delivery_id).where(of_page(page))
            )
        ).first()
    return (row[0], row[1]) if row else None
