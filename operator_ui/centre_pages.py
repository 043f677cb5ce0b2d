"""Reception centres of an event on the console: all of them, and the counter at one's door."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused, NotThere
from dispatcher.api.permissions import needs
from dispatcher.crisis.owed import AFTER
from dispatcher.crisis.steps import Asked
from dispatcher.shelter import counting, names, opening, unplanned
from dispatcher.shelter.counting import Count
from dispatcher.shelter.sight import Centres, CentreSeen, centres_seen
from dispatcher.shelter.unplanned import NewCentre
from dispatcher.store import centre_counting, centres
from dispatcher.store.centres import PURPOSES, Where
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, asked_by, status_of, told
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown, people_of
from operator_ui.rendering import render
from operator_ui.typed_figures import click_of, whole
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
ALL = "/evenements/{event_id}/centres"
ONE = f"{ALL}/{{centre_id}}"
ERASE = "/evenements/{event_id}/effacer-noms"
_MAY = ("event.task", "centre.people", "event.stand_down")


def shown_of(found: Centres, guest: User) -> dict[str, Any]:
    """Return what each page about centres needs."""
    return {
        "found": found,
        "event": found.event,
        "changes": found.event.is_open or found.event.state in AFTER,
        "may": tuple(one for one in _MAY if allowed(guest.function, one)),
        "purposes": PURPOSES,
    }


@router.get(ALL)
@needs("event.read")
async def all_centres(
    event_id: str, request: Request, held: Held, guest: SignedIn, part: str = ""
) -> HTMLResponse:
    """Show every centre: who takes people in, how many are there, where there is room."""
    if not part:
        return await _all(request, held, guest, event_id)
    found = await centres_seen(held.office(guest.commune), event_id)
    zone = (await commune_shown(held, guest.commune)).zone
    people = await people_of(held, guest.commune)
    values = {**shown_of(found, guest), "zone": zone, "people": people}
    return HTMLResponse(render("_centres_open.html", tongue_of(request).code, values))


async def _all(
    request: Request,
    held: Installation,
    guest: User,
    event_id: str,
    *,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    office = held.office(guest.commune)
    try:
        found = await centres_seen(office, event_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    form = await request.form() if request.method == "POST" else FormData()
    shown = {
        **shown_of(found, guest),
        "named": await centre_counting.named_count(office.ledger, office.commune, event_id),
        "given": {"centre": "", "reason": "", "name": "", "address": "", "surface": "", **form},
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "centres.html", shown=shown, status=status)


@router.post(ALL, dependencies=ACTS)
@needs("event.task")
async def open_centre(event_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Open a centre, one that lies in danger with the reason; or, by its name, one of no plan."""
    form = await request.form()
    asked = asked_by(guest, reason=str(form.get("reason", "")))
    centre, office = str(form.get("centre", "")), held.office(guest.commune)
    try:
        if "name" in form:
            new = NewCentre(
                str(form["name"]), str(form.get("address", "")), whole(form, "surface")
            )  # fmt: skip
            centre = new.ident
            await unplanned.open_unplanned(office, event_id, new, asked=asked)
        else:
            await opening.open_centre(office, event_id, centre, asked=asked)
    except AlertRefused as refusal:
        return await _all(request, held, guest, event_id, refusal=refusal)
    return to_centre(event_id, centre)


