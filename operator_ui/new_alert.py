"""A new alert: its mode, its scenario or its template, then the steps; nothing leaves."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts import sketching
from dispatcher.alerts.drafting import MODES
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketching import Start
from dispatcher.api.permissions import needs
from dispatcher.crisis.proposals import players
from dispatcher.store import crises
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import plan_of
from plans.plan import Plan

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]


@router.get("/console/alertes/nouvelle")
@needs("alert.draft")
async def new_form(
    request: Request, held: Held, guest: SignedIn, scenario: str = "", evenement: str = ""
) -> HTMLResponse:
    """Ask for the mode and what happens; the event that is open gives both."""
    return await _form(request, held, {"scenario": scenario, "event": evenement})


@router.post("/console/alertes/nouvelle", dependencies=ACTS)
@needs("alert.draft")
async def begin(request: Request, held: Held, guest: SignedIn) -> Response:
    """Begin it, and go to its zone."""
    form = await request.form()
    given = {name: str(value) for name, value in form.items()}
    current = await plan_of(held, guest.commune)
    try:
        if current is None:
            raise NotSo("La commune n'a pas encore de plan : chargez-le d'abord.")
        start = _start(current.plan, given)
        alert_id = await sketching.begin(
            held.office(guest.commune),
            start,
            actor=Actor(guest.login, guest.function, guest.contact_id),
            key=given.get("key", "")[:64],
        )
    except AlertRefused as refusal:
        return await _form(request, held, given, refusal=refusal)
    return RedirectResponse(f"/console/alertes/{alert_id}/zone", 303)


@router.post("/console/alertes/{alert_id}/abandonner", dependencies=ACTS)
@needs("alert.withdraw")
async def abandon(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Throw away what was never submitted."""
    actor = Actor(guest.login, guest.function, guest.contact_id)
    try:
        await sketching.drop(held.office(guest.commune), alert_id, actor=actor)
    except AlertRefused as refusal:
        shown = {"why": told(request, refusal)["said"]}
        return await page(request, held, "refused.html", shown=shown, status=status_of(refusal))
    return RedirectResponse("/console/alertes", 303)


def start_of_scenario(plan: Plan, scenario: str, *, template: str | None = None) -> Chosen:
    """Return what a scenario has ready: its sectors, its first message; raises NotSo."""
    known = {one.id: one for one in plan.scenarios}
    if scenario not in known:
        raise NotSo("Ce scénario n'est pas dans le plan : choisissez-en un autre.")
    ready = known[scenario]
    first = template or next(iter(ready.templates), None)
    return Chosen(scenario=scenario, sectors=tuple(ready.sectors), template=first)


def _start(plan: Plan, given: dict[str, str]) -> Start:
    mode = given.get("mode", "")
    if mode not in MODES:
        raise NotSo("Choisissez le mode de l'alerte : il ne change plus ensuite.")
    scenario = given.get("scenario", "")
    chosen = start_of_scenario(plan, scenario) if scenario else Chosen()
    if mode == "exercise":
        chosen = chosen.changed({"players": players(plan)})
    return Start(mode, given.get("event") or None, chosen)


async def _form(
    request: Request,
    held: Installation,
    given: dict[str, str],
    *,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    current = await plan_of(held, guest.commune)
    plan = current.plan if current else None
    event = await crises.open_event_of(held.ledger, guest.commune)
    asked = {"scenario": (event.scenario or "") if event else "", "event": "", "mode": ""}
    if event:
        asked |= {"mode": event.mode, "event": event.event_id}
    shown = {
        "given": {**asked, **{name: value for name, value in given.items() if value}},
        "event": event,
        "modes": MODES,
        "scenarios": {one.id: one.label for one in plan.scenarios} if plan else {},
        "has_plan": plan is not None,
        "problem": told(request, refusal) if refusal else None,
        "key": given.get("key") or secrets.token_urlsafe(12),
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "alert_new.html", shown=shown, status=status)
