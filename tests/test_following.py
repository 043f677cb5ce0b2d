"""A correction follows what may have left, part by part, however often it is interrupted."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from typing_extensions import override

from dispatcher.alerts import correcting
from dispatcher.alerts.office import Actor
from dispatcher.delivery.drain import drain
from dispatcher.delivery.planning import materialise_next
from dispatcher.store import claims, windows
from dispatcher.store.crash_points import CrashPoint, pass_by
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.versions import version_of
from tests.fake_channel import FakeChannel, door, once_each
from tests.keyring import contacts_sent
from tests.offices import office_of
from tests.outgoing import COMMUNE, Plan, crowd, phone, planned
from tests.pursued_town import Interrupted

MAYOR = Actor("maire", "dos")


LONG = {  # about half a second
    "postgresql": "SELECT pg_sleep(0.5)",
    "sqlite": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000000)"
    " SELECT count(*) FROM c",
}


class Killed(Exception):
    """The process ends here."""


async def follow_all(ledger: Ledger) -> None:
    while await materialise_next(ledger) is not None:
        pass


async def test_parts_are_followed_once_each_through_crashes(ledger: Ledger) -> None:
    version = await planned(ledger, Plan(crowd(1203)))
    fake = FakeChannel()
    await drain(door(ledger, fake))
    await correcting.take_back(office_of(ledger, COMMUNE), version.alert_id, actor=MAYOR)

    def die(point: CrashPoint) -> None:
        if point is CrashPoint.CP2:
            raise Killed

    ledger.passing = die
    for _ in range(2):
        with pytest.raises(Killed):
            await materialise_next(ledger)
    ledger.passing = pass_by
    await follow_all(ledger)
    await drain(door(ledger, fake))
    assert fake.copies == once_each(map(phone, range(1203))) + once_each(map(phone, range(1203)))


async def test_a_part_followed_again_changes_nothing(ledger: Ledger) -> None:
    version = await planned(ledger, Plan(crowd(30)))
    await drain(door(ledger, FakeChannel()))
    await correcting.take_back(office_of(ledger, COMMUNE), version.alert_id, actor=MAYOR)
    await asyncio.gather(follow_all(ledger), follow_all(ledger), follow_all(ledger))
    async with ledger.reading() as connection:
        wanted = select(deliveries.c.version_id, func.count()).group_by(deliveries.c.version_id)
        assert [row[1] for row in await connection.execute(wanted)] == [30, 30]


async def test_what_was_being_intended_while_the_correction_came_is_corrected_too(
    ledger: Ledger,
) -> None:
    """The correction waits for the window's commit, or the window finds itself corrected."""
    version = await planned(ledger, Plan(crowd(10)))
    office = office_of(ledger, COMMUNE)
    held = await claims.claim(ledger, route="live", medium="sms", owner="w1", limit=10)
    coming: list[asyncio.Task[Any]] = []
    loop = asyncio.get_running_loop()

    async def correct() -> None:
        await correcting.take_back(office, version.alert_id, actor=MAYOR)
        await follow_all(ledger)

    def slowly(act: Callable[[Connection], object]) -> Callable[[Connection], object]:
        """Let the commit come long after the statements, and the correction between."""

        def acted(connection: Connection) -> object:
            done = act(connection)
            loop.call_soon_threadsafe(lambda: coming.append(asyncio.ensure_future(correct())))
            connection.exec_driver_sql(LONG[ledger.dialect])
            return done

        return acted

    class Slow(Interrupted):
        """A ledger whose writes take their time."""

        @override
        async def write(self, act: Callable[[Connection], Any]) -> Any:
            return await ledger.write(slowly(act))

    slow: Any = Slow(ledger)
    slow.timing, slow.high_water, slow.passing = ledger.timing, None, ledger.passing
    intended = await windows.intend(slow, held, owner="w1", provider="fake")
    await coming[0]
    newest = await version_of(ledger, COMMUNE, version.alert_id)
    assert newest is not None
    mine = deliveries.c.version_id == newest.version_id
    corrected = set(await contacts_sent(ledger, mine))
    assert len(intended) == 10
    assert corrected == {one.claimed.contact for one in intended}
