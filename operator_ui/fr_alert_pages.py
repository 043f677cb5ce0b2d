"""The FR-Alert request of an alert: its sheet, on paper and as a zone, and what was answered."""

from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.api.permissions import needs
from dispatcher.crisis.fr_alert import (
    NAMES,
    NEXT,
    Happened,
    Sheet,
    as_geojson,
    as_paper,
    kept_sheet,
    record,
    sheet_of,
)
from dispatcher.delivery.content import Content
from dispatcher.logbook.typesetting import typeset
from dispatcher.store import fr_alerts
from dispatcher.store.fr_alerts import Step
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, asked_by, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.logbook_forms import hour
from operator_ui.means_pages import done_at
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown
from operator_ui.reach_shown import Shown, alert_shown
from plans.plan import Plan

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/console/alertes/{alert_id}/fr-alert"


@router.get(HERE)
@needs("alert.read")
async def sheet(alert_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show the sheet, filled from the alert, and how far the request is."""
    return await _page(request, held, alert_id)


@router.post(HERE, dependencies=ACTS)
@needs("event.task")
async def note(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Keep what was prepared, asked for or answered."""
    form = await request.form()
    office = held.office(guest.commune)
    try:
        await alert_shown(office, alert_id)
        happened = await _happened(held, guest, form)
        await record(office, alert_id, happened, asked=asked_by(guest))
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    except AlertRefused as refusal:
        return await _page(request, held, alert_id, form=form, problem=refusal)
    return RedirectResponse(f"/console/alertes/{alert_id}/fr-alert", 303)


@router.get(f"{HERE}.pdf")
@needs("alert.read")
async def paper(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Give the sheet on paper."""
    found = await _found(held.office(guest.commune), alert_id)
    if found is None:
        return await page(request, held, "missing.html", status=404)
    shown, content, steps, now = *found, datetime.now(UTC)
    filled = kept_sheet(steps) or _filled(held, guest, shown.plan, content)
    form = as_paper(shown.plan, content, filled, steps=steps, printed=now)
    return _document(await typeset("fr_alert", form), alert_id, "pdf", "application/pdf")


@router.get(f"{HERE}.geojson")
@needs("alert.read")
async def zone(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Give the zone for the prefecture's own map."""
    found = await _found(held.office(guest.commune), alert_id)
    if found is None:
        return await page(request, held, "missing.html", status=404)
    shown, content, steps = found
    filled = kept_sheet(steps) or _filled(held, guest, shown.plan, content)
    drawn = orjson.dumps(as_geojson(content, filled))
    return _document(drawn, alert_id, "geojson", "application/geo+json")


def _document(content: bytes, alert_id: str, ending: str, media_type: str) -> Response:
    name = f"fr-alert-{alert_id}.{ending}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


async def _found(office: Office, alert_id: str) -> tuple[Shown, Content, list[Step]] | None:
    """Return the alert, what it says and its request; None without the alert or its zone."""
    try:
        shown = await alert_shown(office, alert_id)
    except NotThere:
        return None
    if shown.content is None:
        return None
    return shown, shown.content, await fr_alerts.steps_of(office.ledger, office.commune, alert_id)


def _filled(held: Installation, guest: User, plan: Plan, content: Content) -> Sheet:
    return sheet_of(plan, content, public_url=held.office(guest.commune).public_url)


async def _happened(held: Installation, guest: User, form: FormData) -> Happened:
    zone = (await commune_shown(held, guest.commune)).zone
    at = done_at(str(form.get("at", "")), str(form.get("proposed", "")), zone)
    after = str(form.get("after", ""))
    if not (after.isdecimal() and len(after) < 10):
        raise NotSo("Ce formulaire n'est pas complet : rechargez la page et recommencez.")
    return Happened(
        str(form.get("state", "")),
        _sheet_in(form),
        str(form.get("spoken_with", "")),
        str(form.get("said", "")),
        datetime.fromtimestamp(at, UTC) if at else None,
        int(after),
    )


def _sheet_in(form: FormData) -> Sheet:
    return Sheet(**{name: str(form.get(name, "")).replace("\r\n", "\n").strip() for name in NAMES})


async def _page(
    request: Request,
    held: Installation,
    alert_id: str,
    *,
    form: FormData | None = None,
    problem: AlertRefused | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    office = held.office(guest.commune)
    try:
        alert = await alert_shown(office, alert_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    steps = await fr_alerts.steps_of(office.ledger, office.commune, alert_id)
    state = steps[-1].state if steps else ""
    filled = _filled(held, guest, alert.plan, alert.content) if alert.content else Sheet()
    kept = kept_sheet(steps) or filled
    zone = (await commune_shown(held, guest.commune)).zone
    shown = {
        "alert": alert,
        "mode_shown": alert.content.mode if alert.content else None,
        "steps": steps,
        "state": state,
        "next": NEXT[state],
        "sheet": _sheet_in(form) if form and "text" in form else kept,
        "given": {name: str(value) for name, value in form.items()} if form else {},
        "may_act": allowed(guest.function, "event.task"),
        "proposed": hour(datetime.now(UTC), zone),
        "problem": told(request, problem) if problem else None,
    }
    status = status_of(problem) if problem else 200
    return await page(request, held, "reach_fr_alert.html", shown=shown, status=status)
