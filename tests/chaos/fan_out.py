"""A fan-out under random faults, one after the other, and what the operator's ledger says of it."""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from dispatcher.store.ledger import Ledger, Timing
from dispatcher.store.migrate import migrate
from dispatcher.store.versions import Version, version_by_id
from tests.chaos.crowds import Crowd, Crowds, settle_all
from tests.chaos.faults import Fault, drawn
from tests.chaos.machines import WORKERS, Machines, database, machines
from tests.chaos.oracle import End, judge
from tests.chaos.reading import Fate, expected_of, taken_of
from tests.keyring import opened
from tests.outgoing import COMMUNE, NotLaunched, Plan, approved, cancelled, launch_once

Say = Callable[[str], None]
Result = TypeVar("Result")

WINDOW = 50
SPACING_S = 2.5  # between two faults, so that each meets work
RATES = (100.0, 2000.0)  # messages a second
STILL_S = 90.0  # nothing taken for so long, and nothing finished: it hangs
PATIENCE_S = 60.0  # with a database that is away
# Shorter than in life; the proxy's and the operator's harms end before a lease does.
TIMING = Timing(
    claim_lease_s=1.5,
    renew_every_s=0.3,
    send_lease_s=4.0,
    send_needs_s=2.5,
    first_look_s=1.0,
    second_look_s=1.0,
    unreadable_s=2.0,
)


@dataclass(frozen=True)
class Wanted:
    """What to run."""

    rows: int
    faults: int
    database: str
    look_up: bool = True
    seed: int = 0

    @property
    def rate(self) -> float:
        """Return the rate at which the fan-out lasts as long as its faults."""
        least, most = RATES
        return min(most, max(least, self.rows / (max(1, self.faults) * SPACING_S)))


@dataclass
class Run:
    """A fan-out on its way."""

    wanted: Wanted
    crowds: Crowds
    machines: Machines
    ledger: Ledger
    say: Say
    versions: dict[str, Version] = field(default_factory=dict)
    ends: list[End] = field(default_factory=list)
    done: list[Fault] = field(default_factory=list)


