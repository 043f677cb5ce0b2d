"""The round of each day, by whichever worker is up: checks, and what they found is told once."""

import asyncio
import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.alarms import words
from dispatcher.alarms.calendar import due_day
from dispatcher.alarms.checks import check_all
from dispatcher.alarms.ending import CHECKED
from dispatcher.alarms.telling import OnCall, tell
from dispatcher.store import alarms, dailies, plans
from dispatcher.store.alarms import Raised
from dispatcher.store.ledger import Ledger

ASK_EVERY_S = 30.0
CHECKS = "checks"  # the name of this work among the day's
WELL_AGAIN = "C'est réglé"

log = structlog.get_logger(__name__)


def _me() -> str:
    return f"{socket.gethostname()[:24]}-{os.getpid()}-{secrets.token_hex(4)}"


@dataclass(frozen=True)
class Round:
    """What a daily round works with."""

    ledger: Ledger
    people: OnCall
    logbook_key: bytes
    hour: int
    zone: ZoneInfo
    me: str = field(default_factory=_me)


async def go_round(one: Round) -> None:
    """Do each day's work when it is due, until cancelled.

    Runbook: `daily.ledger` says that the ledger failed; the round is tried again. An `alarm.raised`
    of kind `account` or `certificate` says in its sentences what ends, when, and what to do.
    """
    while True:
        try:
            await step(one, now=datetime.now(UTC))
        except (SQLAlchemyError, OSError) as error:
            log.warning("daily.ledger", error=type(error).__name__)
        await asyncio.sleep(ASK_EVERY_S)


async def step(one: Round, *, now: datetime) -> None:
    """Do what is due now and nobody has done."""
    day = due_day(now, hour=one.hour, zone=one.zone)
    if day is None or not one.people.accounts():
        return
    if await dailies.begin(one.ledger, CHECKS, day=day):
        accounts, url = one.people.accounts(), one.people.public_url
        await report(one, await check_all(one.ledger, accounts, public_url=url))
        await dailies.done(one.ledger, CHECKS, day=day)


async def report(one: Round, found: Sequence[Raised], *, within: str = CHECKED) -> None:
    """Raise what is new, end what is well again: alarms whose subject begins with `within`."""
    communes = await plans.communes(one.ledger)
    still = {raised.subject for raised in found}
    for standing in await alarms.standing(one.ledger):
        subject = standing.raised.subject
        if subject.startswith(within) and subject not in still:
            await alarms.end_alarm(one.ledger, subject, key=one.logbook_key, text=WELL_AGAIN)
            log.info("alarm.ended", subject=subject)
    for raised in found:
        new = await alarms.raise_alarm(
            one.ledger, raised, communes=communes, teller=one.me, key=one.logbook_key
        )
        if new or not communes:
            log.error("alarm.raised", subject=raised.subject, kind=raised.kind, written=bool(new))
            if one.people.addresses:
                await tell(one.people, words.told(raised, new))
            await alarms.note_told(one.ledger, raised.subject)
