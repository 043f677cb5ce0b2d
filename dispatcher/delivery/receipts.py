"""Receipts of providers: read from a genuine token, kept once, acted on by rank."""

from channels.contract import Receipt, Status
from dispatcher.delivery.retries import REDIAL_REASONS, redial_wait_s
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, read_attempt
from dispatcher.store.ledger import Ledger
from dispatcher.store.receipts import Told, record_receipt


async def receive(ledger: Ledger, keys: TokenKeys, token: str, receipt: Receipt) -> bool:
    """Keep a provider's word on an attempt; False when it is known already or not ours.

    Returns after the commit: the caller answers the provider 2xx only then (CP8).
    """
    named = read_attempt(keys, token)
    if named is None:
        return False
    status = receipt.status
    told = Told(
        named.commune,
        named.delivery_id,
        named.number,
        status.value,
        status.rank,
        receipt.reference,
        receipt.detail,
        again_s=_redial(named, receipt),
    )
    return await record_receipt(ledger, told)


def _redial(named: NamedAttempt, receipt: Receipt) -> float | None:
    """Call again who was busy or did not pick up: +2, +5, +15 min (DELIVERY §4)."""
    if receipt.status is Status.UNDELIVERED and receipt.detail in REDIAL_REASONS:
        return redial_wait_s(named.number)
    return None
