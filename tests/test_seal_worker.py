"""A worker that runs seals what has ended, beside what it sends."""

import asyncio
import signal
import time
from pathlib import Path

from dispatcher.store import logbook, seals
from dispatcher.store.ledger import Ledger
from tests.driven_worker import QUICK, Worker
from tests.outgoing import COMMUNE, Plan, crowd, planned
from tests.sealed import hasten, settle, verified
from tests.sms_operator import order_for, sms_operator


async def test_a_running_worker_tells_the_seal_that_is_due(
    ledger: Ledger, ledger_url: str, unused_tcp_port: int, tmp_path: Path
) -> None:
    await planned(ledger, Plan(crowd(4)))
    await settle(ledger, [0, 1, 2])
    await seals.open_seals(ledger)
    await hasten(ledger, until=time.time() - 5)
    redis = f"redis://127.0.0.1:{unused_tcp_port}"
    async with sms_operator(tmp_path) as operator:
        order = order_for(
            operator.url, ledger_url=ledger_url, redis_url=redis, rate=10.0, timing=QUICK
        )
        worker = Worker(order, tmp_path)
        await worker.start()
        try:
            async with asyncio.timeout(30):
                while not (lines := await _sealed(ledger)):
                    await asyncio.sleep(0.2)
        finally:
            await worker.end(signal.SIGTERM)
    assert lines[0].data["states"] == {"delivered": 3}
    assert (await verified(ledger)).proof.deliveries == 3


async def _sealed(ledger: Ledger) -> list[logbook.Line]:
    return [one for one in await logbook.read(ledger, COMMUNE) if one.kind == seals.SEALED]
