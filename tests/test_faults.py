"""Every fault of DELIVERY §6 and the test that shows it; those that nothing else shows are here."""

import ast
import asyncio
import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from sqlalchemy import make_url

from channels.contract import AttemptToken
from dispatcher.delivery.desk import VersionDesk
from dispatcher.delivery.doubts import resolve
from dispatcher.delivery.drain import drain
from dispatcher.store import claims, windows
from dispatcher.store.ledger import BUSY_S, Ledger, Timing
from tests.chaos.processes import ordered
from tests.driven_worker import QUICK, Order, working
from tests.fake_channel import FakeChannel, door, once_each
from tests.fan_outs import ended, taken
from tests.keyring import mark_of, opened
from tests.ledgers import fresh_database, shown
from tests.outgoing import (
    KEYS,
    PUBLIC_URL,
    Plan,
    crowd,
    launched,
    only_row,
    phone,
    planned,
)
from tests.outgoing import rows as rows_of
from tests.real_parts import ROOT
from tests.sms_operator import order_for, sms_operator

# fault → file and test, without their common beginnings
SHOWN = {
    "F1": "every_crash_point: a_process_killed_at_this_point_loses_nobody_and_copies_nothing",
    "F2": "holdings: a_worker_frozen_past_its_lease_refuses_to_send",
    "F3": "every_crash_point: a_process_killed_at_this_point_loses_nobody_and_copies_nothing",
    "F4": "machine_faults: a_web_process_killed_before_its_answer_launched_once_and_says_so"
    "_when_asked_again",
    "F5": "machine_faults: redis_killed_and_back_however_it_keeps_its_file_and_everyone_gets_one",
    "F6": "crash_points: without_any_redis_everything_still_leaves",
    "F7": "pace: a_redis_that_hangs_costs_a_third_of_a_second_once",
    "F8": "pace: a_redis_that_may_not_be_written_is_done_without",
    "F9": "machine_faults: redis_full_or_with_another_password_and_everything_leaves",
    "F10": "faults: a_row_that_kills_its_workers_is_set_aside_and_its_neighbours_leave",
    "F11": "faults: a_locked_database_is_waited_for",
    "F12": "faults: a_full_disk_lets_nothing_leave_twice_and_loses_nobody",
    "F13": "machine_faults: a_disk_that_fails_to_sync_stops_the_process_and_nothing_is_taken_as"
    "_done",
    "F14": "power_cut: a_power_cut_loses_nobody_and_what_had_left_is_found",
    "F15": "chaos: random_faults_lose_nobody_copy_nothing_and_reach_no_stranger",
    "F16": "drain: what_did_not_leave_waits_as_long_as_the_provider_asks",
    "F17": "channel_contract: a_server_error_is_told_as_what_is_known",
    "F18": "sms_channel: a_name_without_an_address_means_that_nothing_left",
    "F19": "sms_channel: a_provider_that_never_answers_is_left_after_ten_seconds_in_doubt",
    "F20": "sms_channel: an_answer_that_says_nothing_sure_is_unknown",
    "F21": "failover: one_provider_dead_and_everything_leaves_by_the_other",
    "F22": "failover: both_dead_and_everything_leaves_by_the_one_that_returns",
    "F23": "lost_answers: records_that_cannot_be_read_for_a_while_are_waited_for",
    "F24": "receipts: any_order_and_repetition_of_receipts_ends_in_the_same_state",
    "F25": "asking_worker: callbacks_that_never_come_are_made_up_for_by_asking",
    "F26": "twilio_callbacks: a_changed_form_is_not_believed",
    "F27": "pace: a_clock_set_back_does_not_stop_the_alert",
    "F28": "clock_changes: the_hour_that_comes_twice_is_told_apart_on_pages",
    "F29": "faults: a_provider_that_cannot_be_reached_for_a_while_loses_nobody",
    "F30": "email_channel: a_failure_is_told_by_how_far_the_mail_came",
    "F31": "urgency: twenty_communes_that_launch_at_once_are_served_alike_at_any_moment",
    "F32": "answer_storm: a_storm_of_answers_is_kept_whole_and_holds_no_alert_up",
    "F33": "drain: who_unsubscribes_during_the_fan_out_gets_nothing",
    "F34": "drain: nothing_is_accepted_after_a_cancel_and_one_window",
    "F35": "editions: old_and_new_workers_together_lose_nobody_and_send_no_copy",
    "F36": "restored: what_left_since_the_backup_is_found_and_the_rest_leaves_once",
    "F37": "machine_faults: a_worker_without_memory_dies_and_another_goes_on",
    "F38": "ends: the_daily_round_raises_what_ends_soon_once_and_ends_it_when_it_is_renewed",
    "F39": "alert_life: two_launches_at_once_are_one_launch",
    "F40": "logbook: an_act_whose_line_cannot_be_written_is_undone",
}

