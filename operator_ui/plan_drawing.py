"""Pages where a sector is drawn: by hand, by keyboard or by forms, and compared with the plan."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts.refusals import NotThere
from dispatcher.api.permissions import needs
from dispatcher.store.alert_lines import unlocated
from operator_ui.doors import admit, own_form
from operator_ui.plan_desk import Desk, Held, SignedIn, opened
from operator_ui.plan_outline import NEW, Drawing, drawing_at, drop, keep
from operator_ui.plan_shown import LAYERS, area_feature, collection
from operator_ui.zone_drawing import (
    REFUSED,
    Asked,
    asked_in,
    drawn_values,
    light,
    problem_of,
    tried,
)
from operator_ui.zone_proposals import Zone, check_place, read
from operator_ui.zone_shown import bounds_of_book, geometry_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

ACTS = [Depends(light), Depends(own_form)]
GEOJSON = "application/geo+json"
MEANWHILE = "Ce dessin a changé dans une autre fenêtre : relisez-le, puis recommencez."


@router.get("/plan/secteurs/{ident}/dessin")
@needs("plan.load", confirmed=True)
async def table(ident: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show a sector's outline and the tools that draw it."""
    try:
        desk = await opened(request, held, guest)
    except NotThere:
        return RedirectResponse("/plan", 303)
    return await _with(desk, ident, lambda one: _page(desk, one, asked_in(request)))


@router.post("/plan/secteurs/{ident}/dessin/essai", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def attempt(ident: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show what a form would make of the outline; nothing is kept yet."""
    form = await request.form()
    desk = await opened(request, held, guest)

    async def shown(drawing: Drawing) -> Response:
        asked = await tried(request, form, drawing.zone, drawing.ground)
        return await _page(desk, drawing, asked)

    return await _with(desk, ident, shown)


@router.post("/plan/secteurs/{ident}/dessin", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def accept(ident: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Keep the outline that was shown on the drawing table; the plan stays as it is."""
    form = await request.form()
    desk = await opened(request, held, guest)
    revision = str(form.get("revision", ""))

    async def kept(drawing: Drawing) -> Response:
        ground = drawing.ground
        try:
            zone = read(str(form.get("proposal", "")), ground.plan)
            check_place(zone, ground.plan, bounds=bounds_of_book(ground.book))
            return await _kept(desk, drawing, zone, revision)
        except REFUSED as refusal:
            problem = problem_of(request, refusal)
            return await _page(desk, drawing, Asked(problem=problem, status=422))

    return await _with(desk, ident, kept)


@router.post("/plan/secteurs/{ident}/dessin/retour", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def undo(ident: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Go back to the outline before the last change; once more brings the change back."""
    form = await request.form()
    desk = await opened(request, held, guest)
    revision = str(form.get("revision", ""))

    async def back(drawing: Drawing) -> Response:
        if drawing.former is None:
            return RedirectResponse(_path(drawing.ident), 303)
        return await _kept(desk, drawing, drawing.former, revision)

    return await _with(desk, ident, back)


@router.post("/plan/secteurs/{ident}/dessin/abandon", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def abandon(ident: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Throw the drawing in hand away; the plan has kept its own."""
    desk = await opened(request, held, guest)
    await drop(desk, _named(ident))
    return RedirectResponse(_path(_named(ident)), 303)


@router.get("/carte/dessin/{ident}.geojson", include_in_schema=False)
@needs("plan.load", confirmed=True)
async def drawn(ident: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Give the outline on the drawing table, for its map."""
    desk = await opened(request, held, guest)
    drawing = await drawing_at(desk, _named(ident))
    area = drawing.area if drawing else None
    features = [area_feature(geometry_of(area), "")] if area else []
    return Response(orjson.dumps(collection(features)), media_type=GEOJSON)


async def _with(
    desk: Desk, ident: str, answer: Callable[[Drawing], Awaitable[Response]]
) -> Response:
    drawing = await drawing_at(desk, _named(ident))
    return await answer(drawing) if drawing else await desk.missing()


async def _kept(desk: Desk, drawing: Drawing, zone: Zone, revision: str) -> Response:
    read_at = int(revision) if re.fullmatch(r"[0-9]{1,9}", revision) else -1
    if await keep(desk, drawing, zone, read=read_at):
        return RedirectResponse(_path(drawing.ident), 303)
    said = {"said": desk.said(MEANWHILE), "lang": desk.language}
    return await _page(desk, drawing, Asked(proposal=zone, problem=said, status=409))


async def _page(desk: Desk, drawing: Drawing, asked: Asked) -> Response:
    values = await drawn_values(desk.request, drawing.ground, drawing.zone, asked)
    named = next((one.name for one in drawing.ground.plan.sectors if one.id == drawing.ident), "")
    area = asked.proposal.ground(drawing.ground.plan) if asked.proposal else drawing.area
    shown = {
        **values,
        "ident": drawing.ident,
        "name": named,
        "begun": drawing.begun,
        "redrawn": await drawing.against(area) if drawing.begun or asked.proposal else None,
        "zone_for": "secteur",
        "zone_at": _path(drawing.ident),
        "zone_onward": _form(drawing.ident) if drawing.begun else "",
        "zone_editable": True,
        "zone_revision": drawing.outline.revision,
        "undoable": drawing.former is not None,
        "sources": _sources(drawing.ident),
        "unlocated": await unlocated(desk.held.ledger, desk.guest.commune),
    }
    return await desk.page("plan_outline.html", shown, status=asked.status)


def _sources(ident: str) -> dict[str, str]:
    plain = {name: f"/carte/{name}.geojson" for name in LAYERS}
    return {**plain, "dessin": f"/carte/dessin/{quote(ident or NEW, safe='')}.geojson"}


def _named(ident: str) -> str:
    return "" if ident == NEW else ident


def _form(ident: str) -> str:
    return f"/plan/secteurs/{quote(ident or NEW, safe='')}"


def _path(ident: str) -> str:
    return f"{_form(ident)}/dessin"
