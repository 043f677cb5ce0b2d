"""Finding out whether a commune is ready: each fact asked for within its time, then judged.

What fails or hangs is one line that says so; the others are found all the same.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from channels.contract import NotAccepted, Usability
from channels.registry import open_channel
from dispatcher.alarms.calendar import due_day
from dispatcher.alarms.canary import recipient_of
from dispatcher.alarms.certificates import Server, certified
from dispatcher.alarms.checks import own_server, servers_of
from dispatcher.delivery.accounts import Route
from dispatcher.delivery.accounts_file import AccountsFault
from dispatcher.readiness import judging_accounts, judging_machine, judging_people, judging_plan
from dispatcher.readiness.copies import judge_copies
from dispatcher.readiness.desk import Desk
from dispatcher.readiness.judging_accounts import AccountFound, Flight, Flown
from dispatcher.readiness.judging_mail import judge_mail, no_domain
from dispatcher.readiness.judging_partners import judge_partners
from dispatcher.readiness.judging_plan import Played
from dispatcher.readiness.judging_register import judge_register
from dispatcher.readiness.lines import Line, merged
from dispatcher.readiness.mail_names import ask_all, domains_of
from dispatcher.readiness.trials import judge_phones
from dispatcher.readiness.unanswered import ACCOUNTS, faulty_file, unanswered
from dispatcher.store import dailies, readiness_facts
from dispatcher.store.edition import OtherEdition
from dispatcher.store.users import accounts_of

TOGETHER = 4

log = structlog.get_logger(__name__)


Question = Callable[[Desk], Awaitable[Sequence[Line]]]


async def gather(desk: Desk, questions: Sequence[tuple[str, Question]] | None = None) -> list[Line]:
    """Ask everything, or only these questions; return the lines in the order of the questions."""
    turns = asyncio.Semaphore(TOGETHER)

    async def in_turn(name: str, question: Question) -> Sequence[Line]:
        async with turns:
            return await _asked(desk, name, question)

    asked = questions or QUESTIONS
    found = await asyncio.gather(
        *(in_turn(name, question) for name, question in asked), return_exceptions=True
    )
    lines: list[Line] = []
    for (name, _), outcome in zip(asked, found, strict=True):
        lines += [_failed(name, outcome)] if isinstance(outcome, BaseException) else outcome
    return merged(lines)


def _failed(subject: str, error: BaseException) -> Line:
    """Say that a question fell for a reason of the programme; what stops the process goes on."""
    if not isinstance(error, Exception) or isinstance(error, OtherEdition):
        raise error
    log.error("ready.failed", question=subject, kind=type(error).__name__, exc_info=error)
    return unanswered(subject)


async def _asked(desk: Desk, subject: str, question: Question) -> Sequence[Line]:
    """Ask one question.

    A fault in the accounts file, which is read again each time, is the line of the accounts.

    Runbook: `ready.unanswered` names a question of « Prêt ? » that failed or took too long; its
    line says « unknown ». Look at what it asks: an account, the DNS, the ledger, a folder.
    `ready.failed` is the same for a reason of the programme: report it.
    """
    try:
        async with asyncio.timeout(desk.within_s):
            return await question(desk)
    except (TimeoutError, OSError, ValueError, SQLAlchemyError) as error:
        log.warning("ready.unanswered", question=subject, kind=type(error).__name__)
    except AccountsFault as fault:
        log.warning("ready.unanswered", question=subject, kind=type(fault).__name__)
        if subject == ACCOUNTS:
            return [faulty_file(fault)]
    return [unanswered(subject)]


async def _accounts(desk: Desk) -> Sequence[Line]:
    policy = desk.plan.policy
    routes = [one for one in desk.round.people.accounts() if not one.account.sandbox]
    url = desk.round.people.public_url
    found = await asyncio.gather(*(_account(one, url) for one in routes))
    used = [one for one in judging_accounts.NEEDED if policy.uses(one)]
    if any("webhook" in target.media for target in policy.targets):
        used.append("webhook")
    people = await dailies.how_many(desk.round.ledger, "mobile")
    lines = judging_accounts.judge_accounts(found, used=used, people=people)
    if policy.uses("sms"):
        lines.append(judging_accounts.judge_sender(policy.sender))
    if policy.uses("voice"):
        lines.append(judging_accounts.judge_caller(policy.caller_number, found))
    return lines


async def _account(route: Route, public_url: str) -> AccountFound:
    account = route.account
    try:
        async with open_channel(account, public_url=public_url) as channel:
            found = await channel.check()
    except (NotAccepted, ValueError, OSError) as error:
        found = Usability(ok=False, problem=str(error) or type(error).__name__)
    return AccountFound(
        account.name,
        route.medium,
        account.sandbox,
        found.ok,
        found.problem,
        found.remedy,
        found.credit,
        route.cost_eur,
        account.values.get("caller", ""),
    )


async def _trial(desk: Desk) -> Sequence[Line]:
    accounts, now = desk.round.people.accounts(), desk.now().timestamp()
    ledger = desk.round.ledger
    return [await judge_phones(ledger, desk.plan, desk.commune, accounts=accounts, now=now)]


async def _names(desk: Desk) -> Sequence[Line]:
    mails = [one.account for one in desk.round.people.accounts() if one.account.kind == "smtp"]
    senders, envelopes = domains_of(one.values for one in mails if not one.sandbox)
    if not senders:
        return no_domain()
    selector, server = desk.ready.dkim_selector, desk.ready.resolver
    return judge_mail(*await ask_all(senders, envelopes, selector=selector, server=server))


async def _certificates(desk: Desk) -> Sequence[Line]:
    url = desk.round.people.public_url
    routes = [one for one in desk.round.people.accounts() if not one.account.sandbox]
    plain = judging_machine.judge_address(url)
    servers = sorted({*own_server(url), *servers_of(routes)}, key=lambda one: one.name)
    now = datetime.now(UTC)

    async def judged(server: Server) -> Line:
        return judging_machine.judge_certificate(server.name, await certified(server), now=now)

    found = await asyncio.gather(*map(judged, servers))
    return [plain, *found] if plain else found


async def _people(desk: Desk) -> Sequence[Line]:
    accounts = await accounts_of(desk.round.ledger, desk.commune)
    usable = [
        (one.user.contact_id, one.user.function)
        for one in accounts
        if one.usable and one.user.contact_id
    ]
    return [
        *judging_people.judge_approvers(judging_people.approvers_of(desk.plan, usable)),
        judging_people.judge_duty(desk.plan, now=desk.now()),
    ]


async def _plan(desk: Desk) -> Sequence[Line]:
    last = await readiness_facts.played_of(desk.round.ledger, desk.commune)
    today = desk.now().date()

    def day(mode: str) -> date | None:
        at = last.get(mode)
        return None if at is None else datetime.fromtimestamp(at, desk.zone).date()

    return [
        judging_plan.judge_templates(desk.plan),
        judging_plan.judge_revision(desk.plan, today=today),
        judging_plan.judge_evaluation(desk.plan, today=today),
        judging_plan.judge_exercise(desk.plan, Played(day("real"), day("exercise")), today=today),
    ]


async def _canary(desk: Desk) -> Sequence[Line]:
    one, now = desk.round, datetime.now(UTC)
    real = [route for route in one.people.accounts() if not route.account.sandbox]
    tested = [route.account.name for route in real if recipient_of(route, one.usual)]
    day = day_of_tests(now, hour=one.hour, zone=one.zone)
    flights = await readiness_facts.flights_of(
        one.ledger, day=day.isoformat(), commune=desk.commune
    )
    found = [
        Flight(name, name in flights.sent, name in flights.arrived, name in flights.failed)
        for name in tested
    ]
    untested = [route.account.name for route in real if route.account.name not in tested]
    return judging_accounts.judge_canary(Flown(f"{day:%d/%m/%Y}", found, untested))


def day_of_tests(now: datetime, *, hour: int, zone: ZoneInfo) -> date:
    """Return the last local day whose tests were due: yesterday before their hour. Pure."""
    due = due_day(now, hour=hour, zone=zone)
    if due is not None:
        return date.fromisoformat(due)
    return now.astimezone(zone).date() - timedelta(days=1)


async def _cover(desk: Desk) -> Sequence[Line]:
    found = await readiness_facts.enrolled_at(desk.round.ledger, desk.commune)
    return [judging_people.judge_cover(found.enrolled, found.addresses, sure=found.sure)]


async def _machine(desk: Desk) -> Sequence[Line]:
    ledger = desk.round.ledger
    disk = await asyncio.to_thread(shutil.disk_usage, desk.data_dir)
    rehearsing = await readiness_facts.rehearsing_of(ledger, desk.commune)
    played = judging_machine.judge_rehearsals(rehearsing)
    if ledger.dialect == "sqlite":  # in the folder of the data, and by this machine's own clock
        return [judging_machine.judge_disk(disk.free, disk.total), played]
    return [
        played,
        judging_machine.judge_disk(disk.free, disk.total, elsewhere=True),
        judging_machine.judge_clock(await readiness_facts.clock_apart(ledger)),
    ]


QUESTIONS: tuple[tuple[str, Question], ...] = (
    (ACCOUNTS, _accounts),
    ("trial", _trial),
    ("people", _people),
    ("templates", _plan),
    ("canary", _canary),
    ("mail", _names),
    ("tls", _certificates),
    ("copies", judge_copies),
    ("cover", _cover),
    ("machine", _machine),
    ("partners", judge_partners),
    ("register", judge_register),
)
