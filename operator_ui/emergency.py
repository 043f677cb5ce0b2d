"""The emergency procedure on the console: its form, its minute on every page, the way to stop."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.access.permissions import GRANTED
from dispatcher.alerts.night import is_night
from dispatcher.alerts.number_words import in_words
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.api.permissions import needs
from dispatcher.crisis import overriding
from dispatcher.crisis.overriding import Emergency
from dispatcher.crisis.proposals import players
from dispatcher.delivery.bell import QUEUES
from dispatcher.store import overrides
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.doors import admit, held_session, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown, plan_of
from operator_ui.rendering import render
from operator_ui.same_origin import form_token
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/console/urgence"
MODES = ("real", "exercise", "rehearsal")


@router.get(HERE)
@needs("alert.override", confirmed=True)
async def form(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Ask which message leaves, where, and why without a second person."""
    return await _form(request, held)


@router.post(HERE, dependencies=ACTS)
@needs("alert.override", confirmed=True)
async def hold(request: Request, held: Held, guest: SignedIn) -> Response:
    """Hold it for a minute, and tell everybody."""
    given = await request.form()
    actor = Actor(guest.login, guest.function, guest.contact_id)
    key = str(given.get("key", ""))[:64]
    try:
        asked = await _asked(held, guest, given)
        alert_id = await overriding.hold(held.office(guest.commune), asked, actor=actor, key=key)
    except AlertRefused as refusal:
        return await _form(request, held, refused=(given, refusal))
    await held.services.bell.ring(QUEUES)
    return RedirectResponse(f"/console/alertes/{alert_id}", 303)


@router.get(f"{HERE}/etat")
@needs("alert.read")
async def standing(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show what is held now, as a part of every page: it asks again by itself."""
    session = held_session(request)
    values = {
        "zone": (await commune_shown(held, guest.commune)).zone,
        "holds": await overrides.holding(held.ledger, guest.commune),
        "token": form_token(held.session_key, session.ident),
        "rights_held": GRANTED.get(guest.function, frozenset()),
    }
    return HTMLResponse(render("_override_hold.html", tongue_of(request).code, values))


@router.post(HERE + "/{alert_id}/arreter", dependencies=ACTS)
@needs("alert.stop_override")
async def stop(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Stop it: it does not leave."""
    actor = Actor(guest.login, guest.function, guest.contact_id)
    try:
        await overriding.stop(held.office(guest.commune), alert_id, actor=actor)
    except AlertRefused as refusal:
        shown = {"why": told(request, refusal)["said"]}
        return await page(request, held, "refused.html", shown=shown, status=status_of(refusal))
    return RedirectResponse(f"/console/alertes/{alert_id}", 303)


async def _asked(held: Installation, guest: User, given: FormData) -> Emergency:
    current = await plan_of(held, guest.commune)
    if current is None:
        raise NotSo("La commune n'a pas encore de plan : chargez-le d'abord.")
    mode = str(given.get("mode", ""))
    if mode not in MODES:
        raise NotSo("Choisissez le mode de l'alerte : il ne change plus ensuite.")
    return Emergency(
        template=str(given.get("template", "")),
        sectors=tuple(str(one) for one in given.getlist("sector")),
        reason=str(given.get("reason", "")),
        mode=mode,
        players=players(current.plan) if mode == "exercise" else (),
        night_confirmed=given.get("night_confirmed") == "1",
    )


async def _form(
    request: Request,
    held: Installation,
    *,
    refused: tuple[FormData, AlertRefused] | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    current = await plan_of(held, guest.commune)
    plan = current.plan if current else None
    given = refused[0] if refused else FormData()
    shown: dict[str, Any] = {
        "templates": overriding.pre_approved(plan) if plan else (),
        "sectors": {one.id: one.name for one in plan.sectors} if plan else {},
        "modes": MODES,
        "is_night": plan is not None and is_night(plan, held.office(guest.commune).clock()),
        "given": {
            "template": str(given.get("template", "")),
            "mode": str(given.get("mode", "")),
            "reason": str(given.get("reason", "")),
            "night": given.get("night_confirmed") == "1",
            "sectors": [str(one) for one in given.getlist("sector")],
        },
        "seconds": in_words(int(overrides.HOLD_S), tongue_of(request).code),
        "problem": told(request, refused[1]) if refused else None,
        "key": str(given.get("key", "")) or secrets.token_urlsafe(12),
    }
    status = status_of(refused[1]) if refused else 200
    return await page(request, held, "override.html", shown=shown, status=status)
