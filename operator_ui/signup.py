"""The pages where a resident enrols: a name, one way to reach her, an address; then her code.

Nothing here needs a script; with one, addresses are proposed as they are typed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.signup.asking import (
    CODE_DIGITS,
    ask,
    ask_again,
    open_signup,
    pages_of,
    type_back,
)
from dispatcher.signup.links import form_token
from dispatcher.signup.telling import CONTACT, ENROL, KIN, PAGE, PROPOSE, Said, said_of
from dispatcher.store.plans import communes
from operator_ui.address_book import Found
from operator_ui.crisis import status_of, told
from operator_ui.doors import admit
from operator_ui.installation import Installation, installation
from operator_ui.plan_shown import cell_phone, commune_shown, plan_of
from operator_ui.signup_desk import CHOOSE, desk_of, leads, rendered, source_of
from operator_ui.signup_places import doors_around, place_of, proposed, streets_around
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
DONE = {
    ENROL: "bienvenue",
    CONTACT: "contacts",
    PAGE: "",
    KIN: "prevenir",
}  # what the page says was done
FEWEST_SIGNS = 3  # typed before addresses are looked for


@dataclass(frozen=True)
class Filled:
    """A form as it was filled in: nothing typed is lost by a mistake elsewhere."""

    name: Annotated[str, Form(max_length=400)] = ""
    contact: Annotated[str, Form(max_length=400)] = ""
    typed: Annotated[str, Form(max_length=400)] = ""
    address: Annotated[str, Form(max_length=80)] = ""
    kind: Annotated[str, Form(max_length=20)] = "home"
    once: Annotated[str, Form(max_length=64)] = ""  # the same form sent twice is one sign-up


@router.get("/inscription")
@needs(PUBLIC)
async def here(request: Request, held: Held) -> Response:
    """Lead to the commune's form; where there are several, to a list of them."""
    known = await communes(held.ledger)
    own = held.place.commune or (known[0] if len(known) == 1 else "")
    if own:
        return leads(request, f"/inscription/{own}")
    named = [(code, (await commune_shown(held, code)).name) for code in known]
    return HTMLResponse(_rendered(request, held, "signup_communes.html", {"communes": named}))


@router.get("/inscription/{commune}")
@needs(PUBLIC)
async def form(commune: str, request: Request, held: Held) -> HTMLResponse:
    """Show the empty form."""
    return await _form(request, held, commune, Filled())


@router.post("/inscription/{commune}/adresses")
@needs(PUBLIC)
async def propose(
    commune: str, request: Request, held: Held, typed: Annotated[str, Form(max_length=400)] = ""
) -> HTMLResponse:
    """Propose addresses for what is typed: those of the commune's own file, which is public.

    Sent as a form: what is typed is in no address that a server on the way writes down.
    """
    among: Sequence[Found] = ()
    may = held.looks.passes(source_of(request)) and len(typed.strip()) >= FEWEST_SIGNS
    if may and await plan_of(held, commune) is not None:
        book = await held.books.of(held.ledger, commune)
        among = await asyncio.to_thread(proposed, book, typed)
    more = {"among": among, "typed": typed, "chosen": ""}
    return HTMLResponse(_rendered(request, held, "_signup_places.html", more))


@router.post("/inscription/{commune}")
@needs(PUBLIC)
async def begin(
    commune: str, request: Request, held: Held, filled: Annotated[Filled, Depends()]
) -> Response:
    """Send a code to the contact given; nobody is enrolled before it comes back."""
    book = await held.books.of(held.ledger, commune)
    typed = place_of(book, typed=filled.typed, chosen=filled.address)
    try:
        if typed.place is None and filled.typed.strip():
            raise NotSo(CHOOSE)
        said = said_of(
            commune,
            name=filled.name,
            contact=filled.contact,
            places=[typed.place] if typed.place else [],
            language=tongue_of(request).code,
        )
        token = form_token(held.session_key, filled.once, said.as_json())
        token = await ask(desk_of(held, commune), said, source=source_of(request), token=token)
    except AlertRefused as refusal:
        return await _form(request, held, commune, filled, refusal=refusal)
    return leads(request, f"/inscription/{commune}/{token}")


@router.get("/inscription/{commune}/{token}")
@needs(PUBLIC)
async def follow(commune: str, token: str, request: Request, held: Held) -> Response:
    """Ask for the code, or lead to the page that it opened; nothing is written."""
    return await _following(request, held, commune, token)


