"""The fourth step of an alert: submitted by one, decided by another, launched; each act a form.

The page itself asks for no second factor, so that whoever is rung reads at once; the acts do. Only
the head-count is typed. Reading it, where one may approve it, stops the ringing.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.access.permissions import allowed
from dispatcher.alerts import correcting, judging, life, sketching
from dispatcher.alerts.life import Read
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere, NotYou
from dispatcher.api.permissions import needs
from dispatcher.delivery.bell import QUEUES
from dispatcher.store.users import User
from dispatcher.store.versions import FIRST, Version
from operator_ui.composing import composing_of, step_page
from operator_ui.crisis import ACTS
from operator_ui.decision_shown import actor_of, noted, ring_shown, shown_of
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown, people_of
from operator_ui.rendering import render
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
Verb = Callable[[Office, str, Actor, FormData], Awaitable[object]]
HERE = "/console/alertes/{alert_id}/decision"


@router.get(HERE)
@needs("alert.read")
async def decision(alert_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show what is to be decided; where the reader may approve it, nobody more is rung."""
    return await _page(request, held, alert_id)


@router.get(f"{HERE}/appels")
@needs("alert.read")
async def calls(
    alert_id: str, request: Request, held: Held, guest: SignedIn, etat: str = ""
) -> HTMLResponse:
    """Show who is rung and who has opened it, as a part of the page."""
    shown = await ring_shown(held, guest, alert_id)
    commune = await commune_shown(held, guest.commune)
    named = {
        "function_names": commune.function_names,
        "people": await people_of(held, guest.commune),
    }
    values = {"zone": commune.zone, "state_read": etat, **named, **shown}
    return HTMLResponse(render("_decision_ring.html", tongue_of(request).code, values))


async def _submit(office: Office, alert_id: str, actor: Actor, form: FormData) -> None:
    version = await _version(office, alert_id)
    if version is None or version.kind == FIRST:
        revision = _number(form, "revision")
        await sketching.freeze(office, alert_id, revision=revision, actor=actor)
    await life.submit(office, alert_id, actor=actor)


async def _version(office: Office, alert_id: str) -> Version | None:
    try:
        return await life.find(office, alert_id)
    except NotThere:
        return None


async def _approve(office: Office, alert_id: str, actor: Actor, form: FormData) -> None:
    digest, people = str(form.get("digest", "")), _number(form, "people")
    if form.get("then") != "launch":
        await life.approve(office, alert_id, actor=actor, digest=digest, people=people)
        return
    if not allowed(actor.function, "alert.launch"):
        raise NotYou("Votre fonction valide, mais ne lance pas : validez seulement.")
    await life.launch(
        office,
        alert_id,
        actor=actor,
        approving=Read(digest, people),
        night_confirmed=_at_night(form),
    )


def _number(form: FormData, name: str) -> int:
    """Read digits as people type them, spaces left out; raises NotSo."""
    digits = "".join(str(form.get(name, "")).split())
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        raise NotSo("Tapez en chiffres le nombre de personnes que l'alerte touche.")
    return int(digits)


def _at_night(form: FormData) -> bool:
    return form.get("night_confirmed") == "1"


def _reason(form: FormData) -> str:
    return str(form.get("reason", ""))


ACTS_OF = (
    (
        "soumettre", "alert.submit", False, True,
        lambda office, ident, actor, form: _submit(office, ident, actor, form),
    ),
    (
        "valider", "alert.approve", True, True,
        lambda office, ident, actor, form: _approve(office, ident, actor, form),
    ),
    (
        "renvoyer", "alert.approve", False, False,
        lambda office, ident, actor, form: judging.send_back(
            office, ident, actor=actor, reason=_reason(form)
        ),
    ),
    (
        "refuser", "alert.approve", False, False,
        lambda office, ident, actor, form: judging.refuse(
            office, ident, actor=actor, reason=_reason(form)
        ),
    ),
    (
        "redemander", "alert.submit", False, True,
        lambda office, ident, actor, form: judging.ask_again(
            office, ident, actor=actor, night_confirmed=_at_night(form)
        ),
    ),
    (
        "retirer", "alert.withdraw", False, False,
        lambda office, ident, actor, _form: correcting.withdraw(office, ident, actor=actor),
    ),
    (
        "lancer", "alert.launch", True, True,
        lambda office, ident, actor, form: life.launch(
            office, ident, actor=actor, night_confirmed=_at_night(form)
        ),
    ),
)  # fmt: skip


def _routes(name: str, permission: str, verb: Verb, *, confirmed: bool, rings: bool) -> None:
    """Give an act its door; a form that came too late is found again on the page."""

    @router.post(f"{HERE}/{name}", dependencies=ACTS, name=f"decision_{name}")
    @needs(permission, confirmed=confirmed, page=HERE)
    async def act(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
        """Do it, or say on the page why not."""
        form = await request.form()
        office = held.office(guest.commune)
        try:
            await verb(office, alert_id, actor_of(guest), form)
        except AlertRefused as refusal:
            return await _page(request, held, alert_id, refused=(form, refusal))
        if rings:
            await held.services.bell.ring(QUEUES)
        version = await _version(office, alert_id)
        after = "" if version is not None and version.state == "launched" else "/decision"
        return RedirectResponse(f"/console/alertes/{alert_id}{after}", 303)


for _name, _permission, _confirmed, _rings, _verb in ACTS_OF:
    _routes(_name, _permission, _verb, confirmed=_confirmed, rings=_rings)


async def _page(
    request: Request,
    held: Installation,
    alert_id: str,
    *,
    refused: tuple[FormData, AlertRefused] | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    try:
        if "hx-request" not in request.headers and request.method == "GET":
            await noted(held, guest, alert_id)
        composing = await composing_of(held, guest, alert_id)
        shown = await shown_of(request, composing, given=refused[0] if refused else None)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    problem = refused[1] if refused else None
    return await step_page(request, composing, "decision", shown=shown, problem=problem)
