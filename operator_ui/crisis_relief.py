"""Who holds a function: put there, relieved in one act, with a hand-over sheet that is printed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts.refusals import AlertRefused, NotThere
from dispatcher.api.permissions import needs
from dispatcher.crisis import relief, sights
from dispatcher.crisis.relief import Sheet, post_of, sheet_of
from dispatcher.crisis.steps import find
from dispatcher.store import duties
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, asked_by, shown_of, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import plan_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]


@router.get("/evenements/{event_id}/fonctions/{post}")
@needs("event.relieve")
async def relief_form(
    event_id: str, post: str, request: Request, held: Held, guest: SignedIn
) -> HTMLResponse:
    """Ask who takes a post."""
    return await _form(request, held, event_id, post=post)


@router.post("/evenements/{event_id}/fonctions/{post}", dependencies=ACTS)
@needs("event.relieve")
async def relieve(
    event_id: str, post: str, request: Request, held: Held, guest: SignedIn
) -> Response:
    """Put someone there; whoever is relieved hands over with a sheet, shown next."""
    form = await request.form()
    asked = asked_by(guest, reason=str(form.get("reason", "")))
    holder = str(form.get("holder", ""))
    try:
        duty = await relief.hold(
            held.office(guest.commune), event_id, post, holder=holder, asked=asked
        )
    except AlertRefused as refusal:
        return await _form(request, held, event_id, post=post, refusal=refusal)
    where = f"/releve/{duty.number}" if duty.sheet is not None else "#fonctions"
    return RedirectResponse(f"/evenements/{event_id}{where}", 303)


async def _form(
    request: Request,
    held: Installation,
    event_id: str,
    *,
    post: str,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    guest = signed_in(request)
    office = held.office(guest.commune)
    try:
        seen = await sights.sight(office, event_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    place = next((one for one in seen.posts if one.code == post), None)
    if place is None:
        return await page(request, held, "missing.html", status=404)
    comes = {
        called.holder
        for one in seen.calls
        for names in one.posts.values()
        for called in names
        if called.standing == "coming"
    }
    listed = [called.holder for one in seen.calls for called in one.posts.get(post, ())]
    shown = {
        **shown_of(guest, seen, await plan_of(held, guest.commune)),
        "post": place,
        "comes": comes,
        "listed": list(dict.fromkeys(listed)),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "event_relief.html", shown=shown, status=status)


@router.get("/evenements/{event_id}/releve/{number}")
@needs("event.read")
async def handed_over(
    event_id: str, number: int, request: Request, held: Held, guest: SignedIn
) -> HTMLResponse:
    """Show what was handed over at a relief, as it was then."""
    found = await duties.duties_of(held.ledger, guest.commune, event_id)
    duty = next((one for one in found if one.number == number and one.sheet is not None), None)
    if duty is None or duty.sheet is None:
        return await page(request, held, "missing.html", status=404)
    before = [one for one in found if one.post == duty.post and one.number < number]
    gives = before[-1].holder if before else ""
    return await _sheet(request, held, event_id, sheet=duty.sheet, hands=(gives, duty.holder))


@router.get("/evenements/{event_id}/fiche/{post}")
@needs("event.read")
async def sheet_now(
    event_id: str, post: str, request: Request, held: Held, guest: SignedIn
) -> HTMLResponse:
    """Show what would be handed over now."""
    office = held.office(guest.commune)
    current = await plan_of(held, guest.commune)
    if current is None:
        return await page(request, held, "missing.html", status=404)
    try:
        event = await find(office, event_id)
        place = post_of(current.plan, post)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    sheet = await sheet_of(office, event, place)
    duty = await relief.holder_of(office, event, post)
    hands = (duty.holder if duty else "", "")
    return await _sheet(request, held, event_id, sheet=sheet, hands=hands)


async def _sheet(
    request: Request,
    held: Installation,
    event_id: str,
    *,
    sheet: Sheet,
    hands: tuple[str, str],
) -> HTMLResponse:
    guest = signed_in(request)
    seen = await sights.sight(held.office(guest.commune), event_id)
    shown = {
        **shown_of(guest, seen, await plan_of(held, guest.commune)),
        "sheet": sheet,
        "gives": seen.names.get(hands[0], hands[0]),
        "takes": seen.names.get(hands[1], hands[1]),
    }
    return await page(request, held, "event_sheet.html", shown=shown)
