"""Each day, what has had its time ends, and the logbook says what, how much, and by which proof.

Runbook: a worker does it once a day and commune, another goes on where it died. `purge.told` gives
the count; `tocsin privacy purge` does it at once and shows what each clock still finds.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from dispatcher.alerts.office import Office
from dispatcher.privacy import eliminating
from dispatcher.privacy.periods import days_of
from dispatcher.store import dailies, plans, purging, released
from dispatcher.store.clocks import CLOCKS, Clock
from dispatcher.store.purging import Part

DAY_S = 86_400.0
ASK_EVERY_S = 300.0
NAME = "purge"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ended:
    """What a turn did with one kind: the instant that it counts to, rows ended, due still, kept."""

    kind: str
    days: int
    before: float
    rows: int
    left: int
    kept: int


async def purge(office: Office) -> list[Ended]:
    """End what has had its time here, and tell it; what fails to end is counted as left.

    With it ends what stayed of who is erased: a hold, lifted since, or a team had kept it.
    """
    now, days = office.clock().timestamp(), await days_of(office)
    run = secrets.token_hex(8)
    ended = [
        await _one(office, clock, now - days[clock.kind] * DAY_S, days=days[clock.kind], run=run)
        for clock in CLOCKS
    ]
    await released.end_released(office.ledger, office.commune, run=run)
    left = {one.kind: one.left for one in ended}
    told = await purging.tell(office.ledger, office.commune, key=office.logbook_key, left=left)
    if told:
        log.info("purge.told", commune=office.commune, rows=told)
    return ended


async def _one(office: Office, clock: Clock, before: float, *, days: int, run: str) -> Ended:
    rows, last = 0, Part(run)
    while True:
        part = await purging.purge_part(
            office.ledger, office.commune, clock, before=before, last=last
        )
        if part is None:
            break
        rows, last = rows + part.rows, part
    found = await purging.due(office.ledger, office.commune, clock, before=before)
    return Ended(clock.kind, days, before, rows, found.rows, found.kept)


async def foreseen(office: Office) -> list[Ended]:
    """Count what would end now, and end nothing."""
    now, days = office.clock().timestamp(), await days_of(office)
    told = []
    for clock in CLOCKS:
        before = now - days[clock.kind] * DAY_S
        due = await purging.due(office.ledger, office.commune, clock, before=before)
        told.append(Ended(clock.kind, days[clock.kind], before, 0, due.rows, due.kept))
    return told


async def turn(office: Office, *, now: datetime) -> None:
    """Do the day's turn of each commune that nobody did; go on with an elimination begun.

    While an alert is on its way nothing begins: it is looked at again five minutes later.
    """
    if await purging.leaving(office.ledger):
        return
    for commune in await plans.communes(office.ledger):
        here = office.of(commune)
        what, day = f"{NAME}.{commune}", f"{now:%Y-%m-%d}"
        if await dailies.begin(office.ledger, what, day=day):
            await purge(here)
            await eliminating.go_on(here)
            await dailies.done(office.ledger, what, day=day)


class Steadily(Protocol):
    """Runs a step, and survives a ledger that is away."""

    async def __call__(self, what: str, step: Callable[[], Awaitable[None]]) -> object:
        """Run it."""


async def keep_clocks(office: Office, *, steadily: Steadily) -> None:
    """Look every five minutes whether a day's turn is due, until cancelled."""

    async def step() -> None:
        await turn(office, now=office.clock())

    while True:
        await asyncio.sleep(ASK_EVERY_S)  # not as a worker begins: an alert may be why it did
        await steadily("purge", step)
