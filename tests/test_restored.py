"""A backup put back over a live system (fault F36): nothing leaves before someone says so."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from channels.contract import Address, Attempt, AttemptToken
from channels.twilio_http import within
from dispatcher.cli.restored import app
from dispatcher.delivery import restoration
from dispatcher.delivery.desk import VersionDesk
from dispatcher.delivery.doubts import resolve
from dispatcher.delivery.drain import drain
from dispatcher.delivery.planning import materialise_next
from dispatcher.delivery.restoration import remembering
from dispatcher.store import claims, logbook, windows
from dispatcher.store.ledger import Ledger, Timing
from dispatcher.store.progress import Progress, progress_of
from dispatcher.store.results import results
from dispatcher.store.versions import version_by_id
from tests.driven_worker import QUICK, working
from tests.fake_channel import ACCEPTED_AND_LOST, FakeChannel, door, once_each
from tests.keyring import opened
from tests.ledgers import fresh_database
from tests.outgoing import (
    COMMUNE,
    KEYS,
    LOGBOOK_KEY,
    PUBLIC_URL,
    Plan,
    approved,
    crowd,
    launched,
    only_row,
    phone,
    planned,
    rows,
    settle_in,
)
from tests.sms_operator import order_for, sms_operator

SOON = Timing(first_look_s=0.05, second_look_s=0.05, unreadable_s=0.1)
Copied = Callable[[], AbstractAsyncContextManager[str]]


class WithoutRecords(FakeChannel):
    """An account whose provider cannot be asked what it took."""

    looks_up = False


@pytest.fixture
def copied(request: pytest.FixtureRequest, ledger_url: str, tmp_path: Path) -> Copied:
    """Give what makes a copy of the ledger, as a backup holds it; nobody has it open then."""

    @asynccontextmanager
    async def copy() -> AsyncIterator[str]:
        url = make_url(ledger_url)
        if url.get_backend_name() == "sqlite":
            backup = tmp_path / "backup.sqlite"
            with (
                closing(sqlite3.connect(str(url.database))) as whole,
                closing(sqlite3.connect(backup)) as part,
            ):
                whole.backup(part)
            yield f"sqlite+aiosqlite:///{backup}"
            return
        server = request.getfixturevalue("postgres_url")
        async with fresh_database(server, str(url.database)) as one:
            yield one

    return copy


@asynccontextmanager
async def sending(url: str, data_dir: Path) -> AsyncIterator[Ledger]:
    """Open a ledger as a worker of this data folder does."""
    async with (
        opened(url, timing=SOON) as ledger,
        remembering(ledger, data_dir, logbook_key=LOGBOOK_KEY),
    ):
        yield ledger


async def until_still(ledger: Ledger, fake: FakeChannel) -> None:
    """Send and look up for as long as there is something to do."""
    desk, idle = VersionDesk(ledger, KEYS, public_url=PUBLIC_URL), 0
    async with asyncio.timeout(20):
        while idle < 3:
            await asyncio.sleep(0.07)
            looked = await resolve(ledger, {"fake": fake}, keys=KEYS, desk=desk)
            idle = 0 if await drain(door(ledger, fake)) + looked else idle + 1


async def go_on(ledger: Ledger) -> restoration.LetGo:
    return await restoration.go_on(ledger, logbook_key=LOGBOOK_KEY)


async def test_a_copy_older_than_what_left_is_held_and_its_logbook_says_so(
    ledger_url: str, copied: Copied, tmp_path: Path
) -> None:
    async with opened(ledger_url) as ledger:
        await planned(ledger, Plan(crowd(30)))
    fake = FakeChannel()
    async with copied() as backup:
        async with sending(ledger_url, tmp_path) as ledger:
            await drain(door(ledger, fake))
        async with sending(backup, tmp_path) as ledger:
            await drain(door(ledger, fake))
            assert (await progress_of(ledger)).held
            (last,) = await logbook.read(ledger, COMMUNE, limit=1, newest=True)
    assert fake.copies == once_each(map(phone, range(30)))
    assert last.kind == "ledger.held"


async def test_a_ledger_that_only_crashed_is_not_held(ledger_url: str, tmp_path: Path) -> None:
    for part in range(3):
        async with sending(ledger_url, tmp_path) as ledger:
            await planned(ledger, Plan(crowd(10, first=10 * part)))
            assert await drain(door(ledger, FakeChannel())) == 10
            assert not (await progress_of(ledger)).held


async def test_what_left_since_the_backup_is_found_and_the_rest_leaves_once(
    ledger_url: str, copied: Copied, tmp_path: Path
) -> None:
    fake = FakeChannel()
    async with opened(ledger_url) as ledger:
        await planned(ledger, Plan(crowd(10)))
        await launched(ledger, Plan(crowd(10, first=10)))  # not materialised in the backup
        await launched(ledger, Plan(crowd(10, first=20)))
    async with copied() as backup:
        async with sending(ledger_url, tmp_path) as ledger:
            await drain(door(ledger, fake))
            await materialise_next(ledger)
            await drain(door(ledger, fake))
        assert len(fake.ledger) == 20
        async with sending(backup, tmp_path) as ledger:
            assert (await go_on(ledger)).doubted == 30
            await until_still(ledger, fake)
            states = {row["state"] for row in await rows(ledger)}
    assert (fake.copies, states) == (once_each(map(phone, range(30))), {"accepted"})


async def test_where_no_record_can_be_read_a_restored_delivery_leaves_once_more_at_most(
    ledger: Ledger,
) -> None:
    await planned(ledger, Plan(crowd(1)))
    await restoration.declare(ledger, logbook_key=LOGBOOK_KEY)
    await go_on(ledger)
    assert (await only_row(ledger))["doubts"] == 1  # the one that may have left already
    ledger.timing = SOON
    fake = FakeChannel(script=[ACCEPTED_AND_LOST] * 3, readable=False)
    await until_still(ledger, fake)
    assert (fake.calls, (await only_row(ledger))["state"]) == (1, "exhausted")


async def test_beside_an_account_without_records_nothing_restored_is_taken_for_absent(
    ledger: Ledger,
) -> None:
    await planned(ledger, Plan(crowd(1)))
    await restoration.declare(ledger, logbook_key=LOGBOOK_KEY)
    await go_on(ledger)
    ledger.timing = SOON
    accounts = {"fake": FakeChannel(), "mute": WithoutRecords(provider="mute")}
    desk = VersionDesk(ledger, KEYS, public_url=PUBLIC_URL)
    async with asyncio.timeout(20):
        while (await only_row(ledger))["state"] != "ready":
            await resolve(ledger, accounts, keys=KEYS, desk=desk)
            await asyncio.sleep(0.07)
    assert (await only_row(ledger))["doubts"] == 1  # the one that may have left stays counted


async def test_letting_go_again_after_a_crash_counts_no_delivery_twice(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(1)))
    for _ in range(2):
        await restoration.declare(ledger, logbook_key=LOGBOOK_KEY)
        await go_on(ledger)
    row = await only_row(ledger)
    assert (row["state"], row["doubts"], row["attempts"]) == ("unknown", 1, 1)


async def test_an_approval_given_before_the_restoration_is_asked_for_again(ledger: Ledger) -> None:
    plan = Plan(crowd(3))
    await settle_in(ledger, plan.people)
    version = await approved(ledger, plan)
    await restoration.declare(ledger, logbook_key=LOGBOOK_KEY)
    assert (await go_on(ledger)).approvals_taken_back == 1
    found = await version_by_id(ledger, COMMUNE, version.version_id)
    assert found is not None
    assert (found.state, found.approved_by) == ("pending_approval", None)


async def test_a_ledger_declared_restored_stops_the_worker_that_runs(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(3)))
    waiting = asyncio.create_task(restoration.until_let_go(ledger))
    await asyncio.wait_for(waiting, 5)  # not held: it does not wait
    assert await restoration.declare(ledger, logbook_key=LOGBOOK_KEY)
    assert not await restoration.declare(ledger, logbook_key=LOGBOOK_KEY)
    fake = FakeChannel()
    await drain(door(ledger, fake))
    held = asyncio.create_task(restoration.until_let_go(ledger))
    await asyncio.sleep(0.2)
    assert (held.done(), fake.calls) == (False, 0)
    await go_on(ledger)
    await asyncio.wait_for(held, 5)


async def test_the_copy_let_go_is_not_held_at_its_next_start(
    ledger_url: str, copied: Copied, tmp_path: Path
) -> None:
    async with opened(ledger_url) as ledger:
        await planned(ledger, Plan(crowd(3)))
    async with copied() as backup:
        async with sending(ledger_url, tmp_path) as ledger:
            await drain(door(ledger, FakeChannel()))
        async with sending(backup, tmp_path) as ledger:
            await go_on(ledger)
        async with sending(backup, tmp_path) as ledger:
            assert not (await progress_of(ledger)).held


async def test_a_worker_that_starts_while_others_send_holds_nothing(
    ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sending(ledger_url, tmp_path) as busy:
        await planned(busy, Plan(crowd(3)))
        held = iter(await claims.claim(busy, route="live", medium="sms", owner="w", limit=3))

        async def send_another(asked: Ledger) -> Progress:
            """Let the other begin a window after each look at how far the ledger has come."""
            found = await progress_of(asked)
            if one := next(held, None):
                await windows.intend(busy, [one], owner="w", provider="fake")
            return found

        monkeypatch.setattr(restoration, "progress_of", send_another)
        async with sending(ledger_url, tmp_path) as starting:
            assert not (await progress_of(starting)).held


async def test_two_processes_of_a_folder_keep_a_mark_each(
    ledger_url: str, tmp_path: Path
) -> None:  # fmt: skip
    async with sending(ledger_url, tmp_path) as one, sending(ledger_url, tmp_path) as other:
        await planned(one, Plan(crowd(2)))
        await drain(door(one, FakeChannel()))
        assert await claims.reap(other) == 0
    assert len(list(tmp_path.glob("high-water/*/*.mark"))) == 2


async def test_a_worker_that_starts_on_a_held_ledger_is_ready_and_sends_nothing_before_the_word(
    ledger: Ledger, ledger_url: str, unused_tcp_port: int, tmp_path: Path
) -> None:
    version = await launched(ledger, Plan(crowd(20)))
    await restoration.declare(ledger, logbook_key=LOGBOOK_KEY)
    redis = f"redis://127.0.0.1:{unused_tcp_port}"
    async with sms_operator(tmp_path) as operator:
        order = order_for(
            operator.url, ledger_url=ledger_url, redis_url=redis, rate=100.0, timing=QUICK
        )
        async with working(order, tmp_path) as worker, asyncio.timeout(40):
            while not ("worker.held" in worker.said and "worker.ready" in worker.said):
                await asyncio.sleep(0.05)
            await asyncio.sleep(1)
            assert await operator.accepted() == 0
            await go_on(ledger)
            while (await results(ledger, COMMUNE, version.version_id)).states != {"accepted": 20}:
                await asyncio.sleep(0.1)
        assert operator.copies() == once_each(map(phone, range(20)))


def test_what_was_made_long_after_the_launch_counts_where_the_ledger_does_not_know() -> None:
    now = datetime.now(UTC)
    row = {"date_created": format_datetime(now - timedelta(minutes=30))}
    begun = now - timedelta(hours=2)
    attempt = Attempt(AttemptToken("t", "d"), Address("sms", phone(1)), "Crue", begun)
    long = Attempt(AttemptToken("t", "d"), Address("sms", phone(1)), "Crue", begun, until=now)
    assert [within(row, one, apart=timedelta()) for one in (attempt, long)] == [False, True]


def test_the_verb_tells_holds_and_lets_go(tmp_path: Path) -> None:
    place = {"TOCSIN_DATA_DIR": str(tmp_path)}
    say = CliRunner(env=place).invoke
    assert "Not held" in say(app, []).stdout
    assert say(app, ["--go-on"]).exit_code == 1
    assert "Nothing leaves" in say(app, ["--declare"]).stdout
    assert '"held": true' in say(app, ["--json"]).stdout
    assert say(app, ["--go-on", "--json"]).stdout.startswith('{"held": false, "doubted": 0')
    assert "Not held" in say(app, []).stdout
