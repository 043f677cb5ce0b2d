"""The decisions on an event: for each a page that says what follows, then the act itself."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import AlertRefused, NotThere
from dispatcher.api.permissions import needs
from dispatcher.crisis import deciding, sights, standing_down
from dispatcher.crisis.cards import tasks_of_scenario
from dispatcher.crisis.deciding import RampUp, to_call
from dispatcher.crisis.moves import MOVES, SIGNS, next_phases
from dispatcher.crisis.steps import Asked
from dispatcher.delivery.bell import QUEUES
from dispatcher.store.crises import Event
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, asked_by, shown_of, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import plan_of
from plans.plan import Plan

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
Verb = Callable[[Office, str, Asked, FormData], Awaitable[Event]]


@dataclass(frozen=True)
class Decision:
    """One decision: where its page is, which permission it needs, what it does."""

    path: str
    act: str
    permission: str
    verb: Verb
    rings: bool = False


def _ramp(form: FormData) -> RampUp:
    return RampUp(form.get("call") != "no", str(form.get("scenario", "")) or None)


def _several(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(str(one) for one in form.getlist(name))


DECISIONS = (
    Decision(
        "evaluer", "assess", "event.open",
        lambda office, ident, asked, _form: deciding.assess(office, ident, asked=asked),
    ),
    Decision(
        "sans-suite", "no_follow_up", "event.pre_alert",
        lambda office, ident, asked, _form: deciding.no_follow_up(office, ident, asked=asked),
    ),
    Decision(
        "pre-alerte", "pre_alert", "event.pre_alert",
        lambda office, ident, asked, form: deciding.pre_alert(
            office, ident, asked=asked, ramp=_ramp(form)
        ),
        rings=True,
    ),
    Decision(
        "activer", "activate", "event.activate",
        lambda office, ident, asked, form: deciding.activate(
            office, ident, asked=asked, ramp=_ramp(form)
        ),
        rings=True,
    ),
    Decision(
        "niveau", "level", "event.pre_alert",
        lambda office, ident, asked, form: deciding.change_level(
            office, ident, str(form.get("level", "")), asked=asked
        ),
    ),
    Decision(
        "phase", "phase", "event.activate",
        lambda office, ident, asked, form: deciding.change_phase(
            office, ident, str(form.get("phase", "")), asked=asked, signs=_several(form, "sign")
        ),
    ),
    Decision(
        "prefet", "take_over", "event.pre_alert",
        lambda office, ident, asked, _form: deciding.take_over(office, ident, asked=asked),
    ),
    Decision(
        "maire", "give_back", "event.pre_alert",
        lambda office, ident, asked, _form: deciding.give_back(office, ident, asked=asked),
    ),
    Decision(
        "lever", "stand_down", "event.stand_down",
        lambda office, ident, asked, form: standing_down.stand_down(
            office, ident, asked=asked, knows=_several(form, "knows")
        ),
    ),
    Decision(
        "clore", "close", "event.stand_down",
        lambda office, ident, asked, _form: standing_down.close(office, ident, asked=asked),
    ),
)  # fmt: skip


def _routes(decision: Decision) -> None:
    """Give a decision its page and its act, each declaring the decision's own permission."""
    path = f"/evenements/{{event_id}}/{decision.path}"

    @router.get(path, name=f"{decision.act}_form")
    @needs(decision.permission)
    async def form(event_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
        """Say what follows from the decision."""
        return await _page(request, held, event_id, decision=decision)

    @router.post(path, dependencies=ACTS, name=decision.act)
    @needs(decision.permission)
    async def act(event_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
        """Decide."""
        sent = await request.form()
        asked = asked_by(guest, key=str(sent.get("key", "")), reason=str(sent.get("reason", "")))
        try:
            await decision.verb(held.office(guest.commune), event_id, asked, sent)
        except AlertRefused as refusal:
            return await _page(request, held, event_id, decision=decision, refused=(sent, refusal))
        if decision.rings:
            await held.services.bell.ring(QUEUES)
        return RedirectResponse(f"/evenements/{event_id}", 303)


for _one in DECISIONS:
    _routes(_one)


async def _page(
    request: Request,
    held: Installation,
    event_id: str,
    *,
    decision: Decision,
    refused: tuple[FormData, AlertRefused] | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    office = held.office(guest.commune)
    try:
        seen = await sights.sight(office, event_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    current = await plan_of(held, guest.commune)
    move, event = MOVES[decision.act], seen.event
    shown: dict[str, Any] = {
        **shown_of(guest, seen, current),
        "act": decision.act,
        "path": f"/evenements/{event_id}/{decision.path}",
        "possible": event.state in move.sources,
        "needs_reason": move.reason,
        "signs": SIGNS,
        "phases": next_phases(event.phase),
        "warnings": await standing_down.warnings_of(office, event),
        "called": [],
        "tasks": {},
        "wait_min": current.plan.policy.escalation_min[0] if current else 0,
        "given": _given(refused[0] if refused else None, event),
        "problem": told(request, refused[1]) if refused else None,
        "key": secrets.token_urlsafe(12),
    }
    if current is not None and decision.act in ("pre_alert", "activate"):
        shown |= _ramped(current.plan, decision.act, guest.login, names=dict(seen.names))
    status = status_of(refused[1]) if refused else 200
    return await page(request, held, "event_decide.html", shown=shown, status=status)


def _ramped(plan: Plan, act: str, contact: str | None, *, names: dict[str, str]) -> dict[str, Any]:
    """Say beforehand who would be called for what, and how many tasks each scenario opens."""
    scenarios = ("", *(one.id for one in plan.scenarios))
    return {
        "called": [
            (post.label, [names.get(f"contact:{one}", one) for one in post.people])
            for post in to_call(plan, act, without=contact)
        ],
        "tasks": {one: len(tasks_of_scenario(plan, one or None)) for one in scenarios},
    }


def _given(form: FormData | None, event: Event) -> dict[str, Any]:
    """Return what the person had filled in, so that a refusal costs her nothing."""
    if form is None:
        return {
            "reason": "", "call": "yes", "scenario": event.scenario or "", "sign": (),
            "knows": (), "phase": "", "level": event.level or "",
        }  # fmt: skip
    plain = {name: str(form.get(name, "")) for name in ("reason", "call", "scenario", "phase")}
    several = {name: _several(form, name) for name in ("sign", "knows")}
    return {**plain, **several, "level": str(form.get("level", ""))}
