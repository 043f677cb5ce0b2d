"""A window of sends: the intent before the first byte, the settlement after the answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, case, exists, insert, or_, select, update

from dispatcher.store.claims import Claimed, still_held
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import attempts, deliveries, recipients, versions
from dispatcher.store.tables import persons

_version = and_(
    versions.c.commune == deliveries.c.commune, versions.c.version_id == deliveries.c.version_id
)
_cancelled = exists().where(_version, versions.c.state == "cancelled")
_expired = exists().where(_version, versions.c.expires_at <= db_now())
_reader = (
    select(recipients.c.person_id)
    .join(
        persons,
        and_(
            persons.c.commune == recipients.c.commune,
            persons.c.person_id == recipients.c.person_id,
        ),
    )
    .where(
        recipients.c.commune == deliveries.c.commune,
        recipients.c.delivery_id == deliveries.c.delivery_id,
        persons.c.unsubscribed_at.is_(None),
    )
)
_suppressed = ~exists(_reader)  # nobody behind this contact wants it any more (fault F33)


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
    provider: str = ""
    reference: str | None = None
    status: str | None = None
    rank: int = 0
    reason: str | None = None
    doubt: bool = False


async def intend(
    ledger: Ledger, window: Sequence[Claimed], *, owner: str, provider: str
) -> list[Intended]:
    """Commit that these will be sent; leave out, and close, what may not leave any more.

    A row whose version was cancelled or expired, or whose every reader unsubscribed, is settled
    here; a row whose lease was lost is simply not returned.
    """
    held = [row.held for row in window]
    mine = and_(still_held(held), deliveries.c.owner == owner, deliveries.c.state == "claimed")
    close = (
        update(deliveries)
        .where(mine, or_(_cancelled, _expired, _suppressed))
        .values(
            state=case((_cancelled, "cancelled"), (_expired, "expired"), else_="suppressed"),
            settled_at=db_now(),
            owner=None,
            lease_until=None,
        )
    )
    begin = (
        update(deliveries)
        .where(mine)
        .values(
            state="sending",
            attempts=deliveries.c.attempts + 1,
            looks=0,
            provider=provider,
            lease_until=db_now() + ledger.timing.send_lease_s,
        )
        .returning(deliveries.c.commune, deliveries.c.delivery_id, deliveries.c.attempts)
    )
    async with ledger.writing() as connection:
        await connection.execute(close)
        numbers = {(row[0], row[1]): row[2] for row in await connection.execute(begin)}
        intended = [
            Intended(row, numbers[row.commune, row.delivery_id])
            for row in window
            if (row.commune, row.delivery_id) in numbers
        ]
        if intended:
            await connection.execute(
                insert(attempts).values(started_at=db_now()),
                [
                    {
                        "commune": one.claimed.commune,
                        "delivery_id": one.claimed.delivery_id,
                        "number": one.number,
                        "provider": provider,
                    }
                    for one in intended
                ],
            )
    return intended


_settle = (
    update(deliveries)
    .where(
        deliveries.c.commune == bindparam("k_commune"),
        deliveries.c.delivery_id == bindparam("k_delivery"),
        deliveries.c.fence == bindparam("k_fence"),
        deliveries.c.owner == bindparam("k_owner"),
        deliveries.c.state == "sending",
    )
    .values(
        state=bindparam("v_state"),
        next_at=db_now() + bindparam("v_delay"),
        reference=bindparam("v_reference"),
        status=bindparam("v_status"),
        rank=bindparam("v_rank"),
        reason=bindparam("v_reason"),
        doubts=deliveries.c.doubts + bindparam("v_doubt"),
        accepted_at=case((bindparam("v_accepted") == 1, db_now()), else_=None),
        settled_at=case((bindparam("v_final") == 1, db_now()), else_=None),
        owner=None,
        lease_until=None,
    )
)
_close_attempt = (
    update(attempts)
    .where(
        attempts.c.commune == bindparam("k_commune"),
        attempts.c.delivery_id == bindparam("k_delivery"),
        attempts.c.number == bindparam("k_number"),
    )
    .values(
        ended_at=db_now(),
        outcome=bindparam("v_outcome"),
        reference=bindparam("v_reference"),
        detail=bindparam("v_reason"),
    )
)
FINAL = frozenset(
    ("delivered", "undelivered", "failed", "cancelled", "expired", "suppressed", "exhausted")
)


def _values(outcome: Outcome, owner: str) -> dict[str, object]:
    claimed = outcome.intended.claimed
    return {
        "k_commune": claimed.commune,
        "k_delivery": claimed.delivery_id,
        "k_fence": claimed.fence,
        "k_owner": owner,
        "v_state": outcome.state,
        "v_delay": outcome.delay_s,
        "v_reference": outcome.reference,
        "v_status": outcome.status,
        "v_rank": outcome.rank,
        "v_reason": outcome.reason,
        "v_doubt": int(outcome.doubt),
        "v_accepted": int(outcome.state in ("accepted", "delivered")),
        "v_final": int(outcome.state in FINAL),
    }


def _attempt_values(outcome: Outcome) -> dict[str, object]:
    return {
        "k_commune": outcome.intended.claimed.commune,
        "k_delivery": outcome.intended.claimed.delivery_id,
        "k_number": outcome.intended.number,
        "v_outcome": outcome.outcome,
        "v_reference": outcome.reference,
        "v_reason": outcome.reason,
    }


async def settle(ledger: Ledger, outcomes: Sequence[Outcome], *, owner: str) -> None:
    """Write what became of a window, in one transaction.

    A row that moved on meanwhile (an early receipt, a lease lost) keeps its newer state.
    """
    if not outcomes:
        return
    async with ledger.writing() as connection:
        await connection.execute(_settle, [_values(one, owner) for one in outcomes])
        await connection.execute(_close_attempt, [_attempt_values(one) for one in outcomes])
