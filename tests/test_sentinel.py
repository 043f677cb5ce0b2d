"""An alarm when work is open and nothing moves, whoever hangs; with real ledgers and processes."""

import ast
import asyncio
import json
import shutil
import signal
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from channels.contract import Pace, Unit
from dispatcher.alarms import words
from dispatcher.alarms.sentinel import Sentinel
from dispatcher.alarms.silence import Verdict
from dispatcher.delivery.drain import drain
from dispatcher.store import alarms, claims, logbook, restoring, windows
from dispatcher.store.alarm_tables import alarms as table
from dispatcher.store.ledger import Ledger
from tests.driven_worker import QUICK, Worker
from tests.fake_channel import LOST, UNAVAILABLE, FakeChannel, door
from tests.keyring import opened
from tests.outgoing import (
    COMMUNE,
    LOGBOOK_KEY,
    Plan,
    cancelled,
    crowd,
    launched,
    phone,
    planned,
    rows,
)
from tests.real_parts import ROOT
from tests.sentinels import ON_DUTY, QUIET_S, nobody, on_watch, post, reached_by, until
from tests.sms_operator import order_for, sms_operator

PEOPLE = 150


async def kinds(ledger: Ledger) -> list[str]:
    return [one.raised.kind for one in await alarms.standing(ledger)]


async def alarmed(ledger: Ledger, folder: Path) -> list[str]:
    """Watch until an alarm was told, and give the kinds of those that stand then."""
    async with on_watch([Sentinel(post(ledger, folder))]), asyncio.timeout(15):
        while not any(one.told for one in await alarms.standing(ledger)):
            await asyncio.sleep(0.05)
    return await kinds(ledger)


async def seen_meanwhile(ledger: Ledger, folder: Path, *, seconds: float) -> list[str]:
    """Watch for a while, and give the kinds of the alarms that stand then."""
    async with on_watch([Sentinel(post(ledger, folder))]):
        await asyncio.sleep(seconds)
    return await kinds(ledger)


@pytest.mark.alone("a worker at work is never quiet for two seconds")
async def test_frozen_workers_are_told_once_by_whoever_is_not_frozen_and_again_the_next_time(
    ledger: Ledger, ledger_url: str, unused_tcp_port: int, tmp_path: Path
) -> None:
    """Redis is not there at all, and that alone raises nothing."""
    await launched(ledger, Plan(crowd(PEOPLE)))
    async with sms_operator(tmp_path) as operator:
        order = order_for(
            operator.url, ledger_url=ledger_url, redis_url=f"redis://127.0.0.1:{unused_tcp_port}",
            rate=40.0, timing=QUICK,
        )  # fmt: skip
        worker = Worker(order, tmp_path)
        people = reached_by(operator.url)
        watchers = [Sentinel(post(ledger, tmp_path, people, quiet_s=2.0)) for _ in range(3)]

        def told() -> int:
            return operator.copies()[ON_DUTY]

        await worker.start()
        await until(lambda: len(operator.entries()) > 5, within_s=30)
        async with on_watch(watchers):
            try:
                for time in (1, 2):
                    await until(lambda: len(operator.entries()) > 20 * time, within_s=30)  # noqa: B023
                    assert told() == time - 1
                    worker.send(signal.SIGSTOP)
                    await until(lambda: told() == time)  # noqa: B023
                    worker.send(signal.SIGCONT)
                    await until(lambda: not any(one.standing for one in watchers), within_s=30)
                    assert told() == time  # before its end: it is silent then too
                lines = [one.kind for one in await logbook.read(ledger, COMMUNE)]
            finally:
                await worker.end(signal.SIGKILL)
    assert Counter(lines)["alarm.raised"] == Counter(lines)["alarm.ended"] == 2


async def test_no_worker_at_all_is_told_before_one_message_is_made(
    ledger: Ledger, tmp_path: Path
) -> None:
    await launched(ledger, Plan(crowd(3)))
    assert await alarmed(ledger, tmp_path) == ["still"]
    (one,) = await alarms.standing(ledger)
    assert (one.commune, one.told) == (COMMUNE, True)
    assert "préparation" in one.raised.problem


