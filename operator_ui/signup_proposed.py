"""The pages where somebody proposes a relative: a form, her code, then what the other decided."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.signup.asking import CODE_DIGITS, ask, open_signup
from dispatcher.signup.links import form_token
from dispatcher.signup.proposing import call_token, confirm, decided, proposed
from dispatcher.signup.telling import said_of
from operator_ui.crisis import status_of, told
from operator_ui.doors import admit
from operator_ui.installation import Installation, installation
from operator_ui.plan_shown import cell_phone, commune_shown, plan_of
from operator_ui.signup_desk import CHOOSE, desk_of, leads, rendered, source_of
from operator_ui.signup_places import place_of
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
Word = Annotated[str, Form(max_length=400)]
HERE = "/inscription/{commune}/proche"


@dataclass(frozen=True)
class Proposed:
    """A form as it was filled in: who is proposed, and by whom."""

    name: Word = ""
    contact: Word = ""
    typed: Word = ""
    address: Annotated[str, Form(max_length=80)] = ""
    own_name: Word = ""
    own_contact: Word = ""
    once: Word = ""  # the same form sent twice is one proposal


@router.get(HERE)
@needs(PUBLIC)
async def form(commune: str, request: Request, held: Held) -> HTMLResponse:
    """Show the empty form."""
    return await _form(request, held, commune, Proposed())


@router.post(HERE)
@needs(PUBLIC)
async def begin(
    commune: str, request: Request, held: Held, filled: Annotated[Proposed, Depends()]
) -> Response:
    """Send a code to who proposes; nobody is called before it comes back."""
    book = await held.books.of(held.ledger, commune)
    typed = place_of(book, typed=filled.typed, chosen=filled.address)
    try:
        if typed.place is None and filled.typed.strip():
            raise NotSo(CHOOSE)
        other = said_of(
            commune,
            name=filled.name,
            contact=filled.contact,
            places=[typed.place] if typed.place else [],
            language=tongue_of(request).code,
        )
        said = proposed(other, name=filled.own_name, contact=filled.own_contact, commune=commune)
        token = form_token(held.session_key, filled.once, said.as_json())
        token = await ask(desk_of(held, commune), said, source=source_of(request), token=token)
    except AlertRefused as refusal:
        return await _form(request, held, commune, filled, refusal=refusal)
    return leads(request, f"/inscription/{commune}/proche/{token}")


@router.get(HERE + "/{token}")
@needs(PUBLIC)
async def follow(commune: str, token: str, request: Request, held: Held) -> HTMLResponse:
    """Ask for the code, or show what was decided; nothing is written."""
    return await _following(request, held, commune, token)


@router.post(HERE + "/{token}")
@needs(PUBLIC)
async def finish(
    commune: str, token: str, request: Request, held: Held, code: Word = ""
) -> Response:
    """Try the code; the right one has the other called."""
    try:
        await confirm(desk_of(held, commune), token, code[:40], source=source_of(request))
    except AlertRefused as refusal:
        return await _following(request, held, commune, token, refusal=refusal)
    return leads(request, request.url.path)


async def _form(
    request: Request,
    held: Installation,
    commune: str,
    filled: Proposed,
    *,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    current = await plan_of(held, commune)
    if current is None:
        nowhere: dict[str, object] = {"here": "/inscription"}
        return HTMLResponse(rendered(request, held, "signup_unknown.html", nowhere), 404)
    book = await held.books.of(held.ledger, commune)
    among = place_of(book, typed=filled.typed, chosen="").among if filled.typed else ()
    more = {
        "town": current.plan.commune.name,
        "commune": commune,
        "phone": cell_phone(current.plan),
        "here": f"/inscription/{commune}/proche",
        "filled": filled,
        "among": among,
        "typed": filled.typed,
        "chosen": filled.address,
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return HTMLResponse(rendered(request, held, "signup_proposing.html", more), status)


async def _following(
    request: Request,
    held: Installation,
    commune: str,
    token: str,
    *,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    desk, shown = desk_of(held, commune), await commune_shown(held, commune)
    more: dict[str, object] = {
        "town": shown.name,
        "zone": shown.zone,
        "commune": commune,
        "here": f"/inscription/{commune}/proche",
        "token": token,
        "digits": CODE_DIGITS,
    }
    try:
        found = await open_signup(desk.office, token)
    except AlertRefused as over:
        more["problem"] = told(request, refusal or over)
        return HTMLResponse(rendered(request, held, "signup_over.html", more), 404)
    more["problem"] = told(request, refusal) if refusal else None
    more["serves"] = found.code_serves
    more["decided"] = await decided(desk, call_token(token)) if found.verified else None
    status = status_of(refusal) if refusal else 200
    return HTMLResponse(rendered(request, held, "signup_proposed.html", more), status)
