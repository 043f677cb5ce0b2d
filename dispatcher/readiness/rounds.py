"""The rounds of « Prêt ? »: each day, when somebody asks, and each Monday's mail; by any worker.

Runbook: `ready.ledger` says that the ledger failed; the round is tried again. `ready.round_failed`
is the same for a reason of the programme or of the accounts file: the other communes have their
round, and this one is tried again; report it. A page whose lines are days old means that no worker
runs.
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
from dispatcher.alarms.guarding import rounds, tell_death
from dispatcher.alerts.refusals import NotThere
from dispatcher.readiness.desk import desk_for
from dispatcher.readiness.gathering import gather
from dispatcher.readiness.showing import readiness_of
from dispatcher.readiness.unanswered import PLAN, no_plan
from dispatcher.readiness.weekly import due_from, due_week, tell_week
from dispatcher.settings import PlaceSettings
from dispatcher.store import dailies, plans, readiness
from dispatcher.store.edition import OtherEdition

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
    ledger = man.round.ledger
    for commune in sorted({*await plans.communes(ledger), *await readiness.asking(ledger)}):
        # One that fails keeps no other from its round.
        [outcome] = await asyncio.gather(
            _turn(man, commune, now=now, tells=tells), return_exceptions=True
        )
        if isinstance(outcome, BaseException):
            _tell_failure(commune, outcome)
        elif outcome:
            done.append(commune)
    return done


def _tell_failure(commune: str, error: BaseException) -> None:
    """Log why a commune's round fell; what stops the process, or says the ledger fails, goes on."""
    if not isinstance(error, Exception) or isinstance(error, (SQLAlchemyError, OSError)):
        raise error
    if isinstance(error, OtherEdition):
        raise error
    kind = type(error).__name__
    log.error("ready.round_failed", commune=commune, error=kind, exc_info=error)


async def _turn(man: Watchman, commune: str, *, now: datetime, tells: bool) -> bool:
    """Do what is due in a commune; return whether it was looked at."""
    looked = await _look(man, commune, now=now)
    if tells:
        try:
            await _tell(man, commune, now=now)
        except NotThere as refusal:
            await _keep_no_plan(man, commune, refusal)
    return looked


async def look(man: Watchman, commune: str) -> None:
    """Ask everything about a commune now; without a plan, that is the one line there is."""
    try:
        desk = await desk_for(man.round, commune, data_dir=man.data_dir)
    except NotThere as refusal:
        found = [no_plan(refusal)]
    else:
        found = await gather(desk)
    await readiness.keep(man.round.ledger, commune, found)


async def _keep_no_plan(man: Watchman, commune: str, refusal: NotThere) -> None:
    """Put the line of the plan in the place of what was found while it could still be read."""
    known = await readiness.kept(man.round.ledger, commune)
    if [one.subject for one in known] != [PLAN]:
        await readiness.keep(man.round.ledger, commune, [no_plan(refusal)])


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
    if [line.subject for line in known.lines] == [PLAN]:  # it can be read again
        await look(man, commune)
        known = await readiness_of(one.ledger, commune)
    zone = ZoneInfo(desk.plan.commune.timezone)
    week = due_week(now, hour=one.hour, zone=zone)
    last = await readiness.last_week(one.ledger, commune) if week else None
    if week is None or (last is not None and last.week == week):
        return
    monday = due_from(now, hour=one.hour, zone=zone).timestamp()
    if last is None and not await plans.known_before(one.ledger, commune, monday):
        return
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
        going.add_done_callback(tell_death)
        try:
            yield
        finally:
            going.cancel()
            await asyncio.wait({going})
