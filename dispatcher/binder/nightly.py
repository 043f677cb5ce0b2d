"""Each night's binder, made by whichever worker is up, and an alarm where it was not.

Runbook: `binder.failed` tells why; the alarm on the console says what to do; it is tried again a
quarter of an hour later, and the alarm ends with the first binder that is copied.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.alarms.calendar import due_day
from dispatcher.alarms.daily import Round, report
from dispatcher.alarms.guarding import rounds
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotThere
from dispatcher.binder.envelope import EnvelopeRefused
from dispatcher.binder.making import build
from dispatcher.binder.shelving import NotShelved, shelve
from dispatcher.logbook.typesetting import NotPrinted
from dispatcher.settings import BinderSettings, PlaceSettings
from dispatcher.store import dailies, plans
from dispatcher.store.alarms import Raised
from dispatcher.store.open_alerts import open_alerts

WAITS_H = 3  # for alerts in force; in a flood of days the binder is wanted more than ever
ASK_EVERY_S = 60.0
WHAT = "binder:"  # the work's name among the day's, and the alarm's subject
REMEDY = (
    "Montez le partage, vérifiez la place et TOCSIN_BINDER_RECIPIENT, puis « tocsin binder build »"
    " : sans classeur hors du serveur, une panne vous laisse sans annuaire ni listes d'appel."
)
FAILURES = (NotThere, EnvelopeRefused, NotPrinted, NotShelved, OSError)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Night:
    """What the night's work is done with."""

    round: Round
    settings: BinderSettings

    def office(self, commune: str) -> Office:
        """Return a commune at work."""
        one = self.round
        return Office(one.ledger, commune, one.logbook_key, one.keys, one.people.public_url, {})


async def step(night: Night, *, now: datetime) -> list[str]:
    """Make what is due and nobody has made; return the communes whose binder was copied."""
    one, settings = night.round, night.settings
    day = due_day(now, hour=settings.hour, zone=one.zone)
    if day is None or not settings.to.get_secret_value():
        return []
    latest = min(settings.hour + WAITS_H, 23)
    waits = due_day(now, hour=latest, zone=one.zone) is None
    if waits and await open_alerts(one.ledger):
        return []  # it takes this process seconds, which belong to who is warned; asked again soon
    done = []
    for commune in await plans.communes(one.ledger):
        what = f"{WHAT}{commune}"
        if not await dailies.begin(one.ledger, what, day=day):
            continue
        problem = await _made(night, commune)
        await report(one, [problem] if problem else [], within=what)
        if problem is None:
            await dailies.done(one.ledger, what, day=day)
            done.append(commune)
    return done


async def _made(night: Night, commune: str) -> Raised | None:
    """Make and copy one; return the alarm to raise where that failed."""
    settings = night.settings
    try:
        binder = await build(night.office(commune), recipient=settings.recipient, by="tocsin")
        to = settings.to.get_secret_value()
        await shelve(binder, to, keep_days=settings.keep_days)
    except FAILURES as error:
        kind = type(error).__name__  # the sentence may name a path: it goes to the console alone
        log.error("binder.failed", commune=commune, kind=kind)  # noqa: TRY400
        said = str(error) if not isinstance(error, OSError) else type(error).__name__
        return Raised(f"{WHAT}{commune}", "binder", said, REMEDY)
    log.info("binder.made", commune=commune, bytes=len(binder.sealed), people=binder.people)
    return None


async def go_on(night: Night) -> None:
    """Do each night's work when it is due, until cancelled."""
    while True:
        try:
            await step(night, now=datetime.now(UTC))
        except (SQLAlchemyError, OSError) as error:
            log.warning("binder.ledger", error=type(error).__name__)
        await asyncio.sleep(ASK_EVERY_S)


@asynccontextmanager
async def nightly(place: PlaceSettings) -> AsyncIterator[None]:
    """Make each night's binder while the block runs; nothing where none is wanted."""
    settings = BinderSettings()
    if not settings.to.get_secret_value():
        yield
        return
    async with rounds(place) as one:
        going = asyncio.create_task(go_on(Night(one, settings)))
        try:
            yield
        finally:
            going.cancel()
            await asyncio.wait({going})