SOON = Timing(
    claim_lease_s=0.2,
    renew_every_s=0.05,
    send_lease_s=0.3,
    send_needs_s=0.1,
    first_look_s=0.05,
    second_look_s=0.05,
)
PEOPLE = 150
EVERYONE = once_each(map(phone, range(PEOPLE)))


def test_each_of_the_forty_faults_is_shown() -> None:
    assert SHOWN.keys() == {f"F{number}" for number in range(1, 41)}


@pytest.mark.parametrize("fault", SHOWN)
def test_the_test_that_shows_a_fault_exists(fault: str) -> None:
    file, name = SHOWN[fault].split(": ")
    tree = ast.parse((ROOT / "tests" / f"test_{file}.py").read_text())
    names = [
        one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert f"test_{name}" in names


async def _die_over_it(ledger: Ledger) -> None:
    """Claim and intend everything due, as a worker that is killed before any answer."""
    held = await claims.claim(ledger, route="live", medium="sms", owner="dead", limit=500)
    await windows.intend(ledger, held, owner="dead", provider="fake")
    await asyncio.sleep(ledger.timing.send_lease_s + 0.05)
    assert await claims.reap(ledger) == len(held) > 0


async def _look(ledger: Ledger, fake: FakeChannel) -> None:
    desk = VersionDesk(ledger, KEYS, public_url=PUBLIC_URL)
    for _ in range(2):
        await resolve(ledger, {"fake": fake}, keys=KEYS, desk=desk)
        await asyncio.sleep(0.07)


async def test_a_row_that_kills_its_workers_is_set_aside_and_its_neighbours_leave(
    ledger_url: str,
) -> None:
    async with opened(ledger_url, timing=SOON) as ledger:
        await planned(ledger, Plan(crowd(1)))
        for _ in range(3):
            async with ledger.writing() as connection:
                await connection.exec_driver_sql("UPDATE deliveries SET next_at = 0")
            await _die_over_it(ledger)
            await _look(ledger, FakeChannel())
        row = await only_row(ledger)
        assert (row["state"], row["reason"]) == ("exhausted", "poison")
        await planned(ledger, Plan(crowd(3, first=1)))
        fake = FakeChannel()
        await drain(door(ledger, fake))
        assert fake.copies == once_each(map(phone, range(1, 4)))


async def test_a_row_that_left_before_its_third_worker_died_is_found_and_not_set_aside(
    ledger_url: str,
) -> None:
    async with opened(ledger_url, timing=SOON) as ledger:
        await planned(ledger, Plan(crowd(1)))
        async with ledger.writing() as connection:
            await connection.exec_driver_sql("UPDATE deliveries SET deaths = 2")
        fake = FakeChannel(script=["accepted-and-lost"])
        await drain(door(ledger, fake))
        async with ledger.writing() as connection:
            await connection.exec_driver_sql("UPDATE deliveries SET deaths = 3, next_at = 0")
        await _look(ledger, fake)
        assert (await only_row(ledger))["state"] == "accepted"


async def test_a_row_that_two_workers_died_over_leaves_with_nobody(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(20)))
    async with ledger.writing() as connection:
        await connection.exec_driver_sql(
            f"UPDATE deliveries SET deaths = 2 WHERE contact_mark = '{mark_of(phone(7))}'"  # noqa: S608 - ours
        )
    beside: list[set[str]] = []

    async def note(_attempt: AttemptToken) -> None:
        if fake.ledger[-1].contact == phone(7):
            sending = [row for row in await rows_of(ledger) if row["state"] == "sending"]
            beside.append({str(row["contact"]) for row in sending})

    fake = FakeChannel(on_accept=note)
    await drain(door(ledger, fake))
    assert beside == [{phone(7)}]
    assert fake.copies == once_each(map(phone, range(20)))


