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
from redis.asyncio import Redis
from sqlalchemy.exc import SQLAlchemyError

from channels.contract import Address
from dispatcher.alarms import code_flow, words
from dispatcher.alarms.calendar import due_day
from dispatcher.alarms.canary import FLIGHT, Cage, fly, recipient_of, verdict
from dispatcher.alarms.checks import check_all
from dispatcher.alarms.ending import CHECKED
from dispatcher.alarms.telling import OnCall, tell
from dispatcher.delivery.accounts import Route
from dispatcher.delivery.pace import SharedPace
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.store import alarms, dailies, plans, signups
from dispatcher.store.alarms import Raised
from dispatcher.store.canaries import WHAT, busy, flying
from dispatcher.store.code_limits import OF_A_COMMUNE, codes_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.windows import Outcome

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
    keys: TokenKeys = field(repr=False)
    usual: tuple[Address, ...] = ()  # who gets the tests of accounts that name nobody
    redis: "Redis | None" = None
    workers: int = 1
    signups_daily: int = OF_A_COMMUNE  # codes that leave a commune in a day at most
    me: str = field(default_factory=_me)

    def cage(self, route: Route) -> Cage:
        """Return what a test of this account is sent with."""
        account, url = route.account, self.people.public_url
        pace = SharedPace(
            self.redis, account=account.name, rate_per_s=account.rate_per_s, workers=self.workers
        )
        return Cage(self.ledger, self.keys, url, self.logbook_key, self.me, pace)


async def go_round(one: Round) -> None:
    """Do each day's work when it is due, until cancelled.

    Runbook: `daily.ledger` says that the ledger failed; the round is tried again. An `alarm.raised`
    of kind `account`, `certificate` or `codes` says in its sentences what is wrong and what to do.
    """
    while True:
        try:
            await step(one, now=datetime.now(UTC))
        except (SQLAlchemyError, OSError) as error:
            log.warning("daily.ledger", error=type(error).__name__)
        await asyncio.sleep(ASK_EVERY_S)


async def step(one: Round, *, now: datetime) -> None:
    """Do what is due now and nobody has done; forget what codes led to, a day later."""
    await signups.forget_old(one.ledger)
    await judge_codes(one)
    await judge(one)
    day = due_day(now, hour=one.hour, zone=one.zone)
    if day is None or not one.people.accounts():
        return
    if await dailies.begin(one.ledger, CHECKS, day=day):
        accounts, url = one.people.accounts(), one.people.public_url
        await report(one, await check_all(one.ledger, accounts, public_url=url))
        await dailies.done(one.ledger, CHECKS, day=day)
    for route in one.people.accounts():
        await _test(one, route, day=day)
    await judge(one)  # what was refused at once is told at once


async def _test(one: Round, route: Route, *, day: str) -> None:
    """Send an account's test of the day, unless somebody did or an alert is leaving by it."""
    to = recipient_of(route, one.usual)
    if to is None or await busy(one.ledger, route.medium):
        return
    if await dailies.begin(one.ledger, f"{WHAT}{route.account.name}", day=day):
        await test_now(one, route, to, day=day)


async def test_by_hand(one: Round, route: Route, to: Address) -> Outcome | None:
    """Send an account's test at once, beside that of the day; a worker judges it as that one."""
    day = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    await dailies.begin(one.ledger, f"{WHAT}{route.account.name}", day=day)
    return await test_now(one, route, to, day=day)


async def test_now(one: Round, route: Route, to: Address, *, day: str) -> Outcome | None:
    """Send an account's test; None where no commune has a plan yet, or it was sent before."""
    known = await plans.communes(one.ledger)
    if not known:
        return None
    outcome = await fly(one.cage(route), route, to, commune=known[0], day=day)
    account = route.account.name
    log.info("canary.sent", account=account, state=outcome and outcome.state)
    return outcome


async def judge(one: Round) -> None:
    """Say which tests arrived, and raise an alarm for those that did not in time."""
    media = {route.account.name: route.medium for route in one.people.accounts()}
    for flown in await flying(one.ledger):
        found = verdict(flown, media.get(flown.account, "sms"))
        if found is False:
            continue
        raised = [] if found is True else [found]
        await report(one, raised, within=f"{FLIGHT}{flown.account}")
        await dailies.done(one.ledger, f"{WHAT}{flown.account}", day=flown.day)
        log.info("canary.judged", account=flown.account, arrived=not raised)


async def judge_codes(one: Round) -> None:
    """Raise an alarm for each commune whose codes of sign-ups leave and do not come back."""
    for commune in await plans.communes(one.ledger):
        codes = await codes_of(one.ledger, commune)
        found = code_flow.verdict(commune, codes, daily=one.signups_daily)
        within = f"{code_flow.WITHIN}{commune}"
        await report(one, [found] if found else [], within=within, communes=[commune])


async def report(
    one: Round,
    found: Sequence[Raised],
    *,
    within: str = CHECKED,
    communes: Sequence[str] | None = None,
) -> None:
    """Raise what is new, end what is well again: alarms whose subject begins with `within`.

    They are told in all communes, unless some are named.
    """
    communes = await plans.communes(one.ledger) if communes is None else communes
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
