"""Who holds each function and cell: put there, and relieved in one act with a hand-over sheet.

The sheet is what the ledger knew at that moment, frozen with the relief: who took over can show
later what she was told.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.refusals import NotNow, NotThere, NotYou
from dispatcher.crisis.holders import check_holder
from dispatcher.crisis.posts import Post, posts_of
from dispatcher.crisis.steps import Asked, find
from dispatcher.store import crisis_sights, duties
from dispatcher.store.crises import Event
from dispatcher.store.duties import Duty, NewDuty
from dispatcher.store.summons_answers import calls_of, summonses_of
from dispatcher.store.tasks import Task, of_event, tasks_of
from plans.plan import Plan

RELIEVERS = ("dos", "deputy", "rac", "cell_chief")
Sheet = Mapping[str, Any]


async def hold(office: Office, event_id: str, post: str, *, holder: str, asked: Asked) -> Duty:
    """Put someone at a post, relieving whoever is there, in one act.

    `holder` is contact:ID of the plan's directory or user:LOGIN. The same again changes nothing.
    """
    if asked.actor.function not in RELIEVERS:
        raise NotYou("Le maire, un suppléant, le RAC ou un chef de cellule fait les relèves.")
    event = await find(office, event_id)
    if not event.is_open:
        raise NotNow("L'événement est terminé : personne n'y prend plus de fonction.")
    plan = (await plan_in_force.in_force(office)).plan
    place = post_of(plan, post)
    await check_holder(office, plan, holder)
    if asked.actor.function == "cell_chief" and not place.cell:
        raise NotYou("Un chef de cellule fait les relèves des cellules ; le RAC, les autres.")
    before = await holder_of(office, event, post)
    if before is not None and before.holder == holder:
        return before
    sheet = await sheet_of(office, event, place) if before else None
    line = office.line(
        asked.actor.login, "event.relieved" if before else "event.held",
        f"{'Relève' if before else 'Prise de fonction'} : {place.label}", event=event_id,
        post=post, holder=holder, before=before.holder if before else None,
        reason=asked.reason.strip(),
    )  # fmt: skip
    this = (event.commune, event.event_id)
    duty = NewDuty(post, holder, sheet)
    if not await duties.relieve_duty(office.ledger, this, duty, before=before, line=line):
        raise NotNow("Quelqu'un vient de changer cette fonction : relisez qui la tient.")
    found = await holder_of(office, event, post)
    if found is None:
        raise NotNow("Quelqu'un vient de changer cette fonction : relisez qui la tient.")
    return found


def post_of(plan: Plan, code: str) -> Post:
    """Return a function or cell of the plan; raises NotThere."""
    for post in posts_of(plan):
        if post.code == code:
            return post
    raise NotThere("Le plan n'a ni fonction ni cellule « {code} ».", code=code)


async def holder_of(office: Office, event: Event, post: str) -> Duty | None:
    """Return who holds a post now."""
    for duty in await duties.duties_of(office.ledger, event.commune, event.event_id):
        if duty.post == post and duty.until is None:
            return duty
    return None


async def sheet_of(office: Office, event: Event, post: Post) -> Sheet:
    """Return what whoever takes this post over has to know now, as JSON values.

    A cell's sheet has its own tasks and those of nobody; a function's has all of them.
    """
    ledger, commune, ident = office.ledger, event.commune, event.event_id
    known = await tasks_of(ledger, of_event(commune, ident))
    open_ = [task for task in known if task.state == "open"]
    mine = [task for task in open_ if not post.cell or task.cell in (None, post.code)]
    alerts = await crisis_sights.alerts_now(ledger, commune)
    held = await duties.duties_of(ledger, commune, ident)
    return {
        "at": utc_now().timestamp(),
        "post": post.code,
        "label": post.label,
        "event": {
            "title": event.title, "mode": event.mode, "state": event.state, "phase": event.phase,
            "level": event.level, "scenario": event.scenario, "directed_by": event.directed_by,
            "state_at": event.state_at,
        },
        "tasks": [_task(task) for task in mine],
        "alerts": [vars(one) for one in alerts if one.state == "launched"],
        "pending": [vars(one) for one in alerts if one.state != "launched"],
        "calls": await _unanswered(office, event),
        "holders": [
            {"post": one.post, "holder": one.holder, "since": one.since}
            for one in held
            if one.until is None
        ],
        "lines": [
            {"number": line.number, "at": line.at, "author": line.author, "text": line.text}
            for line in await crisis_sights.lines_of_event(ledger, commune, ident)
        ],
    }  # fmt: skip


def _task(task: Task) -> Mapping[str, object]:
    return {
        "card": task.card, "step": task.step, "title": task.title, "text": task.text,
        "cell": task.cell, "owner": task.owner,
    }  # fmt: skip


async def _unanswered(office: Office, event: Event) -> Sequence[Mapping[str, object]]:
    """Return the posts for which nobody has said yet that she comes."""
    found: dict[str, bool] = {}
    for one in await summonses_of(office.ledger, event.commune, event.event_id):
        for call in await calls_of(office.ledger, event.commune, one.summons_id):
            found[call.post] = found.get(call.post, False) or call.outcome == "coming"
    return [{"post": post} for post, comes in sorted(found.items()) if not comes]