async def test_a_worker_that_keeps_its_claims_and_sends_none_is_still(
    ledger: Ledger, tmp_path: Path
) -> None:
    await planned(ledger, Plan(crowd(3)))

    async def hold() -> None:
        held = await claims.claim(ledger, route="live", medium="sms", owner="hung", limit=10)
        while True:
            await asyncio.sleep(0.5)
            await claims.renew(ledger, [one.held for one in held], owner="hung")

    hanging = asyncio.create_task(hold())
    assert await alarmed(ledger, tmp_path) == ["still"]
    hanging.cancel()
    assert {row["state"] for row in await rows(ledger)} == {"claimed"}


async def test_a_provider_that_swallows_everything_is_silence_too(
    ledger: Ledger, tmp_path: Path
) -> None:
    await planned(ledger, Plan(crowd(200)))
    fake = FakeChannel(script=[LOST] * 500, pace=Pace(Unit.MESSAGES, 20.0))
    draining = asyncio.create_task(drain(door(ledger, fake)))
    assert await alarmed(ledger, tmp_path) == ["in-vain"]
    draining.cancel()


async def test_a_slow_pace_is_no_silence(ledger: Ledger, tmp_path: Path) -> None:
    await planned(ledger, Plan(crowd(100)))
    fake = FakeChannel(pace=Pace(Unit.MESSAGES, 4.0))
    draining = asyncio.create_task(drain(door(ledger, fake)))
    assert await seen_meanwhile(ledger, tmp_path, seconds=2.5) == []
    draining.cancel()


async def test_what_waits_for_its_retry_raises_nothing(ledger: Ledger, tmp_path: Path) -> None:
    await planned(ledger, Plan(crowd(5)))
    fake = FakeChannel(script=[UNAVAILABLE] * 5, retry_after_s=60.0)
    await drain(door(ledger, fake))
    assert await seen_meanwhile(ledger, tmp_path, seconds=1.6) == []


async def test_an_alert_that_was_cancelled_or_has_left_raises_nothing(
    ledger: Ledger, tmp_path: Path
) -> None:
    await planned(ledger, Plan(crowd(2)))
    await drain(door(ledger, FakeChannel()))
    await cancelled(ledger, await planned(ledger, Plan(crowd(2, first=2))))
    assert "ready" in {row["state"] for row in await rows(ledger)}
    assert await seen_meanwhile(ledger, tmp_path, seconds=1.6) == []


async def test_a_ledger_that_was_put_back_says_so_and_not_that_a_worker_hangs(
    ledger: Ledger, tmp_path: Path
) -> None:
    await planned(ledger, Plan(crowd(2)))
    await restoring.hold(ledger, key=LOGBOOK_KEY, text="essai")
    assert await alarmed(ledger, tmp_path) == ["held"]


async def test_a_send_whose_worker_died_over_it_is_still(ledger: Ledger, tmp_path: Path) -> None:
    await planned(ledger, Plan(crowd(1)))
    held = await claims.claim(ledger, route="live", medium="sms", owner="dead", limit=10)
    await windows.intend(ledger, held, owner="dead", provider="fake")
    assert await alarmed(ledger, tmp_path) == ["still"]


async def test_a_locked_ledger_does_not_keep_the_alarm_from_those_on_call(
    sqlite_template: Path, tmp_path: Path
) -> None:
    """Nothing can be written: two watchers agree without it, and the line is written later."""
    path = Path(shutil.copy(sqlite_template, tmp_path / "ledger.sqlite"))
    async with opened(f"sqlite+aiosqlite:///{path}") as ledger, sms_operator(tmp_path) as operator:
        await planned(ledger, Plan(crowd(3)))
        watchers = [Sentinel(post(ledger, tmp_path, reached_by(operator.url))) for _ in range(2)]
        async with on_watch(watchers):
            with closing(sqlite3.connect(path)) as other:
                other.execute("BEGIN IMMEDIATE")
                await until(lambda: operator.copies()[ON_DUTY] == 1)
                await asyncio.sleep(1)
                assert [one.raised.kind for one in watchers[0].standing] == ["still"]
            async with asyncio.timeout(10):
                while not (await kinds(ledger) == ["still"] and await _all_told(ledger)):
                    await asyncio.sleep(0.05)
        assert operator.copies()[ON_DUTY] == 1


async def _all_told(ledger: Ledger) -> bool:
    async with ledger.reading() as connection:
        return None not in (await connection.execute(select(table.c.told_at))).scalars().all()


