"""A ledger that was in use keeps all it knew when it is brought up to date."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from dispatcher.store.ledger import Ledger
from dispatcher.store.migrate import migrate
from dispatcher.store.outgoing import deliveries
from dispatcher.store.registers import Home, held
from dispatcher.store.statements import insert_rows
from tests.keyring import RING, opened
from tests.ledgers import DATABASES, fresh_database
from tests.real_parts import ROOT

BEFORE_NUMBERS = "0012"
WRITTEN = (
    "INSERT INTO alerts (commune, alert_id, mode, title, created_by, created_at)"
    " VALUES ('99117', 'a', 'real', 'Crue', 'x', 1)",
    "INSERT INTO versions (commune, version_id, alert_id, state, content, digest, expires_at)"
    " VALUES ('99117', 'v', 'a', 'launched', '{}', 'd', 9e9)",
    "INSERT INTO blocks (commune, version_id, number, chains, people, followed, materialised_at)"
    " VALUES ('99117', 'v', 0, '[]', '[]', NULL, 1), ('99117', 'v', 1, '[]', '[]', 'f0', NULL),"
    " ('99117', 'v', 2, '[]', '[]', 'f0', 2)",
    "INSERT INTO deliveries (commune, delivery_id, version_id, medium, contact, language, route,"
    " position, state, next_at, owner, fence, failed_by) VALUES"
    " ('99117', 'f0', 'v', 'sms', '+33699000001', 'fr', 'live', 0, 'ready', 0, NULL, 3, '|one|'),"
    " ('99117', 'a1', 'v', 'sms', '+33699000002', 'fr', 'live', 1, 'sending', 0, 'w', 2, '')",
    "INSERT INTO recipients (commune, delivery_id, person_id) VALUES"
    " ('99117', 'f0', 'one'), ('99117', 'f0', 'two'), ('99117', 'a1', 'erased')",
    "INSERT INTO persons (commune, person_id, source, name, language, languages, media,"
    " unsubscribed_at) VALUES ('99117', 'one', 'import', 'x', 'fr', '[]', '[]', NULL),"
    " ('99117', 'two', 'import', 'x', 'fr', '[]', '[]', 5)",
    "INSERT INTO contacts (commune, person_id, kind, value)"
    " VALUES ('99117', 'one', 'mobile', '+33699000001'), ('99117', 'two', 'email', 'b@ex.fr')",
    "INSERT INTO homes (commune, person_id, label, place_key)"
    " VALUES ('99117', 'one', '1 rue', 'r')",
)


# A program that brings a ledger up to date slowly, and dies over it where its argument says.
UPGRADE = """
import asyncio, os, sys, time
from sqlalchemy import event
from sqlalchemy.engine import Engine
from dispatcher.store.migrate import migrate
from tests.keyring import RING

@event.listens_for(Engine, "before_cursor_execute")
def die(connection, cursor, statement, given, context, many):
    if sys.argv[2] and statement.strip().startswith(sys.argv[2]):
        os._exit(9)
    if statement.startswith("UPDATE alembic_version"):
        time.sleep(0.4)  # each of dozens of steps: three at once still overlap

asyncio.run(migrate(sys.argv[1], ring=RING))
"""


async def bring_up_to_date(url: str, *, dying_at: str = "") -> int | None:
    one = await asyncio.create_subprocess_exec(
        sys.executable, "-c", UPGRADE, url, dying_at, cwd=ROOT
    )  # fmt: skip
    return await asyncio.wait_for(one.wait(), 60)


@pytest.fixture(params=DATABASES)
async def before(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Give the address of a ledger that was in use before deliveries had numbers."""
    async with AsyncExitStack() as stack:
        url = f"sqlite+aiosqlite:///{tmp_path}/ledger.sqlite"
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres_url")
            url = await stack.enter_async_context(fresh_database(server))
        await migrate(url, to=BEFORE_NUMBERS)
        async with opened(url) as ledger, ledger.writing() as connection:
            for statement in WRITTEN:
                await connection.execute(text(statement))
        yield url


