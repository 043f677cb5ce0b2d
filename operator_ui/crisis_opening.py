"""« Alerte reçue » and « Ouvrir un événement »: the two forms with which a crisis begins."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.api.permissions import needs
from dispatcher.crisis import opening, sights
from dispatcher.crisis.opening import Received
from dispatcher.crisis.posts import on_call_post, with_people
from dispatcher.delivery.bell import QUEUES
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, asked_by, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown, plan_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
_FIELDS = ("sender", "text", "code", "time", "mode", "call", "title", "scenario")


@router.get("/evenements/alerte-recue")
@needs("event.open")
async def received_form(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Ask who alerts, what is said, the code, the time; and say who will be rung."""
    return await _form(request, held, "event_received.html")


@router.post("/evenements/alerte-recue", dependencies=ACTS)
@needs("event.open")
async def receive(request: Request, held: Held, guest: SignedIn) -> Response:
    """Note it, open the event, ring whoever is on call unless the person says no."""
    form = await request.form()
    office = held.office(guest.commune)
    try:
        got = Received(
            _said(form, "sender"),
            _said(form, "text"),
            _said(form, "code"),
            await _instant(held, guest, _said(form, "time")),
        )
        event = await opening.receive(
            office,
            got,
            asked=asked_by(guest, key=_said(form, "key")),
            mode=_said(form, "mode") or "real",
            call=_said(form, "call") != "no",
        )
    except AlertRefused as refusal:
        return await _form(request, held, "event_received.html", form=form, refusal=refusal)
    await held.services.bell.ring(QUEUES)
    return RedirectResponse(f"/evenements/{event.event_id}", 303)


@router.get("/evenements/ouvrir")
@needs("event.open")
async def open_form(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Ask what happens, with a scenario of the plan or without."""
    return await _form(request, held, "event_open.html")


@router.post("/evenements/ouvrir", dependencies=ACTS)
@needs("event.open")
async def open_event(request: Request, held: Held, guest: SignedIn) -> Response:
    """Open the event; nobody is called."""
    form = await request.form()
    try:
        event = await opening.open_event(
            held.office(guest.commune),
            _said(form, "title"),
            asked=asked_by(guest, key=_said(form, "key")),
            mode=_said(form, "mode") or "real",
            scenario=_said(form, "scenario") or None,
        )
    except AlertRefused as refusal:
        return await _form(request, held, "event_open.html", form=form, refusal=refusal)
    return RedirectResponse(f"/evenements/{event.event_id}", 303)


async def _form(
    request: Request,
    held: Installation,
    template: str,
    *,
    form: FormData | None = None,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    current = await plan_of(held, guest.commune)
    now = datetime.now(UTC)
    zone = (await commune_shown(held, guest.commune)).zone
    given: Mapping[str, str] = {name: _said(form, name) for name in _FIELDS} if form else {}
    fresh = dict.fromkeys(_FIELDS, "") | {"time": f"{now.astimezone(zone):%H:%M}", "mode": "real"}
    plan = current.plan if current else None
    names = await sights.names_of(held.office(guest.commune), plan)
    posts = with_people([on_call_post(plan, now)] if plan else [], without=guest.contact_id)
    shown = {
        "given": {**fresh, **given},
        "problem": told(request, refusal) if refusal else None,
        "key": (_said(form, "key") if form else "") or secrets.token_urlsafe(12),
        "scenarios": {one.id: one.label for one in plan.scenarios} if plan else {},
        "on_call": [names.get(f"contact:{one}", one) for post in posts for one in post.people],
        "wait_min": plan.policy.escalation_min[0] if plan else 0,
        "has_plan": plan is not None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, template, shown=shown, status=status)


def _said(form: FormData | None, name: str) -> str:
    return str(form.get(name, "")) if form else ""


async def _instant(held: Installation, guest: User, clock: str) -> datetime | None:
    """Return the last time that the commune's clocks showed this hour; None where none is given."""
    if not clock.strip():
        return None
    zone = (await commune_shown(held, guest.commune)).zone
    now = datetime.now(UTC).astimezone(zone)
    try:
        hour, _, minute = clock.strip().replace("h", ":").partition(":")
        at = now.replace(hour=int(hour), minute=int(minute or 0), second=0, microsecond=0)
    except ValueError as wrong:
        raise NotSo("Écrivez l'heure de réception comme 03:12.") from wrong
    return at if at <= now else at - timedelta(days=1)