async def chaos(wanted: Wanted, *, say: Say) -> Mapping[str, object]:
    """Run it and judge it; the answer holds the keys of INTERFACES.md and more."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos") as name:
        folder = Path(name)
        async with database(wanted.database, folder) as one:
            await migrate(one.url)
            async with opened(one.url, timing=TIMING) as ledger:
                crowds = Crowds(wanted.rows)
                await settle_all(ledger, crowds)
                say(f"{crowds.strangers.stop} people; {wanted.rate:.0f} messages/s granted")
                async with machines(
                    one, folder, rate=wanted.rate, timing=TIMING, records=wanted.look_up
                ) as running:
                    run = Run(wanted, crowds, running, ledger, say)
                    await _fan_out(run)
                    statuses = [await worker.stop() for worker in running.workers]
                    say(f"workers ended with {statuses}")
                return await _judged(run, seconds=time.monotonic() - begun)


async def _fan_out(run: Run) -> None:
    crowds = run.crowds
    run.versions["rehearsed"] = await _launch(run, crowds.rehearsed, route="rehearsal")
    run.versions["audience"] = await _launch(run, crowds.audience)
    async with asyncio.TaskGroup() as group:
        group.create_task(_break(run))
        group.create_task(_stop_one(run))
        group.create_task(_let_one_expire(run))
    await run.machines.proxy.order(do="pass")
    await _until_finished(run)


async def _launch(
    run: Run, people: range, *, route: str = "live", lifetime_s: float = 86_400.0
) -> Version:
    plan = Plan(Crowd(people), route=route, lifetime_s=lifetime_s)
    version = await patiently(lambda: approved(run.ledger, plan))
    return await patiently(lambda: launch_once(run.ledger, version.version_id, plan))


async def _break(run: Run) -> None:
    wanted = run.wanted
    dice = random.Random(wanted.seed)  # noqa: S311 - which fault comes when
    faults = drawn(wanted.faults, database=wanted.database, dice=dice)
    for number, fault in enumerate(faults):
        await _until_taken(run, int(wanted.rows * (number + 0.5) / (len(faults) + 1)))
        taken = await run.machines.operator.accepted()
        run.say(f"{number + 1}/{len(faults)} {fault.name} after {taken} messages")
        await fault.do(run.machines, dice)
        run.done.append(fault)


async def _stop_one(run: Run) -> None:
    """Launch an alert and cancel it while it leaves (I4)."""
    await _until_taken(run, run.wanted.rows // 4)
    before = await run.machines.operator.accepted()
    version = await _launch(run, run.crowds.stopped)
    await _until_taken(run, before + 20)
    await patiently(lambda: cancelled(run.ledger, version))
    run.versions["stopped"] = version
    _ended(run, run.crowds.stopped, at=time.time())


async def _let_one_expire(run: Run) -> None:
    """Launch an alert whose time ends while it leaves (I4)."""
    await _until_taken(run, run.wanted.rows // 2)
    while True:
        # A database that is away can outlast the alert's short life: then another is launched.
        with suppress(NotLaunched):
            version = await _launch(run, run.crowds.expired, lifetime_s=2.0)
            break
    run.versions["expired"] = version
    _ended(run, run.crowds.expired, at=version.expires_at)


def _ended(run: Run, people: range, *, at: float) -> None:
    # Each worker has a window in flight and one led in; what the operator took late is no later
    # than the lease it was sent under.
    still = 2 * WINDOW * WORKERS
    run.ends.append(End(people, at, still=still, within_s=TIMING.send_lease_s))


async def _until_taken(run: Run, number: int) -> None:
    """Wait until the operator took so many, or takes no more."""
    taken, since = -1, time.monotonic()
    while taken < number:
        now = await run.machines.operator.accepted()
        if now > taken:
            taken, since = now, time.monotonic()
        elif time.monotonic() - since > STILL_S / 3:
            run.say(f"nothing taken for {STILL_S / 3:.0f} s at {taken} messages")
            return
        await asyncio.sleep(0.05)


async def _until_finished(run: Run) -> None:
    taken, since = -1, time.monotonic()
    while time.monotonic() - since < STILL_S:
        now = await run.machines.operator.accepted()
        if now > taken:
            taken, since = now, time.monotonic()
        if await patiently(lambda: _finished(run)):
            return
        await asyncio.sleep(0.3)
    run.say(f"it hangs: nothing taken for {STILL_S:.0f} s, and not finished")


async def _finished(run: Run) -> bool:
    for name in ("audience", "rehearsed"):
        known = run.versions[name]
        found = await version_by_id(run.ledger, COMMUNE, known.version_id)
        if found is None or found.finished_at is None:
            return False
    return True


async def patiently(step: Callable[[], Awaitable[Result]]) -> Result:
    """Take a step, again and again while the database is away."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await step()
        except (SQLAlchemyError, OSError):
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.3)


async def _judged(run: Run, *, seconds: float) -> Mapping[str, object]:
    wanted = run.wanted
    bound = 0 if wanted.look_up else WINDOW * sum(fault.windows for fault in run.done)
    fate = Fate(run.versions, tuple(run.ends), run.crowds.rehearsed, bound)
    expected = await expected_of(run.ledger, fate)
    verdict = judge(taken_of(run.machines.operator.book), expected)
    return {
        "rows": len(expected.audience),
        "faults": len(run.done),
        "lost": verdict.lost,
        "duplicates": verdict.duplicates,
        "max_copies": verdict.max_copies,
        "duplicate_bound": bound,
        "outside_audience": verdict.outside_audience,
        "seconds": round(seconds, 1),
        "not_reached": verdict.not_reached,
        "invariants": verdict.invariants,
        "database": wanted.database,
        "look_up": wanted.look_up,
        "seed": wanted.seed,
    }