@router.get(ERASE)
@needs("event.stand_down")
async def erase_form(event_id: str, request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Say what is erased before it is."""
    return await _erase_page(request, held, guest, event_id)


async def _erase_page(
    request: Request,
    held: Installation,
    guest: User,
    event_id: str,
    *,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    office = held.office(guest.commune)
    try:
        found = await centres_seen(office, event_id)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    shown = {
        **shown_of(found, guest),
        "named": await centre_counting.named_count(office.ledger, office.commune, event_id),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "centre_erase.html", shown=shown, status=status)


@router.post(ERASE, dependencies=ACTS)
@needs("event.stand_down")
async def erase(event_id: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Erase every name of the event."""
    actor = Actor(guest.login, guest.function, guest.contact_id)
    try:
        await names.erase(held.office(guest.commune), event_id, actor=actor)
    except AlertRefused as refusal:
        return await _erase_page(request, held, guest, event_id, refusal=refusal)
    return RedirectResponse(f"/evenements/{quote(event_id)}/centres", 303)


@router.get(ONE)
@needs("event.read")
async def one_centre(  # noqa: PLR0913 - one parameter a part of the request
    event_id: str, centre_id: str, request: Request, held: Held, guest: SignedIn, part: str = ""
) -> HTMLResponse:
    """Show a centre's counter, for a telephone at its door."""
    if not part:
        return await centre_page(request, held, event_id, centre=centre_id)
    found = await centres_seen(held.office(guest.commune), event_id)
    zone = (await commune_shown(held, guest.commune)).zone
    values = {**shown_of(found, guest), "one": found.one(centre_id), "zone": zone}
    return HTMLResponse(render("_centre_count.html", tongue_of(request).code, values))


async def centre_page(
    request: Request,
    held: Installation,
    event_id: str,
    *,
    centre: str,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    """Return a centre's page; what was refused is on it, and what was typed is still there."""
    guest = signed_in(request)
    office = held.office(guest.commune)
    try:
        found = await centres_seen(office, event_id)
        one = found.one(centre)
    except NotThere:
        return await page(request, held, "missing.html", status=404)
    form = await request.form() if refusal else FormData()
    where = Where(office.commune, event_id, centre)
    shown = {
        **shown_of(found, guest),
        "one": one,
        "moves": await centres.moves_of(office.ledger, where),
        "given": form,
        "key": secrets.token_urlsafe(12),
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "centre.html", shown=shown, status=status)


Verb = Callable[[Office, tuple[str, str], FormData, Asked], Awaitable[CentreSeen]]


async def _count(
    office: Office, this: tuple[str, str], form: FormData, asked: Asked
) -> CentreSeen:  # fmt: skip
    quick = str(form.get("quick", ""))  # the big buttons: one person in, one out
    if quick:
        wanted = Count(quick, 1)
    else:
        people, children = whole(form, "people"), whole(form, "children")
        wanted = Count(str(form.get("kind", "")), people, children=children)
    key = click_of(form, wanted.kind, wanted.people, wanted.children)
    asked = replace(asked, key=key)
    return await counting.count(office, *this, wanted=wanted, asked=asked)


async def _places(
    office: Office, this: tuple[str, str], form: FormData, asked: Asked
) -> CentreSeen:  # fmt: skip
    places = {name: whole(form, name) for name in PURPOSES}
    return await opening.adjust(office, *this, places=places, asked=asked)


async def _close(
    office: Office, this: tuple[str, str], _form: FormData, asked: Asked
) -> CentreSeen:  # fmt: skip
    return await opening.close_centre(office, *this, asked=asked)


ACTS_OF_CENTRE: tuple[tuple[str, Verb], ...] = (
    ("compter", _count),
    ("places", _places),
    ("fermer", _close),
)


def _route(path: str, verb: Verb) -> None:
    @router.post(f"{ONE}/{path}", dependencies=ACTS, name=f"centre_{path}")
    @needs("event.task", page=ONE)
    async def acted(
        event_id: str, centre_id: str, request: Request, held: Held, guest: SignedIn
    ) -> Response:
        """Do it, and show the counter again."""
        form = await request.form()
        asked = asked_by(guest, key=str(form.get("key", "")), reason=str(form.get("reason", "")))
        try:
            await verb(held.office(guest.commune), (event_id, centre_id), form, asked)
        except AlertRefused as refusal:
            return await centre_page(request, held, event_id, centre=centre_id, refusal=refusal)
        return to_centre(event_id, centre_id)


for _path, _verb in ACTS_OF_CENTRE:
    _route(_path, _verb)


def to_centre(event_id: str, centre_id: str) -> RedirectResponse:
    """Lead to a centre's counter."""
    return RedirectResponse(
        f"/evenements/{quote(event_id, safe='')}/centres/{quote(centre_id, safe='')}", 303
    )
