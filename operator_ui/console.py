"""The console: the commune's map, its latest alert live, the sandbox's outbox, its alerts."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.api.permissions import needs
from dispatcher.store.alert_lines import (
    AlertLine,
    alert_versions,
    latest_alerts,
    that_counts,
    unlocated,
)
from dispatcher.store.duties import user_names
from dispatcher.store.overrides import override_of
from dispatcher.store.replies import to_read
from dispatcher.store.sketches import sketch_of, unfrozen
from dispatcher.store.users import User
from operator_ui.crisis import crisis_now
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.live import Subject
from operator_ui.pages import page
from operator_ui.plan_shown import LAYERS, bounds_of, commune_shown, heading_of, plan_of
from operator_ui.rendering import render
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]

MOST_REPLIES = 100
SHOWN = 100  # messages on the sandbox's page
NO_ZONE = "/carte/alerte/-/0.geojson"


@router.get("/")
@needs("alert.read")
async def console(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show where things stand."""
    current = await plan_of(held, guest.commune)
    plan = current.plan if current else None
    picture = await held.watch.picture(Subject(guest.commune))
    return await page(
        request,
        held,
        "console.html",
        shown={
            "picture": picture,
            "plan": plan,
            "bounds": bounds_of(plan) if plan else None,
            "sources": _sources(picture.line),
            "unlocated": await unlocated(held.ledger, guest.commune),
            "stream": "/console/flux",
            "may_help": allowed(guest.function, "alert.replies"),
            **await crisis_now(held, guest),
        },
    )


@router.get("/console/evenement")
@needs("alert.read")
async def event_card(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show the event that is open, as the part of the front page that asks again by itself."""
    zone = (await commune_shown(held, guest.commune)).zone
    shown = {"zone": zone, **await crisis_now(held, guest)}
    return HTMLResponse(render("_event_now.html", tongue_of(request).code, shown))


@router.get("/console/mur")
@needs("alert.read")
async def wall(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show the wall: what a crisis room reads from four metres, with nothing to press."""
    picture = await held.watch.picture(Subject(guest.commune))
    shown = {"picture": picture, "stream": "/console/mur/flux"}
    return await page(request, held, "wall.html", shown=shown)


@router.get("/console/alertes")
@needs("alert.read")
async def alerts(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """List the commune's alerts, newest first."""
    found = await latest_alerts(held.ledger, guest.commune)
    current = await plan_of(held, guest.commune)
    plan = current.plan if current else None
    shown = {
        "alerts": found,
        "begun": await unfrozen(held.ledger, guest.commune),
        "scenarios": {one.id: one.label for one in plan.scenarios} if plan else {},
        "templates": {one.id: heading_of(one) for one in plan.templates} if plan else {},
        **await _replies(held, guest),
    }
    return await page(request, held, "alerts.html", shown=shown)


@router.get("/console/alertes/{alert_id}")
@needs("alert.read")
async def alert(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show one alert: its figures live, its words, who decided, its versions."""
    versions = await alert_versions(held.ledger, guest.commune, alert_id)
    if not versions and await sketch_of(held.ledger, guest.commune, alert_id):
        return RedirectResponse(f"/console/alertes/{quote(alert_id)}/zone", 303)
    if not versions:
        return await page(request, held, "missing.html", status=404)
    return await page(
        request,
        held,
        "alert.html",
        shown={
            "picture": await held.watch.picture(Subject(guest.commune, alert_id)),
            "versions": versions,
            "counts": that_counts(versions),
            "override": await override_of(held.ledger, guest.commune, alert_id),
            "names": await user_names(held.ledger, guest.commune),
            "unlocated": await unlocated(held.ledger, guest.commune),
            "stream": f"/console/alertes/{alert_id}/flux",
            "may_help": allowed(guest.function, "alert.replies"),
            **await _replies(held, guest, alert_id),
        },
    )


@router.get("/console/alertes/{alert_id}/reponses")
@needs("alert.replies")
async def replies(alert_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show the replies that somebody has to read, as a part of the alert's page."""
    zone = (await commune_shown(held, guest.commune)).zone
    shown = {"zone": zone, **await _replies(held, guest, alert_id)}
    return HTMLResponse(render("_replies.html", tongue_of(request).code, shown))


async def _replies(held: Installation, guest: User, alert_id: str = "") -> dict[str, object]:
    """Return what nobody counted, for those who may read numbers and words of residents."""
    if not allowed(guest.function, "alert.replies"):
        return {"replies": None, "most": MOST_REPLIES}
    found = await to_read(held.ledger, guest.commune, alert_id=alert_id, limit=MOST_REPLIES)
    return {"replies": found, "most": MOST_REPLIES}


@router.get("/console/bac-a-sable")
@needs("sandbox.read")
async def sandbox(request: Request, held: Held, canal: str = "") -> HTMLResponse:
    """Show what the pretend providers were handed: a page for a browser without scripts too."""
    medium = canal if canal in held.sandboxed else ""
    bubbles = await held.outbox.newest(SHOWN, medium=medium)
    shown = {"bubbles": bubbles, "medium": medium, "limit": SHOWN}
    return await page(request, held, "sandbox.html", shown=shown)


def _sources(line: AlertLine | None) -> dict[str, str]:
    """Return where the map finds each layer, the alert's zone included."""
    zone = f"/carte/alerte/{line.alert_id}/{line.number}.geojson" if line else NO_ZONE
    layers = {name: f"/carte/{name}.geojson" for name in (*LAYERS, "equipes")}
    return {**layers, "alerte": zone}
