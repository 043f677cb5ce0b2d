"""Workers tell each other which accounts fail, and take points off those that are slow."""

import asyncio
import time

from sqlalchemy import select, update

from dispatcher.delivery.drain import drain
from dispatcher.delivery.health import State
from dispatcher.delivery.trunk import Sample, Trunk
from dispatcher.delivery.watch import Watch
from dispatcher.store import accounts
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from tests.fake_channel import UNREACHED, FakeChannel, door
from tests.outgoing import Plan, crowd, planned

LIVE_SMS = ("live", "sms")


def trunk_of(ledger: Ledger) -> tuple[Trunk, tuple[FakeChannel, FakeChannel]]:
    """Give one worker's two accounts."""
    trunk, fakes = Trunk(), (FakeChannel(provider="a"), FakeChannel(provider="b"))
    for fake in fakes:
        door(ledger, fake, trunk=trunk)
    return trunk, fakes


async def test_an_account_that_one_worker_saw_fail_is_open_for_the_others(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(20)))
    mine, (failing, _) = trunk_of(ledger)
    theirs, _ = trunk_of(ledger)
    watches = [Watch(ledger, {LIVE_SMS: one}) for one in (mine, theirs)]
    for watch in watches:
        await watch.step(0.0)
    failing.script = [UNREACHED] * 100
    await drain(door(ledger, failing, trunk=mine))
    assert theirs.lines["a"].breaker.state(theirs.clock()) is State.CLOSED
    for watch in watches:
        await watch.step(1.0)
    states = {name: line.breaker.state(theirs.clock()) for name, line in theirs.lines.items()}
    assert states == {"a": State.OPEN, "b": State.CLOSED}


async def test_an_account_that_has_come_back_here_is_not_opened_by_old_news(
    ledger: Ledger,
) -> None:
    trunk, _ = trunk_of(ledger)
    watch = Watch(ledger, {LIVE_SMS: trunk})
    await watch.step(0.0)
    await accounts.tell_open(ledger, "a")
    long_ago = update(accounts.accounts).values(opened_at=time.time() - 60.0)
    async with ledger.writing() as connection:
        await connection.execute(long_ago)
    await watch.step(1.0)
    assert trunk.lines["a"].breaker.state(trunk.clock()) is State.CLOSED


async def slow_by(ledger: Ledger, *names: str) -> Trunk:
    """Have all delivered, by these accounts in six minutes and by the others at once."""
    trunk, fakes = trunk_of(ledger)
    await planned(ledger, Plan(crowd(40)))
    await asyncio.gather(*(drain(door(ledger, fake, trunk=trunk)) for fake in fakes))
    async with ledger.writing() as connection:
        arrived = update(deliveries).values(
            state="delivered", settled_at=deliveries.c.accepted_at + 1.0
        )
        await connection.execute(arrived)
        late = arrived.where(deliveries.c.provider.in_(names))
        await connection.execute(late.values(settled_at=deliveries.c.accepted_at + 360.0))
    for fake in fakes:
        trunk.lines[fake.provider].samples.extend(await sent_by(ledger, fake.provider))
    await Watch(ledger, {LIVE_SMS: trunk}).step(0.0)
    return trunk


async def sent_by(ledger: Ledger, name: str) -> list[Sample]:
    """Give samples of all that an account sent."""
    async with ledger.reading() as connection:
        found = await connection.execute(
            select(deliveries.c.commune, deliveries.c.delivery_id).where(
                deliveries.c.provider == name
            )
        )
        return [Sample(time.monotonic(), *row) for row in found]


async def points(ledger: Ledger) -> dict[str, int]:
    """Read the points that each account has lost."""
    return {one.name: one.lowered for one in await accounts.heard(ledger)}


async def test_an_account_whose_messages_arrive_late_loses_weight(ledger: Ledger) -> None:
    await slow_by(ledger, "a")
    assert await points(ledger) == {"a": 10, "b": 0}


async def test_when_all_are_late_nothing_changes(ledger: Ledger) -> None:
    await slow_by(ledger, "a", "b")
    assert await points(ledger) == {"a": 0, "b": 0}


async def test_an_account_that_never_gives_receipts_is_not_taken_for_slow(ledger: Ledger) -> None:
    trunk, fakes = trunk_of(ledger)
    await planned(ledger, Plan(crowd(40)))
    await asyncio.gather(*(drain(door(ledger, fake, trunk=trunk)) for fake in fakes))
    silent = update(deliveries).values(accepted_at=time.time() - 800.0)
    arrived = silent.values(state="delivered", settled_at=time.time() - 799.0)
    async with ledger.writing() as connection:
        await connection.execute(silent.where(deliveries.c.provider == "a"))
        await connection.execute(arrived.where(deliveries.c.provider == "b"))
    for fake in fakes:
        trunk.lines[fake.provider].samples.extend(await sent_by(ledger, fake.provider))
    await Watch(ledger, {LIVE_SMS: trunk}).step(0.0)
    assert await points(ledger) == {"a": 0, "b": 0}


async def test_points_are_taken_once_by_two_workers(ledger: Ledger) -> None:
    await accounts.present(ledger, [accounts.Held("a", "live", "sms")])
    taken = [await accounts.change_points(ledger, "a", lowered=10, before=0) for _ in range(2)]
    assert taken == [True, False]
