"""The first step of an alert: its zone, made by forms, tried before it is kept, told as streets."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.alerts import sketching
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused, NotNow, NotThere
from dispatcher.api.permissions import needs
from dispatcher.store.alert_lines import unlocated
from dispatcher.store.users import User
from operator_ui.composing import Composing, composing_of, step_page
from operator_ui.crisis import status_of, told
from operator_ui.doors import admit, own_form, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.plan_shown import LAYERS
from operator_ui.zone_drawing import (
    REFUSED,
    Asked,
    asked_in,
    drawn_values,
    light,
    problem_of,
    tried,
)
from operator_ui.zone_proposals import Zone, before, check_place, read, zone_of
from operator_ui.zone_shown import bounds_of_book, ground_at

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
ACTS = [Depends(light), Depends(own_form)]


@router.get("/console/alertes/{alert_id}/zone")
@needs("alert.read")
async def zone(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show the zone of an alert and the tools that make it, with what is searched for."""
    return await _page(request, held, await _composing(held, guest, alert_id), asked_in(request))


@router.post("/console/alertes/{alert_id}/zone/essai", dependencies=ACTS)
@needs("alert.draft")
async def attempt(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show what a form would make of the zone; nothing is kept yet, nothing is sent elsewhere."""
    form = await request.form()
    composing = await _composing(held, guest, alert_id)
    ground = await ground_at(held, guest.commune, composing.current.plan)
    asked = await tried(request, form, zone_of(composing.sketch), ground)
    return await _page(request, held, composing, asked)


@router.post("/console/alertes/{alert_id}/zone", dependencies=ACTS)
@needs("alert.draft")
async def keep(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Keep the zone that was shown."""
    form = await request.form()
    composing = await _composing(held, guest, alert_id)
    plan = composing.current.plan
    try:
        proposal = read(str(form.get("proposal", "")), plan)
        book = await held.books.of(held.ledger, guest.commune)
        check_place(proposal, plan, bounds=bounds_of_book(book))
    except REFUSED as refusal:
        problem = problem_of(request, refusal)
        return await _page(request, held, composing, Asked(problem=problem, status=422))
    return await _change(request, composing, proposal, form)


@router.post("/console/alertes/{alert_id}/zone/retour", dependencies=ACTS)
@needs("alert.draft")
async def undo(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Go back to the zone before the last change; once more brings the change back."""
    form = await request.form()
    composing = await _composing(held, guest, alert_id)
    former = before(composing.sketch)
    if former is None:
        return RedirectResponse(_path(alert_id), 303)
    return await _change(request, composing, former, form)


async def _composing(held: Installation, guest: User, alert_id: str) -> Composing:
    try:
        return await composing_of(held, guest, alert_id)
    except NotThere as gone:
        raise HTTPException(404) from gone


async def _change(request: Request, composing: Composing, zone: Zone, form: FormData) -> Response:
    guest, sketch = composing.guest, composing.sketch
    actor = Actor(guest.login, guest.function, guest.contact_id)
    office = composing.held.office(guest.commune)
    changes = zone.changes(zone_of(sketch), composing.current.plan)
    try:
        revision = int(str(form.get("revision", "")))
        await sketching.change(office, sketch.alert_id, changes, revision=revision, actor=actor)
    except ValueError:
        refusal: AlertRefused = NotNow("La page est ancienne : relisez la zone, puis recommencez.")
    except AlertRefused as refused:
        refusal = refused
    else:
        return RedirectResponse(_path(sketch.alert_id), 303)
    asked = Asked(proposal=zone, problem=told(request, refusal), status=status_of(refusal))
    fresh = await _composing(composing.held, guest, sketch.alert_id)
    return await _page(request, composing.held, fresh, asked)


async def _page(
    request: Request, held: Installation, composing: Composing, asked: Asked
) -> Response:
    plan = composing.current.plan
    ground = await ground_at(held, composing.guest.commune, plan)
    values = {
        **await drawn_values(request, ground, zone_of(composing.sketch), asked),
        "zone_for": "alerte",
        "zone_at": _path(composing.sketch.alert_id),
        "zone_onward": f"/console/alertes/{quote(composing.sketch.alert_id)}/message",
        "zone_editable": composing.editable,
        "zone_revision": composing.sketch.revision,
        "undoable": before(composing.sketch) is not None,
        "sources": _sources(composing.sketch.alert_id),
        "unlocated": await unlocated(held.ledger, composing.guest.commune),
    }
    answer = await step_page(request, composing, "zone", shown=values)
    answer.status_code = asked.status
    return answer


def _sources(alert_id: str) -> dict[str, str]:
    plain = {name: f"/carte/{name}.geojson" for name in LAYERS}
    return {**plain, "alerte": f"/carte/redaction/{alert_id}.geojson"}


def _path(alert_id: str) -> str:
    return f"/console/alertes/{quote(alert_id)}/zone"
