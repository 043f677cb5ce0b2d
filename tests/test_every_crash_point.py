"""A real process killed -9 at each numbered crash point: what DELIVERY §3 promises of each.

The oracle is the operator's own ledger: nobody lost, and as many copies as the table says.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.ledger import Ledger, Timing
from dispatcher.store.results import results
from dispatcher.store.versions import Version, version_by_id
from tests.driven_act import Act, acted
from tests.driven_worker import Order, Worker, working
from tests.fake_channel import once_each
from tests.outgoing import COMMUNE, Plan, approved, crowd, launched, only_row, phone, settle_in
from tests.sms_operator import SmsOperator, order_for, sms_operator

PEOPLE = 60
EVERYONE = once_each(map(phone, range(PEOPLE)))
KILLED = -signal.SIGKILL
WINDOW = 50  # at this rate
SOON = Timing(
    claim_lease_s=1.0,
    renew_every_s=0.2,
    send_lease_s=2.0,
    send_needs_s=1.2,
    first_look_s=0.3,
    second_look_s=0.3,
    unreadable_s=0.5,
)


@dataclass(frozen=True)
class Scene:
    """A ledger, an operator, and what a worker needs to send by it."""

    ledger: Ledger
    url: str
    operator: SmsOperator
    order: Order
    folder: Path

    def act(self, verb: str, about: str, *, crash: CrashPoint | None = None) -> Awaitable[int]:
        """Do an act in a process of its own."""
        at = f"{crash.name}:1" if crash else ""
        return acted(Act(verb, about, self.url, PEOPLE, at), self.folder)

    async def ended(self, version: Version) -> dict[str, int]:
        """Wait until a version is finished; return its deliveries by state."""
        async with asyncio.timeout(40):
            while (await self.read(version)).finished_at is None:
                await asyncio.sleep(0.1)
        return (await results(self.ledger, COMMUNE, version.version_id)).states

    async def read(self, version: Version) -> Version:
        """Read a version again."""
        found = await version_by_id(self.ledger, COMMUNE, version.version_id)
        assert found is not None
        return found


@pytest.fixture(params=[True], ids=["records"])
async def scene(
    request: pytest.FixtureRequest,
    ledger: Ledger,
    ledger_url: str,
    unused_tcp_port: int,
    tmp_path: Path,
) -> AsyncIterator[Scene]:
    """Set a scene without any Redis: the ledger's poll is enough."""
    async with sms_operator(tmp_path, records=request.param) as operator:
        nowhere = f"redis://127.0.0.1:{unused_tcp_port}"
        order = order_for(
            operator.url, ledger_url=ledger_url, redis_url=nowhere, rate=200.0, timing=SOON
        )
        yield Scene(ledger, ledger_url, operator, order, tmp_path)


async def _launch_killed(scene: Scene, point: CrashPoint) -> None:
    """Retry with the same launch key: that starts it, or it runs already."""
    plan = Plan(crowd(PEOPLE))
    await settle_in(scene.ledger, plan.people)
    version = await approved(scene.ledger, plan)
    assert await scene.act("launch", version.version_id, crash=point) == KILLED
    state = (await scene.read(version)).state
    assert state == ("approved" if point is CrashPoint.CP0 else "launched")
    async with working(scene.order, scene.folder):
        assert await scene.act("launch", version.version_id) == 0
        await scene.ended(version)
    assert scene.operator.copies() == EVERYONE


async def _worker_killed(scene: Scene, point: CrashPoint, *, turn: int = 1) -> None:
    version = await launched(scene.ledger, Plan(crowd(PEOPLE), block=20))
    worker = Worker(scene.order, scene.folder)
    await worker.start(crash=f"{point.name}:{turn}")
    assert await worker.died() == KILLED
    async with working(scene.order, scene.folder):
        states = await scene.ended(version)
    assert states == {"accepted": PEOPLE}


async def _materialising_killed(scene: Scene, point: CrashPoint) -> None:
    await _worker_killed(scene, point, turn=2)  # one block of three waits
    assert scene.operator.copies() == EVERYONE


async def _holding_killed(scene: Scene, point: CrashPoint) -> None:
    await _worker_killed(scene, point)
    assert scene.operator.copies() == EVERYONE


