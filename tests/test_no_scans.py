"""What workers do over and over finds its rows by an index: a turn costs the same in any ledger."""

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from dispatcher.delivery.asking import Asker
from dispatcher.delivery.desk import VersionDesk
from dispatcher.delivery.doubts import resolve
from dispatcher.delivery.drain import drain
from dispatcher.delivery.pace import SharedPace
from dispatcher.delivery.planning import materialise_next
from dispatcher.delivery.pursuing import Pursuer
from dispatcher.store import claims, earlier, endings, open_work
from dispatcher.store.accounts import close_stranded
from dispatcher.store.blocks import Block
from dispatcher.store.ledger import Ledger, Timing
from dispatcher.store.receipts import record_answer
from tests.fake_channel import ACCEPTED_AND_LOST, LOST, REFUSE, FakeChannel, door
from tests.keyring import opened
from tests.outgoing import KEYS, LOGBOOK_KEY, PUBLIC_URL, Plan, crowd, launched

LARGE = frozenset(
    ("deliveries", "recipients", "persons", "contacts", "homes", "attempts", "receipts", "answers",
     "pursuits", "unreachable", "evidence")
)  # fmt: skip
SOON = Timing(first_look_s=0.01, second_look_s=0.01, claim_lease_s=0.05, first_ask_s=0.0)
Said = dict[str, Any]


@pytest.fixture
def said() -> Iterator[Said]:
    """Keep every statement that is said to a ledger, with its last parameters."""
    kept: Said = {}

    def keep(_c: object, _r: object, statement: str, given: object, _x: object, many: bool) -> None:
        if not many and statement.split()[0] in ("SELECT", "UPDATE", "INSERT", "WITH", "DELETE"):
            kept[statement] = given

    event.listen(Engine, "before_cursor_execute", keep)
    yield kept
    event.remove(Engine, "before_cursor_execute", keep)


async def work(ledger: Ledger) -> None:
    """Let a fan-out with its troubles go through all that workers do again and again."""
    await launched(ledger, Plan(crowd(40), block=10, lane=1))
    while await materialise_next(ledger) is not None:
        pass
    channel = FakeChannel(script=[LOST, ACCEPTED_AND_LOST, REFUSE])
    held = [one.held for one in await _claimed(ledger)]
    await claims.renew(ledger, held, owner="w")
    await claims.release(ledger, held, owner="w")
    await _claimed(ledger)
    await asyncio.sleep(0.06)
    assert await claims.reap(ledger) == 5
    looked = await open_work.look(ledger)
    await drain(door(ledger, channel))
    known = {key for queue in looked.queues.values() for key in queue}
    assert len((await open_work.look(ledger, known=known)).before) == len(known)
    await asyncio.sleep(0.02)
    desk = VersionDesk(ledger, KEYS, public_url=PUBLIC_URL)
    assert await resolve(ledger, {"fake": channel}, keys=KEYS, desk=desk)
    await _turns(ledger, channel, min(known))


async def _claimed(ledger: Ledger) -> list[claims.Claimed]:
    return await claims.claim(ledger, route="live", medium="sms", owner="w", limit=5)


async def _turns(ledger: Ledger, channel: FakeChannel, answered: tuple[str, str]) -> None:
    commune, ident = answered
    await record_answer(ledger, commune=commune, delivery_id=ident, kind="understood", via="page")
    pace = SharedPace(None, account="fake", rate_per_s=100.0, workers=1)
    await Asker(ledger, {"fake": (channel, pace)}, keys=KEYS).turn()
    assert channel.asked > 0
    await Pursuer(ledger, logbook_key=LOGBOOK_KEY).turn()
    await earlier.next_earlier(ledger, Block(commune, "v", 0, (), (), 1, "live", followed=""))
    await claims.more_urgent(ledger, route="live", medium="sms", lane=1)
    await close_stranded(ledger)
    await endings.sweep(ledger)
    await endings.finished(ledger, key=LOGBOOK_KEY)


def whole_reads(database: Path, said: Said) -> dict[str, str]:
    """Return what goes through a large table, or a part of one that grows, and its plan's words.

    A partial index holds only what waits: to go through that is what it is for.
    """
    found = {}
    with closing(sqlite3.connect(database)) as own:
        part = own.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
        )
        partial = frozenset(row[0] for row in part)
        for statement, given in said.items():
            for row in own.execute(f"EXPLAIN QUERY PLAN {statement}", given):
                if _reads_all(row[3], partial) and _FROM_THE_END not in statement:
                    found[statement] = row[3]
    return found


def _reads_all(step: str, partial: frozenset[str]) -> bool:
    if " ix_deliveries_commune_version_id " in step:  # a whole version, or more
        return True
    one = _STEP.match(step)
    return one is not None and one["table"] in LARGE and one["index"] not in partial


_FROM_THE_END = "ORDER BY deliveries.serial DESC"  # ends at the first that is still open
_STEP = re.compile(
    r"(SCAN|SEARCH(?=.*[(]commune=[?][)])) (?P<table>\w+)( USING.* INDEX (?P<index>\w+))?"
)


async def test_no_turn_of_a_worker_goes_through_the_deliveries(
    sqlite_template: Path, said: Said, tmp_path: Path
) -> None:
    database = tmp_path / "ledger.sqlite"
    database.write_bytes(sqlite_template.read_bytes())
    async with opened(f"sqlite+aiosqlite:///{database}", timing=SOON) as ledger:
        await work(ledger)
    assert whole_reads(database, said) == {}
