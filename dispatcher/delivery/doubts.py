"""Lost answers: look the attempt up before any second copy, and give up rather than guess."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

import structlog

from channels.contract import Address, Attempt, Channel, NotAccepted, Receipt
from dispatcher.delivery.receipts import told_of
from dispatcher.delivery.retries import MOST_DOUBTS, Dice, unsent_wait_s
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, attempt_token
from dispatcher.store import lookups
from dispatcher.store.claims import POISON_AFTER
from dispatcher.store.ledger import Ledger
from dispatcher.store.lookups import Doubtful
from dispatcher.store.names import delivery_id
from dispatcher.store.personal import contact_mark
from dispatcher.store.receipts import record_receipt
from dispatcher.store.restoring import RESTORED

LOOKS = 2
AT_ONCE = 8  # look-ups: a provider that hangs holds up few
DICE = Dice(random.Random())  # noqa: S311 - spreads retries, guards nothing

log = structlog.get_logger(__name__)


class Desk(Protocol):
    """What gives back the words that an attempt carried."""

    async def text(self, row: Doubtful) -> str:
        """Return the text of this delivery."""


async def resolve(
    ledger: Ledger,
    accounts: Mapping[str, Channel],
    *,
    keys: TokenKeys,
    desk: Desk,
    route: str = "live",
) -> int:
    """Look up every doubtful delivery of a route that is due; return how many were handled.

    `accounts` are all of that route: what none of them sent has no record left to read.

    Runbook: many of these mean that a provider accepts and does not answer. Read its status page;
    nothing needs to be done here: what is found is settled, what is not is sent again, and what
    can be neither is listed as not reached.
    """
    due = await lookups.doubtful(ledger, route=route)
    lately = await lookups.lately(ledger) if due else ()
    places = asyncio.Semaphore(AT_ONCE)
    of_contact: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def one(row: Doubtful) -> None:
        # One by one: the first takes what was found, the next is told so.
        async with of_contact[row.contact], places:
            asked = _asked(accounts, row)
            known = await _of_others(ledger, row, lately)
            await _resolve_one(ledger, row, asked=asked, known=known, words=(keys, desk))

    await asyncio.gather(*map(one, due))
    return len(due)


async def _of_others(
    ledger: Ledger, row: Doubtful, lately: Sequence[tuple[str, str]]
) -> frozenset[str]:
    """Return the references of what other alerts sent to this contact by this medium.

    A provider's list shows no words of a call, and of two texts the same: what is known to be of
    another alert is not taken for this one's.
    """
    mark = contact_mark(ledger.ring, row.contact)
    others = [
        (commune, delivery_id(f"{commune}{version}", row.medium, mark))
        for commune, version in lately
        if (commune, version) != (row.commune, row.version_id)
    ]
    return await lookups.references(ledger, others)


async def _resolve_one(
    ledger: Ledger,
    row: Doubtful,
    *,
    asked: Sequence[Channel],
    known: frozenset[str],
    words: tuple[TokenKeys, Desk],
) -> None:
    keys, desk = words
    records = [one for one in asked if one.looks_up]
    if not records:
        await _unreadable(ledger, row)  # an account gone from the settings, or one without records
        return
    named = NamedAttempt(row.commune, row.delivery_id, row.attempts)
    attempt = Attempt(
        attempt_token(keys, named),
        Address(row.medium, row.contact),
        await desk.text(row),
        datetime.fromtimestamp(row.started_at, UTC),
        until=datetime.now(UTC) if row.reason == RESTORED else None,
        known=known,
    )
    try:
        receipt = await _found(records, attempt)
    except NotAccepted as refusal:
        log.warning("delivery.look_up_failed", delivery=row.delivery_id, code=refusal.code)
        if row.unreadable_s < ledger.timing.unreadable_s:
            await lookups.look_later(ledger, row, delay_s=ledger.timing.first_look_s)
        else:
            await _unreadable(ledger, row)
        return
    if receipt is not None:
        await record_receipt(ledger, told_of(named, receipt))
    elif row.looks + 1 < LOOKS:
        await lookups.look_again(ledger, row)
    elif row.deaths >= POISON_AFTER or len(records) < len(asked):  # or left by one without records
        await _unreadable(ledger, row)
    else:  # surely not there: as unsent as a refused connection
        wait_s = unsent_wait_s(row.medium, row.attempts, DICE)
        await lookups.send_again(ledger, row, delay_s=wait_s, absent=True)


def _asked(accounts: Mapping[str, Channel], row: Doubtful) -> Sequence[Channel]:
    """Return whose records to read: of a restored ledger, each account that may have sent it."""
    if row.reason == RESTORED:
        return [one for one in accounts.values() if one.medium == row.medium]
    channel = accounts.get(row.provider)
    return [] if channel is None else [channel]


async def _found(asked: Sequence[Channel], attempt: Attempt) -> Receipt | None:
    for channel in asked:
        if (receipt := await channel.find(attempt)) is not None:
            return receipt
    return None


async def _unreadable(ledger: Ledger, row: Doubtful) -> None:
    """Send again where no record can tell, unless that could make too many copies."""
    if row.deaths >= POISON_AFTER:
        await lookups.give_up(ledger, row, reason="poison")
    elif row.doubts >= MOST_DOUBTS[row.medium]:
        await lookups.give_up(ledger, row, reason="uncertain")
    else:
        await lookups.send_again(ledger, row, delay_s=0.0, absent=False)
