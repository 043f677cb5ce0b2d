"""A fan-out by a real worker, watched from outside: how far the operator and the ledger came."""

import asyncio

from dispatcher.store.ledger import Ledger
from dispatcher.store.versions import Version, version_by_id
from tests.outgoing import COMMUNE
from tests.sms_operator import SmsOperator


async def ended(ledger: Ledger, version: Version, *, within_s: float = 60) -> None:
    """Wait until all of a version has left or ended."""
    async with asyncio.timeout(within_s):
        while True:
            found = await version_by_id(ledger, COMMUNE, version.version_id)
            if found is not None and found.finished_at is not None:
                return
            await asyncio.sleep(0.1)


async def taken(operator: SmsOperator, number: int) -> None:
    """Wait until the operator took so many messages."""
    async with asyncio.timeout(20):
        while await operator.accepted() < number:
            await asyncio.sleep(0.02)
