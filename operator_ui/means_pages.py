"""The means of an alert that people see to themselves: who, when, with what result."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import utc_now
from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.api.permissions import needs
from dispatcher.crisis.cards import TaskChange
from dispatcher.crisis.means import change_means, means_of
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, asked_by, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.logbook_forms import hour, instant
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown
from operator_ui.reach_shown import Shown, alert_shown
from operator_ui.rendering import render
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/console/alertes/{alert_id}/moyens"


@router.get(HERE)
@needs("alert.read")
async def means(alert_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show each means, with who sees to it and what came of it."""
    return await _page(request, held, guest, alert_id)


@router.get(f"{HERE}/resume")
@needs("alert.read")
async def summary(alert_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show how many means are still to be done, as a part of the alert's page."""
    now = await means_of(held.office(guest.commune), alert_id)
    zone = (await commune_shown(held, guest.commune)).zone
    shown = {"zone": zone, "means": now, "alert_id": alert_id}
    return HTMLResponse(render("_reach_means_summary.html", tongue_of(request).code, shown))


@router.post(f"{HERE}/{{step}}", dependencies=ACTS)
@needs("event.task")
async def change(
    alert_id: str, step: int, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Take it, say what came of it, set it aside with a reason, or open it again."""
    form = await request.form()
    zone = (await commune_shown(held, guest.commune)).zone
    try:
        wanted = TaskChange(
            "", step, str(form.get("to", "")), str(form.get("owner", "")),
            done_at(str(form.get("at", "")), str(form.get("proposed", "")), zone),
        )  # fmt: skip
        asked = asked_by(guest, reason=str(form.get("reason", "")))
        await change_means(held.office(guest.commune), alert_id, step, wanted=wanted, asked=asked)
    except AlertRefused as refusal:
        return await _page(request, held, guest, alert_id, problem=refusal)
    return RedirectResponse(f"/console/alertes/{alert_id}/moyens#m-{step}", 303)


def done_at(given: str, proposed: str, zone: ZoneInfo) -> float | None:
    """Read when it was done; None for the hour that the page proposed. Raises NotSo."""
    if not given or given == proposed:
        return None
    at = instant(given, zone)
    if at is None:
        raise NotSo("L'heure ne se lit pas : écrivez-la comme 24/11/2026 03:12.")
    if at > utc_now():
        raise NotSo("L'heure est dans l'avenir : écrivez celle où cela s'est passé.")
    return at.timestamp()


async def _page(
    request: Request,
    held: Installation,
    guest: User,
    alert_id: str,
    *,
    problem: AlertRefused | None = None,
) -> HTMLResponse:
    office = held.office(guest.commune)
    try:
        alert: Shown = await alert_shown(office, alert_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    zone = (await commune_shown(held, guest.commune)).zone
    now: datetime = utc_now()
    shown = {
        "alert": alert,
        "mode_shown": alert.content.mode if alert.content else None,
        "means": await means_of(office, alert_id),
        "may_act": allowed(guest.function, "event.task"),
        "proposed": hour(now, zone),
        "problem": told(request, problem) if problem else None,
    }
    status = status_of(problem) if problem else 200
    return await page(request, held, "reach_means.html", shown=shown, status=status)
