"""Sealing: once a minute, and when an alert is over, what has ended is vouched for in the logbook.

Runbook: `sealing.sealed` tells each seal. A worker that dies over one is replaced after 30 s, and
no delivery is in two seals, or in none. Nothing here stands in the way of what is being sent.
"""

import asyncio
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.store import evidence, seals
from dispatcher.store.ledger import Ledger
from dispatcher.store.seals import LeaseLost

ASK_EVERY_S = 5.0

log = structlog.get_logger(__name__)


async def go_on_sealing(ledger: Ledger, *, key: bytes, holder: str) -> None:
    """Seal what is due, until cancelled; a ledger out of reach is asked again."""
    while True:
        try:
            await seal_due(ledger, key=key, holder=holder)
        except (SQLAlchemyError, OSError) as error:
            log.warning("sealing.ledger", error=type(error).__name__)
        await asyncio.sleep(ASK_EVERY_S)


async def seal_due(ledger: Ledger, *, key: bytes, holder: str) -> list[dict[str, Any]]:
    """Fill and tell each commune's seal that is due; return what was told."""
    await seals.open_seals(ledger)
    told = []
    for commune in await seals.due(ledger):
        try:
            one = await _seal(ledger, commune, key=key, holder=holder)
        except LeaseLost:
            continue  # another worker is at it
        if one is not None:
            told.append(one)
            log.info("sealing.sealed", commune=commune, seal=one["seal"], count=one["count"])
    return told


async def _seal(ledger: Ledger, commune: str, *, key: bytes, holder: str) -> dict[str, Any] | None:
    filling = await seals.take(ledger, commune, holder=holder)
    if filling is None:
        return None
    over = await seals.over(ledger, commune)
    await evidence.fill(ledger, filling, key=key)
    closed = [
        version for version in over if await evidence.fill_whole(ledger, filling, version, key=key)
    ]
    return await seals.tell(ledger, filling, closed=closed, key=key)
