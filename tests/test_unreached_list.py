"""The list of the unreached is read beside what is live, and leaves the memory by itself."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import Engine

from dispatcher.alerts import door_to_door
from dispatcher.alerts.office import Actor
from dispatcher.store.call_list import is_missed, missed
from dispatcher.store.ledger import Ledger
from dispatcher.store.told_marks import told_of
from dispatcher.store.users import User
from operator_ui.unreached import Shelf
from tests.outgoing import COMMUNE
from tests.situations import Planned, office, write_alert
from tests.test_call_list import silent_town

pytest_plugins = ("tests.console_visits",)
RAC = Actor("rac", "rac")


@pytest.fixture
def within_writes() -> Iterator[list[str]]:
    """Keep what is said inside the transactions that write, while everyone else waits."""
    kept: list[str] = []

    def keep(one: Connection, _r: object, statement: str, _g: object, _x: object, _m: bool) -> None:
        if one.get_execution_options().get("tocsin_writes"):
            kept.append(statement)

    event.listen(Engine, "before_cursor_execute", keep)
    yield kept
    event.remove(Engine, "before_cursor_execute", keep)


async def test_whoever_is_on_the_list_is_known_to_be_and_nobody_else(ledger: Ledger) -> None:
    _, version = await silent_town(ledger)
    found = {one.person_id: one.reason for one in await missed(ledger, COMMUNE, version.version_id)}
    assert set(found.values()) == {"silent", "help_asked", "no_contact"}
    for ident in found:
        assert await is_missed(ledger, COMMUNE, version.version_id, ident), found[ident]
    assert not await is_missed(ledger, COMMUNE, version.version_id, "p00099")
    assert not await is_missed(ledger, COMMUNE, "another", "p00001")


async def test_a_mark_looks_for_its_person_before_anybody_has_to_wait_for_it(
    town: Ledger, within_writes: list[str]
) -> None:
    written = await write_alert(town, Planned(unreachable={"no_contact": 3}))
    within_writes.clear()
    await door_to_door.mark(office(town), written.alert_id, "uno_contact1", "phoned", actor=RAC)
    assert list(await told_of(town, COMMUNE, written.version_id)) == ["uno_contact1"]
    assert any("told_marks" in one for one in within_writes)
    large = ("unreachable", "pursuits", "answers", "recipients")
    assert [one for one in within_writes if any(name in one for name in large)] == []


async def test_a_list_is_read_while_the_reader_of_live_screens_is_busy(town: Ledger) -> None:
    written = await write_alert(town, Planned(unreachable={"no_contact": 3}))
    read = threading.Event()

    def busy(connection: Connection) -> bool:
        connection.execute(text("SELECT 1"))
        return read.wait(5.0)

    screens = asyncio.create_task(town.read(busy))
    await asyncio.sleep(0.05)
    assert len(await missed(town, COMMUNE, written.version_id)) == 3
    read.set()
    assert await screens  # the list did not wait for it, nor it for the list


async def test_a_list_leaves_the_memory_without_anybody_looking_again(town: Ledger) -> None:
    written = await write_alert(town, Planned(unreachable={"no_contact": 3}))
    guest = User(COMMUNE, "rac", "Camille Aubry", "rac")
    shelf = Shelf(kept_s=0.1)
    first, again = await asyncio.gather(
        *(shelf.list_of(office(town), guest, written.alert_id) for _ in range(2))
    )
    assert first is again  # a second click reads nothing
    assert len(shelf) == 1
    await asyncio.sleep(0.3)
    assert len(shelf) == 0
