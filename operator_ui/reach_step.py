"""The reach of an alert that is being written: whom it reaches, whom not, by what else than Tocsin.

The numbers are those of the preview (`dispatcher/alerts/counting.py`): counted, never estimated.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.alerts import sketching
from dispatcher.alerts.counting import count, outline
from dispatcher.alerts.drafting import LONGEST_LIFE
from dispatcher.alerts.means import check_means, offered
from dispatcher.alerts.night import check_night, night_asks
from dispatcher.alerts.office import Actor
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.alerts.sketch import Sketch
from dispatcher.alerts.sketch_choices import provisional
from dispatcher.api.permissions import needs
from dispatcher.crisis.proposals import players
from dispatcher.crisis.sights import names_of
from dispatcher.store.users import User
from operator_ui.composing import Composing, composing_of, step_page
from operator_ui.crisis import ACTS
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown
from operator_ui.rendering import render
from operator_ui.words import tongue_of
from plans.alerting import MEDIA
from plans.plan import Plan

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/console/alertes/{alert_id}/portee"
MOST_HOURS = LONGEST_LIFE / timedelta(hours=1)


@router.get(HERE)
@needs("alert.read")
async def reach(alert_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show whom the alert reaches, whom not, and what else can be done."""
    return await _page(request, held, guest, alert_id)


@router.post(HERE, dependencies=ACTS)
@needs("alert.draft")
async def choose(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Keep the media, the life, the means and what the mode asks for."""
    form = await request.form()
    office = held.office(guest.commune)
    actor = Actor(guest.login, guest.function, guest.contact_id)
    try:
        sketch = await sketching.sketch_of(office, alert_id)
        current = await in_force(office)
        changes = _changes(current.plan, sketch, form)
        revision = _revision(form)
        kept = await sketching.change(office, alert_id, changes, revision=revision, actor=actor)
        if form.get("next"):
            check_night(current.plan, kept, now=office.clock())
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    except AlertRefused as refusal:
        return await _page(request, held, guest, alert_id, problem=refusal)
    step = "decision" if form.get("next") else "portee"
    return RedirectResponse(f"/console/alertes/{sketch.alert_id}/{step}", 303)


@router.get(f"{HERE}/chiffres")
@needs("alert.read")
async def figures(alert_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show the numbers for the media that are ticked, before they are kept."""
    ticked = tuple(one for one in request.query_params.getlist("media") if one in MEDIA)
    try:
        composing = await composing_of(held, guest, alert_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    shown = await _figures(composing, media=ticked)
    return await _part(request, held, guest, "_reach_figures.html", shown=shown)


@router.get(f"{HERE}/resume")
@needs("alert.read")
async def summary(alert_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show in a few words whom the area reaches, as a part of other pages; cheap."""
    office = held.office(guest.commune)
    try:
        sketch = await sketching.sketch_of(office, alert_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    plan = (await in_force(office)).plan
    content = provisional(plan, sketch)
    told = None
    if content is not None:
        told = await outline(office, plan, content, alert_id=alert_id)
    return await _part(request, held, guest, "_reach_summary.html", shown={"outline": told})


async def _part(
    request: Request,
    held: Installation,
    guest: User,
    template: str,
    *,
    shown: Mapping[str, object],
) -> HTMLResponse:
    zone = (await commune_shown(held, guest.commune)).zone
    return HTMLResponse(render(template, tongue_of(request).code, {"zone": zone, **shown}))


async def _page(
    request: Request,
    held: Installation,
    guest: User,
    alert_id: str,
    *,
    problem: AlertRefused | None = None,
) -> HTMLResponse:
    try:
        composing = await composing_of(held, guest, alert_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    plan, now = composing.current.plan, held.services.clock()
    chosen = composing.sketch.chosen
    content = provisional(plan, composing.sketch)
    asks = content is not None and night_asks(plan, content, now)
    shown = {
        **await _figures(composing, media=chosen.media),
        "used": _used(plan),
        "ticked": chosen.media or _used(plan),
        "offered": offered(plan),
        "expires_at": now + timedelta(hours=chosen.hours),
        "most_hours": MOST_HOURS,
        "night_asks": asks,
        "players": await _players(composing),
    }
    return await step_page(request, composing, "portee", shown=shown, problem=problem)


async def _figures(composing: Composing, *, media: tuple[str, ...]) -> Mapping[str, object]:
    """Return what the numbers need; None while there is no zone, or no medium to count by."""
    held, sketch, plan = composing.held, composing.sketch, composing.current.plan
    wanted = sketch.chosen.changed({"media": media})
    content = provisional(plan, replace(sketch, chosen=wanted))
    found = None
    if content is not None and content.media:
        office = held.office(sketch.commune)
        found = await count(office, plan, content, alert_id=sketch.alert_id)
    return {"figures": found, "sketch": sketch, "has_zone": content is not None}


def _used(plan: Plan) -> tuple[str, ...]:
    return tuple(medium for medium in MEDIA if plan.policy.uses(medium))


async def _players(composing: Composing) -> Mapping[str, str]:
    """Return who may play in an exercise, by the id of the person, with the name."""
    if composing.sketch.mode != "exercise":
        return {}
    office = composing.held.office(composing.sketch.commune)
    names = await names_of(office, composing.current.plan)
    return {one: names.get(one, one) for one in players(composing.current.plan)}


def _changes(plan: Plan, sketch: Sketch, form: FormData) -> dict[str, object]:
    """Read the form; raises NotSo for what it cannot be. What it does not show stays as it is."""
    media = tuple(one for one in _used(plan) if one in form.getlist("media"))
    if not media:
        raise NotSo("Choisissez au moins un canal : sans canal, personne n'est prévenu.")
    means = tuple(str(one) for one in form.getlist("means"))
    check_means(plan, means)
    changes: dict[str, object] = {
        "media": () if media == _used(plan) else media,
        "hours": _hours(str(form.get("hours", ""))),
        "escalates": form.get("escalates") == "1",
        "means": means,
        "night_confirmed": form.get("night_confirmed") == "1",
    }
    if sketch.mode == "exercise":
        known = players(plan)
        changes["players"] = tuple(one for one in known if one in form.getlist("players"))
    if sketch.mode == "public_test":
        changes["public_informed"] = form.get("public_informed") == "1"
    return changes


def _hours(text: str) -> float:
    try:
        hours = float(text.replace(",", "."))
    except ValueError:
        hours = 0.0
    if not 0 < hours <= MOST_HOURS:
        raise NotSo("La durée se donne en heures : plus de 0, et 72 au plus.")
    return hours


def _revision(form: FormData) -> int:
    text = str(form.get("revision", ""))
    return int(text) if text.isdecimal() and len(text) < 10 else -1