async def test_a_locked_database_is_waited_for(
    sqlite_template: Path, tmp_path: Path
) -> None:  # fmt: skip
    """Wait for 1.5 s here; the setting outlives the 30 s of the fault."""
    assert BUSY_S > 30
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    async with opened(f"sqlite+aiosqlite:///{path}") as ledger:
        await planned(ledger, Plan(crowd(30)))
        fake = FakeChannel()
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            draining = asyncio.create_task(drain(door(ledger, fake)))
            await asyncio.sleep(1.5)
            assert (draining.done(), fake.calls) == (False, 0)
        await draining
        assert fake.copies == once_each(map(phone, range(30)))


def _order(url: str, *, ledger_url: str, port: int) -> Order:
    nowhere = f"redis://127.0.0.1:{port}"
    return order_for(url, ledger_url=ledger_url, redis_url=nowhere, rate=60.0, timing=QUICK)


async def test_a_full_disk_lets_nothing_leave_twice_and_loses_nobody(
    sqlite_template: Path, unused_tcp_port: int, tmp_path: Path
) -> None:
    """No file of the worker's may grow; what was answered meanwhile is looked up."""
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite+aiosqlite:///{path}"
    async with opened(url) as ledger, sms_operator(tmp_path) as operator:
        version = await launched(ledger, Plan(crowd(PEOPLE)))
        order = _order(operator.url, ledger_url=url, port=unused_tcp_port)
        async with working(order, tmp_path) as worker:
            await taken(operator, 20)
            pid = worker.pid
            full = Path(f"{path}-wal").stat().st_size
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
            async with asyncio.timeout(20):
                while "worker.ledger_failed" not in worker.said:
                    await asyncio.sleep(0.05)
            held = await operator.accepted()
            await asyncio.sleep(1)
            assert (await operator.accepted(), psutil.pid_exists(pid)) == (held, True)
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
            await ended(ledger, version)
        assert operator.copies() == EVERYONE


async def test_a_provider_that_cannot_be_reached_for_a_while_loses_nobody(
    ledger: Ledger, ledger_url: str, unused_tcp_port: int, tmp_path: Path
) -> None:
    version = await launched(ledger, Plan(crowd(PEOPLE)))
    async with sms_operator(tmp_path) as operator:
        port = str(operator.process.ready["port"])
        async with ordered("tests.chaos.proxy", "127.0.0.1", port) as line:
            url = f"http://127.0.0.1:{line.ready['port']}"
            order = _order(url, ledger_url=ledger_url, port=unused_tcp_port)
            async with working(order, tmp_path):
                await taken(operator, 20)
                for harm in ("swallow", "refuse", "cut", "pass"):
                    await line.order(do=harm)
                    await asyncio.sleep(0.7)
                await ended(ledger, version)
        assert operator.copies() == EVERYONE


async def test_a_database_that_cannot_be_reached_for_a_while_loses_nobody(
    postgres_url: str, postgres_template: str, unused_tcp_port: int, tmp_path: Path
) -> None:
    async with (
        fresh_database(postgres_url, postgres_template) as url,
        opened(url) as ledger,
        sms_operator(tmp_path) as operator,
    ):
        version = await launched(ledger, Plan(crowd(PEOPLE)))
        socket = f"{make_url(url).query['host']}/.s.PGSQL.5432"
        async with ordered("tests.chaos.proxy", socket, "0") as line:
            far = make_url(url).set(host="127.0.0.1", port=line.ready["port"], query={})
            order = _order(operator.url, ledger_url=shown(far), port=unused_tcp_port)
            async with working(order, tmp_path):
                await taken(operator, 20)
                for harm in ("swallow", "refuse", "cut", "pass"):
                    await line.order(do=harm)
                    await asyncio.sleep(0.7)
                await ended(ledger, version)
        assert operator.copies() == EVERYONE
