"""Who is in a centre, by name: noted at the door, read by those who may, each reading a line."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts.refusals import AlertRefused, NotThere
from dispatcher.api.permissions import needs
from dispatcher.shelter import counting, names
from dispatcher.shelter.counting import MAY_NAME, Departure, Name
from dispatcher.shelter.sight import centres_seen
from dispatcher.store.users import User
from operator_ui.centre_pages import ONE, centre_page, shown_of, to_centre
from operator_ui.crisis import ACTS, asked_by, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.typed_figures import click_of, whole

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
PEOPLE = f"{ONE}/personnes"
PRIVATE = {"cache-control": "no-store"}  # names stay in no cache


@router.get(PEOPLE)
@needs(MAY_NAME)
async def people(
    event_id: str, centre_id: str, request: Request, held: Held, guest: SignedIn
) -> HTMLResponse:
    """Show who gave a name; the reading is a line of the logbook."""
    return await _list(request, held, event_id, centre=centre_id)


async def _list(
    request: Request,
    held: Installation,
    event_id: str,
    *,
    centre: str,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    office = held.office(guest.commune)
    try:
        one, found = await names.look(office, event_id, centre, asked=asked_by(guest))
        seen = await centres_seen(office, event_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    shown = {
        **shown_of(seen, guest),
        "one": one,
        "staying": [each for each in found if each.left_at is None],
        "left": [each for each in found if each.left_at is not None],
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    answer = await page(request, held, "centre_people.html", shown=shown, status=status)
    answer.headers.update(PRIVATE)
    return answer


@router.post(PEOPLE, dependencies=ACTS)
@needs(MAY_NAME, page=ONE)
async def arrive(
    event_id: str, centre_id: str, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Note who arrives by name, and show the counter again: nobody's name is read for it."""
    form = await request.form()
    office = held.office(guest.commune)
    try:
        who = Name(
            str(form.get("name", "")), whole(form, "household") or 1, str(form.get("from", "")),
            str(form.get("phone", "")), form.get("counted") == "yes",
        )  # fmt: skip
        asked = asked_by(guest, key=click_of(form, who.name))
        await counting.arrive(office, event_id, centre_id, who=who, asked=asked)
    except AlertRefused as refusal:
        return await centre_page(request, held, event_id, centre=centre_id, refusal=refusal)
    return to_centre(event_id, centre_id)


@router.post(f"{PEOPLE}/{{person_id}}/depart", dependencies=ACTS)
@needs(MAY_NAME, page=PEOPLE)
async def leave(  # noqa: PLR0913 - one parameter a part of the path
    event_id: str, centre_id: str, person_id: str, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Note that somebody leaves with her household."""
    form = await request.form()
    who = Departure(person_id, str(form.get("to", "")), form.get("counted") == "yes")
    office = held.office(guest.commune)
    try:
        await counting.leave(office, event_id, centre_id, who=who, asked=asked_by(guest))
    except AlertRefused as refusal:
        return await _list(request, held, event_id, centre=centre_id, refusal=refusal)
    here = f"/evenements/{quote(event_id, safe='')}/centres/{quote(centre_id, safe='')}"
    return RedirectResponse(f"{here}/personnes", 303)