async def _sending_killed(scene: Scene, point: CrashPoint) -> None:
    await scene.operator.harm("hang", 10)  # taken, and their answers never come
    await _worker_killed(scene, point)
    assert scene.operator.copies() == EVERYONE


async def _receipt_killed(scene: Scene, point: CrashPoint) -> None:
    """Tell it again, as the provider does that was not answered."""
    await launched(scene.ledger, Plan(crowd(1)))
    async with working(scene.order, scene.folder):
        async with asyncio.timeout(20):
            while not scene.operator.entries() or await _state(scene) != "accepted":
                await asyncio.sleep(0.1)
    token = scene.operator.entries()[0][2]
    assert await scene.act("tell", token, crash=point) == KILLED
    assert await _state(scene) == "accepted"
    assert await scene.act("tell", token) == 0
    assert await _state(scene) == "delivered"


async def _receipt_lost(scene: Scene, point: CrashPoint) -> None:
    """Nobody tells it again: the provider is asked, by the reference of what it accepted."""
    await launched(scene.ledger, Plan(crowd(1)))
    async with working(scene.order, scene.folder):
        async with asyncio.timeout(20):
            while not scene.operator.entries() or await _state(scene) != "accepted":
                await asyncio.sleep(0.1)
    assert await scene.act("tell", scene.operator.entries()[0][2], crash=point) == KILLED
    assert await _state(scene) == "accepted"
    soon = replace(scene.order, timing={**scene.order.timing, "first_ask_s": 0.5})
    async with working(soon, scene.folder):
        async with asyncio.timeout(20):
            while await _state(scene) != "delivered":
                await asyncio.sleep(0.1)
    assert scene.operator.copies() == once_each([phone(0)])


async def _state(scene: Scene) -> str:
    return str((await only_row(scene.ledger))["state"])


async def _cancel_killed(scene: Scene, point: CrashPoint) -> None:
    version = await launched(scene.ledger, Plan(crowd(3 * PEOPLE)))
    slow = Order(**{**vars(scene.order), "rate": 40.0})
    async with working(slow, scene.folder):
        async with asyncio.timeout(20):
            while not await scene.operator.accepted():
                await asyncio.sleep(0.02)
        assert await scene.act("cancel", version.version_id, crash=point) == KILLED
        at_cancel = await scene.operator.accepted()
        async with asyncio.timeout(20):
            while await _waiting(scene, version):
                await asyncio.sleep(0.1)
    assert (await scene.read(version)).state == "cancelled"
    window = int(40.0 * 0.25)
    assert await scene.operator.accepted() <= at_cancel + 2 * window  # one in flight, one led in
    assert max(scene.operator.copies().values()) == 1


async def _waiting(scene: Scene, version: Version) -> bool:
    states = (await results(scene.ledger, COMMUNE, version.version_id)).states
    return bool({"ready", "claimed", "sending", "unknown"} & set(states))


SCENES: dict[CrashPoint, Callable[[Scene, CrashPoint], Awaitable[None]]] = {
    CrashPoint.CP0: _launch_killed,
    CrashPoint.CP1: _launch_killed,
    CrashPoint.CP2: _materialising_killed,
    CrashPoint.CP3: _holding_killed,
    CrashPoint.CP4: _holding_killed,
    CrashPoint.CP5: _sending_killed,
    CrashPoint.CP6: _holding_killed,
    CrashPoint.CP7: _receipt_lost,
    CrashPoint.CP8: _receipt_killed,
    CrashPoint.CP9: _cancel_killed,
}


def test_every_crash_point_has_its_scene() -> None:
    assert set(SCENES) == set(CrashPoint)


@pytest.mark.parametrize("point", CrashPoint, ids=lambda one: one.name)
async def test_a_process_killed_at_this_point_loses_nobody_and_copies_nothing(
    point: CrashPoint, scene: Scene
) -> None:
    await SCENES[point](scene, point)


@pytest.mark.parametrize("scene", [False], ids=["no-records"], indirect=True)
async def test_where_no_record_can_be_read_at_most_a_window_is_sent_twice(scene: Scene) -> None:
    await scene.operator.harm("hang", 10)
    await _worker_killed(scene, CrashPoint.CP5)
    copies = scene.operator.copies()
    assert (set(copies), max(copies.values())) == (set(EVERYONE), 2)
    assert copies.total() - PEOPLE <= WINDOW
