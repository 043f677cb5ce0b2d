"""The rounds of « Prêt ? »: each day, when somebody asks, and each Monday's mail; by any worker.

Runbook: `ready.ledger` says that the ledger failed; the round is tried again. A page whose lines
are days old means that no worker runs.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.alarms.calendar import due_day
from dispatcher.alarms.daily import Round
from dispatcher.alarms.guarding import rounds
from dispatcher.alerts.refusals import NotThere
from dispatcher.readiness.gathering import desk_for, gather
from dispatcher.readiness.showing import readiness_of
from dispatcher.readiness.weekly import due_week, tell_week
from dispatcher.settings import PlaceSettings
from dispatcher.store import dailies, plans, readiness

LOOK_EVERY_S = 2.0  # somebody may be waiting for it
TELL_EVERY_S = 60.0  # nobody waits for the mail, and finding out reads a plan
WHAT = "ready:"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Watchman:
    """What the rounds are gone with."""

    round: Round
    data_dir: Path


async def step(man: Watchman, *, now: datetime, tells: bool = True) -> list[str]:
    """Do what is due now, the mail only where it `tells`; return the communes looked at."""
    done = []
    for commune in await plans.communes(man.round.ledger):
        try:
            if await _look(man, commune, now=now):
                done.append(commune)
            if tells:
                await _tell(man, commune, now=now)
        except NotThere:
            continue  # its plan cannot be read any more: the console says so
    return done


async def look(man: Watchman, commune: str) -> None:
    """Ask everything about a commune now; raises NotThere without a plan."""
    desk = await desk_for(man.round, commune, data_dir=man.data_dir)
    await readiness.keep(man.round.ledger, commune, await gather(desk))


async def _look(man: Watchman, commune: str, *, now: datetime) -> bool:
    """Look at a commune where that is due: today's round, or somebody asked."""
    one = man.round
    if await readiness.take(one.ledger, commune):
        await look(man, commune)
        return True
    day = due_day(now, hour=one.hour, zone=one.zone)
    if day is None or not await dailies.begin(one.ledger, f"{WHAT}{commune}", day=day):
        return False
    await look(man, commune)
    await dailies.done(one.ledger, f"{WHAT}{commune}", day=day)
    return True


async def _tell(man: Watchman, commune: str, *, now: datetime) -> None:
    one = man.round
    known = await readiness_of(one.ledger, commune)
    if not known.lines:
        return
    desk = await desk_for(one, commune, data_dir=man.data_dir)
    zone = ZoneInfo(desk.plan.commune.timezone)
    week = due_week(now, hour=one.hour, zone=zone)
    last = await readiness.last_week(one.ledger, commune) if week else None
    if week is not None and (last is None or last.week != week):
        await tell_week(one.ledger, one.people, desk.plan, known=known, week=week)


async def go_on(man: Watchman) -> None:
    """Do what is due, until cancelled."""
    told_at = float("-inf")
    while True:
        tells = time.monotonic() - told_at >= TELL_EVERY_S
        told_at = time.monotonic() if tells else told_at
        try:
            await step(man, now=datetime.now(UTC), tells=tells)
        except (SQLAlchemyError, OSError) as error:
            log.warning("ready.ledger", error=type(error).__name__)
        await asyncio.sleep(LOOK_EVERY_S)


@asynccontextmanager
async def readying(place: PlaceSettings) -> AsyncIterator[None]:
    """Go the rounds while the block runs."""
    async with rounds(place) as one:
        going = asyncio.create_task(go_on(Watchman(one, place.data_dir)))
        try:
            yield
        finally:
            going.cancel()
            await asyncio.wait({going})
