"""The links of a team's phones, for the cell: made, shown once with a picture, revoked; photos."""

from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.alerts.refusals import AlertRefused, NotSo, NotThere
from dispatcher.api.permissions import needs
from dispatcher.store.team_photos import photo_of, photos_of
from dispatcher.store.users import User
from dispatcher.teams import phone_links
from dispatcher.teams.ordering import find_team
from dispatcher.teams.phone_links import HOURS, MadeLink
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.distress import actor_of
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)
Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
HERE = "/equipes/{team}/liens"
PHOTO = {"content-disposition": "inline", "cache-control": "private, no-store"}


@router.get("/equipes/photos/{photo}")
@needs("team.read")
async def photo(photo: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Show a photo that a team sent, as it came."""
    found = await photo_of(held.ledger, guest.commune, photo)
    if found is None:
        return await page(request, held, "missing.html", status=404)
    return Response(found.content, media_type="image/jpeg", headers=PHOTO)


@router.get(HERE)
@needs("team.read")
async def links(team: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """List a team's links and its photos."""
    return await _page(request, held, guest, team)


@router.post(HERE, dependencies=ACTS)
@needs("team.order")
async def make(team: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Make a link, and show it this once, with a picture that a phone reads."""
    given = str((await request.form()).get("hours", "")).strip() or f"{HOURS:g}"
    try:
        if not (given.isascii() and given.isdigit()):
            raise NotSo("Un lien d'équipe vaut entre une heure et quatorze jours.")
        made = await phone_links.make_link(
            held.office(guest.commune), team, actor=actor_of(guest), hours=float(given[:6])
        )
    except AlertRefused as refusal:
        return await _page(request, held, guest, team, problem=refusal)
    return await _page(request, held, guest, team, made=made)


@router.post(f"{HERE}/couper", dependencies=ACTS)
@needs("team.order", page=HERE)
async def revoke(team: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Cut a link of a team, or all of them, at once."""
    link = str((await request.form()).get("link", "")) or None
    try:
        await phone_links.revoke_links(
            held.office(guest.commune), team, actor=actor_of(guest), link=link
        )
    except AlertRefused as refusal:
        return await _page(request, held, guest, team, problem=refusal)
    return RedirectResponse(request.url.path.removesuffix("/couper"), 303)


async def _page(  # noqa: PLR0913 - what was made or refused is shown on the same page
    request: Request,
    held: Installation,
    guest: User,
    team: str,
    *,
    made: MadeLink | None = None,
    problem: AlertRefused | None = None,
) -> HTMLResponse:
    office = held.office(guest.commune)
    try:
        known = await find_team(office, team)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    address = held.address + made.path if made else ""
    shown = {
        "team": known,
        "links": await phone_links.links_of(office, known.team),
        "photos": await photos_of(held.ledger, guest.commune, known.team),
        "address": address,
        "picture": segno.make(address, error="m").svg_data_uri(scale=5, border=4) if made else "",
        "may_act": allowed(guest.function, phone_links.MAY),
        "hours": f"{HOURS:g}",
        "problem": told(request, problem) if problem else None,
    }
    status = status_of(problem) if problem else 200
    return await page(request, held, "team_links.html", shown=shown, status=status)
