"""Receipts of providers: read from a genuine token, kept once, acted on by rank."""

from channels.contract import Receipt, Status
from dispatcher.delivery.retries import REDIAL_REASONS, REDIAL_S
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, read_attempt
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.ledger import Ledger
from dispatcher.store.receipts import Told, record_receipt


async def receive(ledger: Ledger, keys: TokenKeys, token: str, receipt: Receipt) -> bool:
    """Keep a provider's word on an attempt; False when it is known already or not ours.

    Returns after the commit: the caller answers the provider 2xx only then (CP8).
    """
    ledger.passing(CrashPoint.CP7)
    named = read_attempt(keys, token)
    if named is None:
        return False
    return await record_receipt(ledger, told_of(named, receipt))


def told_of(named: NamedAttempt, receipt: Receipt) -> Told:
    """Return a provider's word on an attempt as the ledger keeps it.

    Who was busy or did not pick up is called again: +2, +5, +15 min (DELIVERY §4).
    """
    status = receipt.status
    busy = status is Status.UNDELIVERED and receipt.detail in REDIAL_REASONS
    return Told(
        named.commune,
        named.delivery_id,
        named.number,
        status.value,
        status.rank,
        receipt.reference,
        receipt.detail,
        redials_s=REDIAL_S if busy else (),
    )
