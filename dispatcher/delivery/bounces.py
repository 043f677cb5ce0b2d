"""Bounces: a mail that did not arrive is no better than an SMS that did not.

What comes to the bounce address is anyone's: only a token that we made, for an attempt at an
e-mail, moves anything, and it moves that delivery alone. The same message ten times is one.

Runbook: `bounce.set_aside` with `no-token` or `forged` tells of a notification that cannot be tied
to a mail of ours: it is still in the mailbox, untouched. Many of them mean that a relay on the way
drops what it should return: give the account a `bounces` address with {token} in it.
"""

from dataclasses import dataclass

import structlog

from channels.bounces import Bounce, NoBounce, read_bounce
from channels.contract import Status
from dispatcher.delivery.receipts import told_of
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, read_attempt
from dispatcher.store import mailboxes
from dispatcher.store.ledger import Ledger
from dispatcher.store.receipts import record_receipt

MOST_ATTEMPTS = 1_000_000  # no real one comes near

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Taken:
    """What became of a message: `delivery` is what it told of, `reason` why it told of nothing."""

    delivery: str = ""
    reason: str = ""
    new: bool = False

    @property
    def outcome(self) -> str:
        """Say it in a word: taken, known already, or set aside."""
        if not self.delivery:
            return "set_aside"
        return "taken" if self.new else "known"


async def take_bounce(ledger: Ledger, keys: TokenKeys, raw: bytes) -> Taken:
    """Act on one message from the bounce address, whatever it is; returns after the commit."""
    try:
        bounce = read_bounce(raw)
    except NoBounce as error:
        return _set_aside(error.reason)
    named = await _named(ledger, keys, bounce)
    if named is None:
        return _set_aside("forged" if bounce.tokens else "no-token")
    if await mailboxes.mail_attempts(ledger, named.commune, named.delivery_id) is None:
        return _set_aside("no-such-mail")
    new = False
    for receipt in bounce.receipts:
        new |= await record_receipt(ledger, told_of(named, receipt))
    worst = max(bounce.receipts, key=lambda one: list(Status).index(one.status))
    log.info(
        "bounce.taken",
        delivery=named.delivery_id,
        status=worst.status.value,
        code=worst.detail,
        new=new,
    )
    return Taken(named.delivery_id, new=new)


def _set_aside(reason: str) -> Taken:
    log.warning("bounce.set_aside", reason=reason)
    return Taken(reason=reason)


async def _named(ledger: Ledger, keys: TokenKeys, bounce: Bounce) -> NamedAttempt | None:
    """Return the attempt that a bounce is of: by a token of ours, else by the mail's Message-ID.

    That one is the delivery's own id, which only its reader was told, and the same for all
    attempts: it names one where there was only one.
    """
    for token in bounce.tokens:
        named = read_attempt(keys, token)
        if named is not None and named.number <= MOST_ATTEMPTS:
            return named
    delivery_id = bounce.message_id.partition("@")[0]
    if bounce.tokens or not delivery_id:
        return None
    commune = await mailboxes.commune_of_mail(ledger, delivery_id)
    if commune is None or await mailboxes.mail_attempts(ledger, commune, delivery_id) != 1:
        return None
    return NamedAttempt(commune, delivery_id, 1)
