"""A backup put back during a pursuit: a step that may have left is looked up first (F36)."""

from collections import Counter

import pytest
from sqlalchemy import delete, insert

from dispatcher.delivery import restoration
from dispatcher.delivery.desk import VersionDesk
from dispatcher.delivery.doubts import resolve
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, recipients
from dispatcher.store.pursuit_tables import pursuit_blocks, pursuits
from tests.outgoing import COMMUNE, KEYS, LOGBOOK_KEY, PUBLIC_URL, phone, planned, rows
from tests.pursued_town import Town, plan, resident, states


@pytest.fixture
def town(ledger: Ledger) -> Town:
    return Town(ledger)


async def put_back(ledger: Ledger, version_id: str) -> None:
    """Bring the ledger back to before the call was decided, as a backup does, and let it go on."""
    calls = [row["serial"] for row in await rows(ledger) if row["medium"] == "voice"]
    block = {"commune": COMMUNE, "version_id": version_id, "number": 0, "due_at": 0.0}
    async with ledger.writing() as connection:
        for table in (recipients, deliveries):
            await connection.execute(delete(table).where(table.c.serial.in_(calls)))
        await connection.execute(delete(pursuits))
        await connection.execute(insert(pursuit_blocks).values(block))
    await restoration.declare(ledger, logbook_key=LOGBOOK_KEY)
    await restoration.go_on(ledger, logbook_key=LOGBOOK_KEY)


async def test_a_step_taken_after_the_backup_is_found_and_not_taken_twice(town: Town) -> None:
    version = await planned(town.ledger, plan(resident(1)))
    await town.send()
    await town.later()
    await town.turn()
    await town.send()
    await put_back(town.ledger, version.version_id)
    assert await town.turn() == {"voice"}
    await town.send()
    desk = VersionDesk(town.ledger, KEYS, public_url=PUBLIC_URL)
    assert await resolve(town.ledger, town.doors, keys=KEYS, desk=desk) == 1
    await town.send()
    assert town.got("voice") == Counter({phone(1): 1})
    assert (await states(town.ledger))["voice", phone(1)] == "accepted"


async def test_the_steps_of_an_alert_launched_after_a_restoration_leave_at_once(
    town: Town,
) -> None:
    await restoration.declare(town.ledger, logbook_key=LOGBOOK_KEY)
    await restoration.go_on(town.ledger, logbook_key=LOGBOOK_KEY)
    await planned(town.ledger, plan(resident(1)))
    await town.send()
    await town.later()
    await town.turn()
    assert (await states(town.ledger))["voice", phone(1)] == "ready"