@pytest.fixture
async def upgraded(before: str) -> AsyncIterator[Ledger]:
    """Give that ledger, brought up to date."""
    await migrate(before, ring=RING)
    async with opened(before) as ledger:
        yield ledger


async def seen(ledger: Ledger, statement: str) -> list[tuple[object, ...]]:
    async with ledger.reading() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


async def test_deliveries_keep_their_ids_states_and_readers(upgraded: Ledger) -> None:
    held = await seen(
        upgraded,
        "SELECT d.delivery_id, d.state, d.fence, d.failed_by, r.person_id FROM deliveries AS d"
        " JOIN recipients AS r ON r.serial = d.serial"
        " ORDER BY d.position, r.person_id",
    )
    assert held == [
        ("f0", "ready", 3, "|one|", "one"),
        ("f0", "ready", 3, "|one|", "two"),
        ("a1", "sending", 2, "", "erased"),
    ]


@pytest.mark.parametrize("point", ["DROP TABLE recipients_by_id", "UPDATE alembic_version"])
async def test_an_upgrade_that_dies_has_done_nothing_and_is_done_by_the_next(
    before: str, point: str
) -> None:
    assert await bring_up_to_date(before, dying_at=point) == 9
    async with opened(before) as ledger:
        old = "SELECT delivery_id, person_id FROM recipients ORDER BY delivery_id, person_id"
        assert await seen(ledger, old) == [("a1", "erased"), ("f0", "one"), ("f0", "two")]
    assert await bring_up_to_date(before) == 0
    async with opened(before) as ledger:
        assert len(await seen(ledger, "SELECT serial, person_id FROM recipients")) == 3


async def test_two_that_start_at_once_bring_it_up_to_date_once(before: str) -> None:
    ends = await asyncio.gather(*(bring_up_to_date(before) for _ in range(3)))
    assert ends == [0, 0, 0]


async def test_people_keep_their_contacts_and_homes_and_are_erased_whole(upgraded: Ledger) -> None:
    async with upgraded.reading() as connection:
        known = await held(connection, "99117", ["one", "two"], ring=RING)
    assert [one.contacts[0].value for one in known.values()] == ["+33699000001", "b@ex.fr"]
    assert known["one"].homes == (Home("1 rue", "r"),)
    ways = "SELECT person_id, kind FROM contacts ORDER BY person_id"
    assert await seen(upgraded, ways) == [("one", "mobile"), ("two", "email")]
    async with upgraded.writing() as connection:
        await connection.execute(text("DELETE FROM persons WHERE person_id = 'one'"))
    assert await seen(upgraded, ways) == [("two", "email")]
    assert await seen(upgraded, "SELECT person_id FROM homes") == []


async def test_numbers_go_on_after_those_that_were_there(upgraded: Ledger) -> None:
    row = {
        "commune": "99117", "delivery_id": "b2", "version_id": "v", "medium": "sms",
        "contact": "", "language": "fr", "route": "live", "position": 2,
        "state": "ready", "next_at": 0.0,
    }  # fmt: skip
    async with upgraded.writing() as connection:
        await insert_rows(connection, deliveries, [row])
    numbers = await seen(upgraded, "SELECT serial, delivery_id FROM deliveries ORDER BY serial")
    assert numbers[-1][1] == "b2"
    assert len({number for number, _ in numbers}) == 3


async def test_who_had_left_is_known_to_have_left(upgraded: Ledger) -> None:
    assert await seen(upgraded, "SELECT person_id FROM departed ORDER BY person_id") == [
        ("erased",),
        ("two",),
    ]


async def test_a_correction_that_was_under_way_begins_its_walk_anew(upgraded: Ledger) -> None:
    walks = await seen(upgraded, "SELECT number, followed FROM blocks ORDER BY number")
    assert walks == [(0, None), (1, ""), (2, "f0")]
