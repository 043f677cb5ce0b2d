"""Old and new workers together: whoever is older than the ledger leaves it alone (F35)."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from dispatcher.delivery import restoration
from dispatcher.delivery.drain import drain
from dispatcher.store import edition, health
from dispatcher.store.edition import EDITION, OtherEdition
from dispatcher.store.ledger import Ledger
from dispatcher.store.migrate import HERE, migrate
from dispatcher.store.results import results
from tests.driven_worker import QUICK, Order, Worker
from tests.fake_channel import FakeChannel, door, once_each
from tests.outgoing import COMMUNE, Plan, crowd, launched, phone, planned, rows
from tests.sms_operator import SmsOperator, order_for, sms_operator

NEWER, PEOPLE, RATE = "9999", 120, 60.0


async def upgrade(ledger: Ledger, to: str = NEWER) -> None:
    """Do what a newer program does last when it brings a ledger up to date."""
    async with ledger.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": to})


def test_the_edition_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    assert ScriptDirectory.from_config(config).get_current_head() == EDITION


async def test_no_window_begins_on_a_newer_ledger_and_its_rows_are_the_newer_workers(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await planned(ledger, Plan(crowd(3)))
    await upgrade(ledger)
    channel = FakeChannel()
    await drain(door(ledger, channel))
    assert channel.calls == 0
    assert {(row["state"], row["attempts"]) for row in await rows(ledger)} == {("claimed", 0)}
    with pytest.raises(OtherEdition):
        await restoration.until_let_go(ledger)
    monkeypatch.setattr(edition, "EDITION", NEWER)
    await restoration.until_let_go(ledger)


async def test_a_monitor_is_told_that_a_newer_program_has_the_ledger(ledger: Ledger) -> None:
    await upgrade(ledger)
    assert (await health.fault(ledger) or "").startswith("of another edition")


async def test_an_older_program_does_not_start_on_a_newer_ledger(
    ledger: Ledger, ledger_url: str
) -> None:
    await upgrade(ledger)
    with pytest.raises(OtherEdition, match="installez partout la version la plus récente"):
        await migrate(ledger_url)


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[SmsOperator]:
    async with sms_operator(tmp_path) as one:
        yield one


async def test_old_and_new_workers_together_lose_nobody_and_send_no_copy(
    ledger: Ledger, ledger_url: str, operator: SmsOperator, unused_tcp_port: int, tmp_path: Path
) -> None:
    redis = f"redis://127.0.0.1:{unused_tcp_port}"
    old = order_for(operator.url, ledger_url=ledger_url, redis_url=redis, rate=RATE, timing=QUICK)
    version = await launched(ledger, Plan(crowd(PEOPLE), block=40))
    async with AsyncExitStack() as stack:
        before = await _started(old, tmp_path / "old", stack)
        while await operator.accepted() < PEOPLE // 4:
            await asyncio.sleep(0.01)
        await upgrade(ledger)
        after = await _started(replace(old, edition=NEWER), tmp_path / "new", stack)
        assert await before.died() != 0  # by itself, while the newer one goes on
        assert "OtherEdition" in before.said
        async with asyncio.timeout(60):
            while (await results(ledger, COMMUNE, version.version_id)).states != {
                "accepted": PEOPLE
            }:
                await asyncio.sleep(0.1)
        assert "OtherEdition" not in after.said
    assert operator.copies() == once_each(map(phone, range(PEOPLE)))


async def _started(order: Order, folder: Path, stack: AsyncExitStack) -> Worker:
    folder.mkdir()
    worker = Worker(order, folder)
    await worker.start()
    stack.push_async_callback(worker.end, signal.SIGKILL)
    return worker
