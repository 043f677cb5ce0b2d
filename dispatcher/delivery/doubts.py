"""Lost answers: look the attempt up before any second copy, and give up rather than guess."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

import structlog

from channels.contract import Address, Attempt, Channel, NotAccepted
from dispatcher.delivery.retries import CAN_LOOK, MOST_DOUBTS
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, attempt_token
from dispatcher.store import lookups
from dispatcher.store.ledger import Ledger
from dispatcher.store.lookups import Doubtful

LOOK_AGAIN_S = 15.0
LOOKS = 2

log = structlog.get_logger(__name__)


class Desk(Protocol):
    """What gives back the words that an attempt carried."""

    async def text(self, row: Doubtful) -> str:
        """Return the text of this delivery."""


async def resolve(
    ledger: Ledger, accounts: Mapping[str, Channel], *, keys: TokenKeys, desk: Desk
) -> int:
    """Look up every doubtful delivery that is due; return how many were handled.

    Runbook: many of these mean that a provider accepts and does not answer. Read its status page;
    nothing needs to be done here: what is found is settled, what is not is sent again, and what
    can be neither is listed as not reached.
    """
    due = await lookups.doubtful(ledger)
    for row in due:
        await _resolve_one(ledger, row, channel=accounts.get(row.provider), keys=keys, desk=desk)
    return len(due)


async def _resolve_one(
    ledger: Ledger, row: Doubtful, *, channel: Channel | None, keys: TokenKeys, desk: Desk
) -> None:
    if channel is None:  # an account that is no longer configured: nobody can look there
        await _not_there(ledger, row, looked=False)
        return
    named = NamedAttempt(row.commune, row.delivery_id, row.attempts)
    attempt = Attempt(
        attempt_token(keys, named),
        Address(row.medium, row.contact),
        await desk.text(row),
        datetime.fromtimestamp(row.started_at, UTC),
    )
    try:
        receipt = await channel.find(attempt)
    except NotAccepted as refusal:
        log.warning("delivery.look_up_failed", delivery=row.delivery_id, code=refusal.code)
        await lookups.look_later(ledger, row, delay_s=LOOK_AGAIN_S)
        return
    if receipt is None:
        await _not_there(ledger, row, looked=row.medium in CAN_LOOK)
        return
    status = receipt.status
    await lookups.found(
        ledger, row, reference=receipt.reference, status=status.value, rank=status.rank
    )


async def _not_there(ledger: Ledger, row: Doubtful, *, looked: bool) -> None:
    """Look a second time where one can; then send again, unless the doubts are too many."""
    if looked and row.looks + 1 < LOOKS:
        await lookups.not_found(ledger, row, state="unknown", reason=None)
    elif row.doubts >= MOST_DOUBTS[row.medium]:
        await lookups.not_found(ledger, row, state="exhausted", reason="uncertain")
    else:
        await lookups.not_found(ledger, row, state="ready", reason=None)