async def test_a_ledger_that_cannot_be_read_is_an_alarm_that_needs_none(
    unused_tcp_port: int, tmp_path: Path
) -> None:
    nowhere = f"postgresql+psycopg://tocsin@127.0.0.1:{unused_tcp_port}/tocsin"
    async with opened(nowhere) as ledger, sms_operator(tmp_path) as operator:
        watchers = [Sentinel(post(ledger, tmp_path, reached_by(operator.url))) for _ in range(2)]
        async with on_watch(watchers):
            await until(lambda: operator.copies()[ON_DUTY] == 1)
            await asyncio.sleep(0.5)
        assert operator.copies()[ON_DUTY] == 1
        assert {one.raised.kind for one in watchers[0].standing} == {"ledger"}


async def test_an_alarm_whose_teller_died_is_told_by_another(
    ledger: Ledger, tmp_path: Path
) -> None:
    await planned(ledger, Plan(crowd(1)))
    raised = words.ledger(12.0)
    await alarms.raise_alarm(
        ledger, raised, communes=[COMMUNE], teller="dead", key=LOGBOOK_KEY
    )  # fmt: skip
    async with ledger.writing() as connection:
        await connection.exec_driver_sql("UPDATE alarms SET telling_at = telling_at - 20")
    async with sms_operator(tmp_path) as operator:
        watchers = [Sentinel(post(ledger, tmp_path, reached_by(operator.url))) for _ in range(2)]
        async with on_watch(watchers):
            await until(lambda: operator.copies()[ON_DUTY] == 1)
            await asyncio.sleep(1)
        assert operator.copies()[ON_DUTY] == 1


async def test_with_nobody_on_call_the_log_says_so(ledger: Ledger, tmp_path: Path) -> None:
    await planned(ledger, Plan(crowd(1)))
    with structlog.testing.capture_logs() as said:
        sentinel = Sentinel(post(ledger, tmp_path, nobody()))
        await sentinel.step()
        await asyncio.sleep(QUIET_S)
        await sentinel.step()
        await sentinel.settled()
    assert {"alarm.raised", "alarm.nobody_on_call"} <= {one["event"] for one in said}
    assert phone(0) not in str(said)


@pytest.mark.parametrize(
    "file", ["dispatcher/cli/worker.py", "dispatcher/cli/run.py", "operator_ui/installation.py"]
)
def test_worker_supervisor_and_web_each_post_a_sentinel(file: str) -> None:
    tree = ast.parse((ROOT / file).read_text())
    entered = [
        ast.unparse(item.context_expr)
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
    ]
    assert "guarding(place)" in entered


async def test_the_command_says_what_stands_still_and_ends_with_1(
    ledger: Ledger, ledger_url: str, tmp_path: Path
) -> None:
    await planned(ledger, Plan(crowd(1)))
    raised = words.silence(Verdict({"sms": 12.0}))
    # Another, whose teller died: the command tells it, and logs that beside its one document.
    more = replace(words.ledger(12.0), subject="trial")
    await alarms.raise_alarm(ledger, more, communes=[COMMUNE], teller="dead", key=LOGBOOK_KEY)
    async with ledger.writing() as connection:
        await connection.exec_driver_sql("UPDATE alarms SET telling_at = telling_at - 20")
    await alarms.raise_alarm(ledger, raised, communes=[COMMUNE], teller="x", key=LOGBOOK_KEY)
    told = {"TOCSIN_DATABASE_URL": ledger_url, "TOCSIN_DATA_DIR": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(
        *("env", *(f"{name}={value}" for name, value in told.items())),
        *(sys.executable, "-m", "dispatcher.cli", "alarm", "check", "--json"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    answer = json.loads(said)
    assert process.returncode == 1
    assert answer["refused"] == f"{more.problem} {more.remedy}"
    assert [one["kind"] for one in answer["alarms"]] == ["ledger", "still"]


async def test_a_watcher_that_was_frozen_itself_does_not_take_its_sleep_for_a_silence(
    ledger: Ledger, tmp_path: Path
) -> None:
    await planned(ledger, Plan(crowd(1)))
    now_s = [0.0]
    watched = replace(post(ledger, tmp_path), clock_s=lambda: now_s[0])
    sentinel = Sentinel(watched)
    for now_s[0] in (0.5, 3600.0, 3600.5):
        await sentinel.step()
        assert sentinel.alarms_of(COMMUNE) == ()
    now_s[0] += QUIET_S + 0.1
    await sentinel.step()
    assert [one.raised.kind for one in sentinel.standing] == ["still"]
    await sentinel.settled()
