"""« Tout est prêt »: each Monday's mail, also when all is well: silence would hide a dead machine.

Who got it is kept person by person, at once: a worker that dies midway mails nobody again, and
the others are tried each quarter of an hour, for a day.

Runbook: `ready.not_told` says how many approvers and administrators did not get it: they have no
address that an account takes. Nobody at all is tried for all week.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from dispatcher.access.permissions import allowed
from dispatcher.alarms.telling import OnCall, Words, tell_one
from dispatcher.readiness.lines import NOT_READY, READY, UNKNOWN, WARNING, Line, filled
from dispatcher.readiness.showing import Readiness, headline
from dispatcher.staff.messenger import ways_to
from dispatcher.store import dailies, readiness
from dispatcher.store.ledger import Ledger
from dispatcher.store.readiness import Week
from dispatcher.store.users import accounts_of
from plans.people import Contact
from plans.plan import Plan

WHAT = "ready-mail:"
REACHED = "ready-told:"
AGAIN_S = 24 * 3600.0  # after the first one, the others are tried for so long
HEADS = {
    NOT_READY: "PAS PRÊT",
    UNKNOWN: "PAS VÉRIFIÉ",
    WARNING: "À SURVEILLER",
    READY: "PRÊT",
}
SHORT_STATE = {
    NOT_READY: "pas prêt",
    UNKNOWN: "pas vérifié",
    WARNING: "à surveiller",
    READY: "prêt",
}

log = structlog.get_logger(__name__)


def due_week(now: datetime, *, hour: int, zone: ZoneInfo) -> str | None:
    """Return the ISO week whose mail is due: from Monday at `hour`, on the commune's clock. Pure.

    A machine that was down on Monday sends it when it is up again. None before that hour.
    """
    if now < due_from(now, hour=hour, zone=zone):
        return None
    year, week, _ = now.astimezone(zone).isocalendar()
    return f"{year}-W{week:02d}"


def due_from(now: datetime, *, hour: int, zone: ZoneInfo) -> datetime:
    """Return this week's Monday at `hour`, on the commune's clock. Pure.

    Who got a plan since is told from the next Monday on: a first start is nobody's weekly mail.
    """
    local = now.astimezone(zone)
    monday = local - timedelta(days=local.weekday())
    return monday.replace(hour=hour, minute=0, second=0, microsecond=0)


async def concerned(ledger: Ledger, plan: Plan) -> Mapping[str, Contact]:
    """Return who approves alerts and who gives accesses, by id in the plan's directory."""
    found = {one.id: one for one in plan.approver_contacts()}
    known = {one.id: one for one in plan.contacts}
    for account in await accounts_of(ledger, plan.commune.insee):
        contact = account.user.contact_id
        manages = account.entitled and allowed(account.user.function, "access.manage")
        if manages and contact in known:
            found[contact] = known[contact]
    return found


async def tell_week(
    ledger: Ledger, way_out: OnCall, plan: Plan, *, known: Readiness, week: str
) -> int:
    """Tell a week's mail once to each, whichever worker comes; return how many it reached now."""
    commune = plan.commune.insee
    if not await dailies.begin(ledger, f"{WHAT}{commune}", day=week):
        return 0
    people = await concerned(ledger, plan)
    told = await dailies.ages(ledger, f"{REACHED}{commune}:", day=week)
    words = worded(known, await readiness.last_week(ledger, commune), plan)
    reached = [ident for ident in people if _mark(commune, ident) in told]
    before = len(reached)
    for ident, contact in people.items():
        if ident not in reached and await _reach(way_out, words, ident, contact=contact):
            await dailies.note(ledger, _mark(commune, ident), day=week)
            reached.append(ident)
    left = {ident: one for ident, one in people.items() if ident not in reached}
    if left or not people:
        log.error("ready.not_told", commune=commune, week=week, missing=len(left))
    waits = ways_to(left) and max(told.values(), default=0.0) < AGAIN_S
    if not reached or waits:
        return len(reached) - before  # the turn is left open: another takes it up
    states = {one.subject: one.state for one in known.lines}
    await readiness.keep_week(ledger, commune, Week(week, states, reached))
    await dailies.done(ledger, f"{WHAT}{commune}", day=week)
    log.info("ready.told", commune=commune, week=week, reached=len(reached))
    return len(reached) - before


async def _reach(way_out: OnCall, words: Words, ident: str, *, contact: Contact) -> bool:
    """Tell one person by the first of her ways that takes it."""
    for to in [way for ways in ways_to({ident: contact}) for way in ways]:
        if await tell_one(way_out, words, to=to):
            return True
    return False


def _mark(commune: str, ident: str) -> str:
    """Name the note that somebody was reached, within what the ledger keeps of a name."""
    return f"{REACHED}{commune}:{hashlib.sha256(ident.encode()).hexdigest()[:16]}"


def worded(known: Readiness, before: Week | None, plan: Plan) -> Words:
    """Word a week's mail: the sentence, what changed, the lines with their remedies. Pure."""
    town, said = plan.commune.name, headline(known)
    parts = [f"{town} : {said}", _service(known), *_changes(known.lines, before)]
    for state, head in HEADS.items():
        lines = known.of(state)
        if lines:
            parts.append("\n".join([head, *(_told(one) for one in lines)]))
    parts.append(
        "Ce message part chaque semaine. S'il ne vient pas, le serveur est peut-être arrêté :"
        " regardez la page « Prêt ? » de la console."
    )
    short = f"Tocsin {town} : {said} Le détail est sur la console, page « Prêt ? »."
    return Words(f"Tocsin {town} : {said}", "\n\n".join(parts), short, plan.policy.sender)


def _service(known: Readiness) -> str:
    if known.opening.live:
        return "La commune est en service : ses alertes réelles peuvent partir."
    return (
        "La commune n'est pas en service : aucune alerte réelle ne peut partir par un fournisseur."
    )


def _told(line: Line) -> str:
    remedy = f" → {filled(line.remedy, line)}" if line.remedy else ""
    return f"- {filled(line.said, line)}{remedy}"


def _changes(lines: Sequence[Line], before: Week | None) -> list[str]:
    if before is None:
        return []
    changed = [
        f"- {filled(one.said, one)} ({SHORT_STATE.get(was, was)} → {SHORT_STATE[one.state]})"
        for one in lines
        if (was := before.states.get(one.subject)) is not None and was != one.state
    ]
    return ["\n".join(["CE QUI A CHANGÉ DEPUIS LA DERNIÈRE FOIS", *(changed or ["- rien"])])]
