"""What still waits of an alert that ended is closed, also what comes back to the queue later."""

import asyncio
from collections import Counter

from dispatcher.delivery.planning import materialise_next
from dispatcher.store import claims, endings
from dispatcher.store.ledger import Ledger
from tests.outgoing import Plan, cancelled, crowd, launched, planned, rows


async def states(ledger: Ledger) -> Counter[str]:
    return Counter(str(row["state"]) for row in await rows(ledger))


async def test_what_a_worker_held_at_the_cancel_is_closed_once_it_comes_back(
    ledger: Ledger,
) -> None:
    version = await planned(ledger, Plan(crowd(5)))
    held = await claims.claim(ledger, route="live", medium="sms", owner="w", limit=2)
    await cancelled(ledger, version)
    closed: set[tuple[str, str]] = set()
    assert await endings.sweep(ledger, closed=closed) == 3
    assert closed == set()
    await claims.release(ledger, [row.held for row in held], owner="w")
    await endings.sweep(ledger, closed=closed)
    assert await states(ledger) == {"cancelled": 5}
    assert await endings.sweep(ledger, closed=closed) == 0
    assert closed == {(version.commune, version.version_id)}  # not looked at again


async def test_what_is_made_of_an_expired_alert_is_closed_too(ledger: Ledger) -> None:
    await launched(ledger, Plan(crowd(4), block=2, lifetime_s=0.3))
    await asyncio.sleep(0.4)
    closed: set[tuple[str, str]] = set()
    for _ in range(2):
        await endings.sweep(ledger, closed=closed)
        await materialise_next(ledger)
    await endings.sweep(ledger, closed=closed)
    assert await states(ledger) == {"expired": 4}


async def test_no_more_than_asked_are_closed_at_once(ledger: Ledger) -> None:
    await cancelled(ledger, await planned(ledger, Plan(crowd(5))))
    assert [await endings.sweep(ledger, limit=2) for _ in range(4)] == [2, 2, 1, 0]
