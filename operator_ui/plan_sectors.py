"""Pages of the sectors: name, people, and an outline that was drawn, pasted or uploaded."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.alerts.refusals import NotThere
from dispatcher.api.permissions import needs
from operator_ui.doors import admit
from operator_ui.plan_desk import (
    ACTS,
    Desk,
    Held,
    Saved,
    SignedIn,
    file_of,
    ident_of,
    lists_of,
    opened,
    save,
    sorted_faults,
    text_of,
)
from operator_ui.plan_fields import fields_of, given, with_problems
from operator_ui.plan_outline import drawing_at, drop
from plans.drawn import (
    SECTOR_KEYS,
    SECTORS,
    Sketch,
    drawn_in,
    drop_sector,
    geometry_of,
    put_sector,
    sectors_of,
)
from plans.faults import PlanFault
from plans.layer_sentences import in_french
from plans.typed import changes_of
from plans.yaml_written import Value
from zones.area import AreaRefused

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

COLUMNS = ("population", "foyers", "priorite")
LARGEST_FILE = 1_000_000
_POSITION = re.compile(r"\[\s*-?\d")
TOO_LARGE = "Ce fichier dépasse 1 Mo : simplifiez le tracé, quelques centaines de points suffisent."
NO_DRAWING = "Un secteur a besoin de son tracé : donnez un fichier GeoJSON, ou collez son texte."
OLD_DRAWING = "Le dessin a changé depuis que cette page est ouverte : relisez-le, puis enregistrez."


@dataclass(frozen=True)
class Drawing:
    """An outline that a form brought: a geometry, or what is wrong with it; neither where none."""

    geometry: Mapping[str, object] | None = None
    fault: str = ""


@router.get("/plan/secteurs")
@needs("plan.read")
async def sectors(request: Request, held: Held, guest: SignedIn, fait: str = "") -> Response:
    """List the sectors."""
    try:
        desk = await opened(request, held, guest)
    except NotThere:
        return RedirectResponse("/plan", 303)
    shown = {"rows": sectors_of(desk.plan.files), "columns": COLUMNS, "done": fait}
    return await desk.page("plan_sectors.html", shown)


@router.get("/plan/secteurs/ajouter")
@needs("plan.load", confirmed=True)
async def adding(request: Request, held: Held, guest: SignedIn) -> Response:
    """Ask for a new sector."""
    try:
        desk = await opened(request, held, guest)
    except NotThere:
        return RedirectResponse("/plan", 303)
    return await _form(desk, "", {})


@router.post("/plan/secteurs/ajouter", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def add(request: Request, held: Held, guest: SignedIn) -> Response:
    """Add a sector; it needs its outline."""
    desk = await opened(request, held, guest)
    form = await request.form()
    values = given(SECTOR_KEYS, lists_of(form), desk.phone)
    taken = sectors_of(desk.plan.files)
    ident = str(values.get("id") or ident_of(str(values.get("nom") or ""), taken))
    drawing = await _drawing(desk, form, "")
    if ident in taken:
        said = desk.said(
            "Cet identifiant est déjà celui d'un autre secteur : choisissez-en un autre."
        )
        return await _form(desk, "", values, saved=Saved(None, said))
    if drawing.geometry is None:
        drawing = Drawing(fault=drawing.fault or desk.said(NO_DRAWING))
        return await _form(desk, "", values, drawing=drawing)
    return await _kept(desk, form, "", Sketch(ident, {**values, "id": ident}, drawing.geometry))


@router.get("/plan/secteurs/{ident}")
@needs("plan.load", confirmed=True)
async def sector(ident: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show a sector, to be changed or taken out."""
    try:
        desk = await opened(request, held, guest)
    except NotThere:
        return RedirectResponse("/plan", 303)
    known = sectors_of(desk.plan.files).get(ident)
    return await _form(desk, ident, known) if known else await desk.missing()


