"""The desk on the console: what nobody could place, and files of places that are brought."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from dispatcher.alerts.refusals import AlertRefused
from dispatcher.api.permissions import needs
from dispatcher.store.desk_items import waiting
from dispatcher.store.users import User
from dispatcher.teams import desking
from dispatcher.teams.board import board_of
from dispatcher.teams.desking import Choice
from dispatcher.teams.places_import import import_places
from dispatcher.teams.places_read import MOST_BYTES, PlacesRead
from dispatcher.teams.sight import item_seen
from operator_ui.board import HERE, MAY, actor_of
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from plans.teams import EVENTS, STATUSES

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
DESK = f"{HERE}/a-placer"
PLACES = f"{HERE}/positions"


@router.get(DESK)
@needs("team.read")
async def desk(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """List what waits to be placed, the oldest first."""
    return await _desk(request, held, guest)


async def _desk(
    request: Request, held: Installation, guest: User, *, refusal: AlertRefused | None = None
) -> HTMLResponse:
    board = await board_of(held.office(guest.commune))
    shown = {
        "items": [
            item_seen(one, guest.function) for one in await waiting(held.ledger, guest.commune)
        ],
        "teams": board.teams,
        "missions": board.missions,
        "words": (*(one.code for one in STATUSES), *EVENTS),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "desk.html", shown=shown, status=status)


@router.post(f"{DESK}/{{item}}", dependencies=ACTS)
@needs(MAY, page=DESK)
async def place(item: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """File it as the report that it is."""
    form = await request.form()
    choice = Choice(
        str(form.get("team", "")),
        str(form.get("mission", "")),
        str(form.get("status", "")),
        form.get("remember") == "1",
    )
    try:
        await desking.place(held.office(guest.commune), item, choice, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _desk(request, held, guest, refusal=refusal)
    held.services.rosters.forget(guest.commune)
    return RedirectResponse(DESK, 303)


@router.post(f"{DESK}/{{item}}/ecarter", dependencies=ACTS)
@needs(MAY, page=DESK)
async def set_aside(item: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Set it aside, and say why."""
    reason = str((await request.form()).get("reason", ""))
    office = held.office(guest.commune)
    try:
        await desking.set_aside(office, item, reason, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _desk(request, held, guest, refusal=refusal)
    return RedirectResponse(DESK, 303)


@router.get(PLACES)
@needs(MAY)
async def places_form(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Ask for a file of places."""
    return await page(request, held, "team_places.html", shown={"read": None})


@router.post(PLACES, dependencies=ACTS)
@needs(MAY)
async def places(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Take the places of a file, or say which lines are at fault and take none."""
    given = (await request.form()).get("file")
    raw = await given.read(MOST_BYTES + 1) if isinstance(given, UploadFile) else b""
    office = held.office(guest.commune)
    read: PlacesRead = await import_places(office, raw, actor=actor_of(guest))
    status = 422 if read.faults else 200
    return await page(request, held, "team_places.html", shown={"read": read}, status=status)