@router.post("/inscription/{commune}/{token}")
@needs(PUBLIC)
async def finish(
    commune: str, token: str, request: Request, held: Held, code: Annotated[str, Form()] = ""
) -> Response:
    """Try the code; the right one leads to the page that it opens."""
    try:
        waiting = await open_signup(held.office(commune), token)
        if waiting.told and Said.of(waiting.told).wants == PROPOSE:
            return leads(request, f"/inscription/{commune}/proche/{token}")
        await type_back(desk_of(held, commune), token, code[:40])
    except AlertRefused as refusal:
        return await _following(request, held, commune, token, refusal=refusal)
    done = "" if waiting.verified else DONE[Said.of(waiting.told).wants]
    pages = await pages_of(held.office(commune), token)
    path = f"/r/{pages[0][0]}" if len(pages) == 1 else request.url.path
    return leads(request, path, done=done)


@router.post("/inscription/{commune}/{token}/code")
@needs(PUBLIC)
async def again(commune: str, token: str, request: Request, held: Held) -> Response:
    """Send another code."""
    try:
        await ask_again(desk_of(held, commune), token, source=source_of(request))
    except AlertRefused as refusal:
        return await _following(request, held, commune, token, refusal=refusal)
    return leads(request, f"/inscription/{commune}/{token}", done="envoye")


async def _form(
    request: Request,
    held: Installation,
    commune: str,
    filled: Filled,
    *,
    refusal: AlertRefused | None = None,
) -> HTMLResponse:
    current = await plan_of(held, commune)
    if current is None:
        return HTMLResponse(_rendered(request, held, "signup_unknown.html", {}), 404)
    book = await held.books.of(held.ledger, commune)
    among = place_of(book, typed=filled.typed, chosen="").among if filled.typed else ()
    more = {
        "town": current.plan.commune.name,
        "commune": commune,
        "phone": cell_phone(current.plan),
        "filled": filled,
        "among": among,
        "typed": filled.typed,
        "chosen": filled.address,
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return HTMLResponse(_rendered(request, held, "signup.html", more), status)


async def _following(
    request: Request,
    held: Installation,
    commune: str,
    token: str,
    *,
    refusal: AlertRefused | None = None,
) -> Response:
    office = held.office(commune)
    shown = await commune_shown(held, commune)
    more: dict[str, object] = {"town": shown.name, "commune": commune, "token": token}
    try:
        waiting = await open_signup(office, token)
    except AlertRefused as over:
        more["problem"] = told(request, refusal or over)
        return HTMLResponse(_rendered(request, held, "signup_over.html", more), 404)
    if waiting.verified:
        more["enrolled"] = waiting.person_id is not None
        return await _opened(request, held, more)
    said = Said.of(waiting.told)
    if said.wants == PROPOSE:
        return leads(request, f"/inscription/{commune}/proche/{token}")
    more |= {
        "problem": told(request, refusal) if refusal else None,
        "sent": request.query_params.get("fait") == "envoye",
        "digits": CODE_DIGITS,
        "said": said,
        "serves": waiting.code_serves,
        "to": masked(said.contact.value),
    }
    if said.places:
        book = await held.books.of(held.ledger, commune)
        more["doors"] = doors = doors_around(book, said.places[0])
        more["names"] = streets_around(doors)
    status = status_of(refusal) if refusal else 200
    return HTMLResponse(_rendered(request, held, "signup_code.html", more), status)


async def _opened(request: Request, held: Installation, more: Mapping[str, object]) -> Response:
    """Lead to the page that a code opened; of several, let her choose; a call opens none."""
    pages = await pages_of(held.office(str(more["commune"])), str(more["token"]))
    if len(pages) == 1:
        return leads(request, f"/r/{pages[0][0]}")
    if pages:
        named = [(token, one.name) for token, one in pages]
        return HTMLResponse(_rendered(request, held, "own_pages.html", {**more, "pages": named}))
    return HTMLResponse(_rendered(request, held, "signup_done.html", more))


def masked(contact: str) -> str:
    """Return a contact as she knows it again, and nobody else reads it."""
    if "@" in contact:
        local, _, host = contact.rpartition("@")
        return f"{local[:2]}•••@{host}"
    return "\u00a0".join(("••", "••", "••", "••", contact[-2:]))


def _rendered(
    request: Request, held: Installation, template: str, more: Mapping[str, object]
) -> str:
    return rendered(request, held, template, {"here": _here(more), **more})


def _here(more: Mapping[str, object]) -> str:
    """Return the page that another language is asked of: a form's own address has none."""
    parts = [str(more[name]) for name in ("commune", "token") if name in more]
    return "/".join(("/inscription", *map(quote, parts)))
