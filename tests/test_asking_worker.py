"""A worker whose providers never call back learns what became of its messages all the same."""

import asyncio
from dataclasses import replace
from pathlib import Path

from dispatcher.store.ledger import Ledger
from tests.channel_accounts import http_sms
from tests.driven_worker import QUICK, Order, working
from tests.outgoing import Plan, crowd, planned, rows
from tests.sandbox_process import running_sandbox

SOON = {**vars(QUICK), "first_ask_s": 0.5}


async def test_callbacks_that_never_come_are_made_up_for_by_asking(
    ledger: Ledger, ledger_url: str, unused_tcp_port: int, tmp_path: Path
) -> None:
    async with running_sandbox(tmp_path) as sandbox:
        for provider in ("sms", "texto", "voice"):
            await sandbox.faults(provider, "no_receipts")
        nowhere = f"redis://127.0.0.1:{unused_tcp_port}"
        order = Order.of(
            sandbox, ledger_url=ledger_url, redis_url=nowhere, media=("sms", "voice")
        ).beside(http_sms(sandbox))
        await planned(ledger, Plan(crowd(8), (("sms",), ("voice",))))
        async with working(replace(order, timing=SOON), tmp_path):
            async with asyncio.timeout(60):
                while {row["state"] for row in await rows(ledger)} != {"delivered"}:
                    await asyncio.sleep(0.2)
        found = await rows(ledger)
    assert len(found) == 16
    assert {row["provider"] for row in found} >= {"sandbox-sms", "sandbox-voice", "http-sms"}