@router.post("/plan/secteurs/{ident}", dependencies=ACTS)
@needs("plan.load", confirmed=True)
async def change(ident: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Change a sector, or take it out."""
    desk = await opened(request, held, guest)
    form = await request.form()
    before = sectors_of(desk.plan.files).get(ident)
    if before is None:
        return await desk.missing()
    if text_of(form, "acte") == "retirer":
        saved = await save(desk, form, lambda files: drop_sector(files, ident))
        return await _after(desk, saved, ident, before)
    keys = [key for key in SECTOR_KEYS if key.name != "id"]
    values = given(keys, lists_of(form), desk.phone)
    drawing = await _drawing(desk, form, ident)
    if drawing.fault:
        return await _form(desk, ident, {**before, **values}, drawing=drawing)
    sketch = Sketch(ident, changes_of(keys, before, values), drawing.geometry)
    return await _kept(desk, form, ident, sketch)


async def drawing_of(form: FormData, said: Callable[[str], str], *, language: str) -> Drawing:
    """Read the outline that a form brings: its file first, else its text."""
    _, raw = await file_of(form, "fichier", most=LARGEST_FILE)
    raw = raw or text_of(form, "trace").encode()
    if not raw:
        return Drawing()
    if len(raw) > LARGEST_FILE:
        return Drawing(fault=said(TOO_LARGE))
    try:
        return Drawing(drawn_in(raw))
    except AreaRefused as refused:
        return Drawing(fault=_told(refused, language))


def _told(refused: AreaRefused, language: str) -> str:
    told = [one.message for one in refused.faults[:5]]
    return " ".join(in_french(one) if language == "fr" else one for one in told)


async def _drawing(desk: Desk, form: FormData, ident: str) -> Drawing:
    """Return what the form brings, else the drawing in hand that the page showed."""
    brought = await drawing_of(form, desk.said, language=desk.language)
    shown = text_of(form, "dessin")
    if brought.geometry or brought.fault or not shown:
        return brought
    table = await drawing_at(desk, ident)
    if table is None or str(table.outline.revision) != shown:
        return Drawing(fault=desk.said(OLD_DRAWING))
    return Drawing(table.geometry())


async def _kept(desk: Desk, form: FormData, ident: str, sketch: Sketch) -> Response:
    try:
        saved = await save(desk, form, lambda files: put_sector(files, sketch))
    except AreaRefused as refused:  # the layer's own system of coordinates does not reach there
        drawing = Drawing(fault=_told(refused, desk.language))
        return await _form(desk, ident, sketch.properties, drawing=drawing)
    return await _after(desk, saved, ident, sketch.properties)


async def _after(
    desk: Desk, saved: Saved, ident: str, typed: Mapping[str, Value | None]
) -> Response:
    if saved.done and saved.outcome:
        word = "enregistre" if saved.outcome.differences else "rien"
        await drop(desk, ident)
        return RedirectResponse(f"/plan/secteurs?fait={word}#{quote(ident)}", 303)
    before = sectors_of(desk.plan.files).get(ident, {})
    return await _form(desk, ident, {**before, **typed}, saved=saved)


async def _form(
    desk: Desk,
    ident: str,
    typed: Mapping[str, Value | None],
    *,
    saved: Saved | None = None,
    drawing: Drawing | None = None,
) -> HTMLResponse:
    kept = {name: value for name, value in typed.items() if value is not None}
    fields = fields_of(SECTOR_KEYS, kept, desk.plan.files, ident="id", fixed=bool(ident))
    if not ident:
        fields = [*fields[1:], fields[0]]
    place = list(sectors_of(saved.outcome.files if saved and saved.outcome else {}))
    index = place.index(ident) if ident in place else len(place) - 1
    mine, others = sorted_faults(
        saved.faults if saved else (), lambda fault: _field_of(fault, index)
    )
    table = await drawing_at(desk, ident)
    begun = table is not None and table.begun
    shown = {
        "ident": ident,
        "drawn_at": table.outline.revision if table else 0,
        "redrawn": await table.against(table.area) if table and begun else None,
        "name": str(kept.get("nom", ident)) if ident else "",
        "fields": with_problems(fields, mine),
        "others": others,
        "points": _points(geometry_of(desk.plan.files, ident)) if ident else 0,
        "drawing_fault": drawing.fault if drawing else "",
        "problem": saved.problem if saved else "",
    }
    status = 200 if saved is None and drawing is None else 409 if saved and saved.problem else 422
    return await desk.page("plan_sector.html", shown, status=status)


def _field_of(fault: PlanFault, index: int) -> str | None:
    head = f"features[{index}]"
    if fault.file != SECTORS or not fault.path.startswith(head):
        return None
    rest: Sequence[str] = fault.path[len(head) :].lstrip(".").split(".")
    return rest[-1].partition("[")[0] if rest[-1] else None


def _points(geometry: Mapping[str, object] | None) -> int:
    return len(_POSITION.findall(json.dumps(geometry)))
