"""The first step of an alert: its zone, made by forms, tried before it is kept, told as streets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

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
from operator_ui.plan_shown import LAYERS, bounds_of
from operator_ui.words import tongue_of, translations
from operator_ui.zone_proposals import (
    MOST_STEPS,
    Step,
    Zone,
    ZoneRefused,
    before,
    check_place,
    combined,
    read,
    zone_of,
)
from operator_ui.zone_shown import (
    MOST_ROWS,
    bounds_of_book,
    change,
    found_at,
    ground_at,
    numbers,
    shown,
    streets_to_tick,
)
from operator_ui.zone_tools import Ground, content_of, made_of, margin_of, op_of
from operator_ui.zone_words import DRAW_WORDS
from plans.layer_sentences import in_french
from zones.area import AreaFault, AreaRefused

MOST_BODY = 8_000_000  # bytes of a form: a megabyte of GeoJSON whose every sign is escaped


async def light(request: Request) -> None:
    """Refuse a form that is larger than any zone, before it is read (SECURITY T6)."""
    said = request.headers.get("content-length", "")
    if not said.isdigit() or int(said) > MOST_BODY:
        raise HTTPException(413, "Trop lourd : un mégaoctet de tracé au plus. Too large.")


router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
ACTS = [Depends(light), Depends(own_form)]
REFUSED = (ZoneRefused, AreaFault, AreaRefused)


@dataclass(frozen=True)
class Asked:
    """What is being looked for on the page, and what was just tried."""

    address: str = ""
    street: str = ""
    tool: str = ""
    proposal: Zone | None = None
    problem: Mapping[str, str] | None = None
    status: int = 200


@router.get("/console/alertes/{alert_id}/zone")
@needs("alert.read")
async def zone(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show the zone of an alert and the tools that make it, with what is searched for."""
    address, street = (request.query_params.get(name, "")[:120] for name in ("adresse", "voie"))
    tool = "address" if address else "streets" if street else ""
    asked = Asked(address=address, street=street, tool=tool)
    return await _page(request, held, await _composing(held, guest, alert_id), asked)


@router.post("/console/alertes/{alert_id}/zone/essai", dependencies=ACTS)
@needs("alert.draft")
async def attempt(alert_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show what a form would make of the zone; nothing is kept yet, nothing is sent elsewhere."""
    form = await request.form()
    composing = await _composing(held, guest, alert_id)
    ground = await ground_at(held, guest.commune, composing.current.plan)
    tool = str(form.get("tool", ""))[:20]
    try:
        proposal = await _tried(form, zone_of(composing.sketch), ground)
        check_place(proposal, ground.plan, bounds=bounds_of_book(ground.book))
    except REFUSED as refusal:
        problem = _problem(request, refusal)
        return await _page(request, held, composing, Asked(tool=tool, problem=problem, status=422))
    return await _page(request, held, composing, Asked(proposal=proposal))


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
        problem = _problem(request, refusal)
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


async def _tried(form: FormData, now: Zone, ground: Ground) -> Zone:
    if form.get("tool") == "margin":
        if now.ground(ground.plan) is None:
            raise ZoneRefused("Choisissez d'abord une zone : la marge s'y ajoute.")
        margin_m = margin_of(form)
        step = Step(op="add", tool="margin", metres=margin_m)
        steps = (*(one for one in now.steps if one.tool != "margin"), step)[-MOST_STEPS:]
        return Zone(now.area, now.sectors, margin_m, now.whole, steps)
    content = await content_of(form)
    return combined(now, op_of(form), made_of(form, ground, content=content), ground.plan)


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
    now = await shown(zone_of(composing.sketch), ground)
    then = await shown(asked.proposal, ground) if asked.proposal else None
    streets, count = streets_to_tick(ground, asked.street)
    box = bounds_of(plan) or bounds_of_book(ground.book)
    values = {
        "asked": asked,
        "zone_now": now,
        "zone_then": then,
        "changed": change(now, then) if then else None,
        "undoable": before(composing.sketch) is not None,
        "found": found_at(ground, asked.address) if asked.address else (),
        "streets": streets,
        "streets_count": count,
        "lines": sorted(ground.lines, key=str.casefold),
        "addresses": len(ground.book.ids),
        "located": int(ground.book.doors.located.sum()),
        "bounds": box,
        "most_rows": MOST_ROWS,
        "sources": _sources(composing.sketch.alert_id),
        "problem": asked.problem,
        "numbers": numbers,
        "unlocated": await unlocated(held.ledger, composing.guest.commune),
        "draw_words": {
            key: translations(tongue_of(request).code).gettext(word)
            for key, word in DRAW_WORDS.items()
        },
    }
    answer = await step_page(request, composing, "zone", shown=values)
    answer.status_code = asked.status
    return answer


def _sources(alert_id: str) -> dict[str, str]:
    plain = {name: f"/carte/{name}.geojson" for name in LAYERS}
    return {**plain, "alerte": f"/carte/redaction/{alert_id}.geojson"}


def _problem(request: Request, refusal: Exception) -> Mapping[str, str]:
    """Say a refusal in the reader's language; the ground's own sentences are in both."""
    code = tongue_of(request).code
    if isinstance(refusal, ZoneRefused):
        said = translations(code).gettext(refusal.said) % refusal.about
    elif code == "fr":
        faults = refusal.faults[:3] if isinstance(refusal, AreaRefused) else ()
        sentences = [in_french(one.message) for one in faults] or [in_french(str(refusal))]
        said = " ".join(one[:1].upper() + one[1:] for one in sentences)
    else:
        said = str(refusal)
    return {"said": said, "lang": code}


def _path(alert_id: str) -> str:
    return f"/console/alertes/{alert_id}/zone"
