"""The pages where a resident enrols: a name, one way to reach her, an address; then her code.

Nothing here needs a script; with one, addresses are proposed as they are typed.
"""

import asyncio
import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.signup.asking import (
    CODE_DIGITS,
    Desk,
    add_place,
    ask,
    ask_again,
    enrolled_by,
    open_signup,
    type_back,
)
from dispatcher.signup.telling import Said, said_of
from dispatcher.store.plans import communes
from dispatcher.store.registers import HOMES
from operator_ui.address_book import Found
from operator_ui.crisis import status_of, told
from operator_ui.doors import admit
from operator_ui.installation import Installation, installation
from operator_ui.plan_shown import cell_phone, commune_shown, plan_of
from operator_ui.rendering import render
from operator_ui.signup_places import doors_around, place_of, proposed, streets_around
from operator_ui.words import tongue_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
CHOOSE = "Choisissez votre adresse dans la liste."
TOKEN_SIGNS = 22  # of base64: 128 bits
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
        return _to(request, f"/inscription/{own}")
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
    may = held.looks.passes(_source(request)) and len(typed.strip()) >= FEWEST_SIGNS
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
        token = _token(held, filled, said) if filled.once else ""
        token = await ask(_desk(held, commune), said, source=_source(request), token=token)
    except AlertRefused as refusal:
        return await _form(request, held, commune, filled, refusal=refusal)
    return _to(request, f"/inscription/{commune}/{token}")


@router.get("/inscription/{commune}/{token}")
@needs(PUBLIC)
async def follow(commune: str, token: str, request: Request, held: Held) -> HTMLResponse:
    """Ask for the code, or show what is enrolled by it; nothing is written."""
    return await _following(request, held, commune, token)


@router.post("/inscription/{commune}/{token}")
@needs(PUBLIC)
async def finish(
    commune: str, token: str, request: Request, held: Held, code: Annotated[str, Form()] = ""
) -> Response:
    """Try the code."""
    try:
        await type_back(_desk(held, commune), token, code[:40])
    except AlertRefused as refusal:
        return await _following(request, held, commune, token, refusal=refusal)
    return _to(request, request.url.path)


@router.post("/inscription/{commune}/{token}/code")
@needs(PUBLIC)
async def again(commune: str, token: str, request: Request, held: Held) -> Response:
    """Send another code."""
    try:
        await ask_again(_desk(held, commune), token, source=_source(request))
    except AlertRefused as refusal:
        return await _following(request, held, commune, token, refusal=refusal)
    return _to(request, f"/inscription/{commune}/{token}", sent=True)


@router.post("/inscription/{commune}/{token}/adresses")
@needs(PUBLIC)
async def another(
    commune: str,
    token: str,
    request: Request,
    held: Held,
    filled: Annotated[Filled, Depends()],
) -> Response:
    """Add a place to who is enrolled: her work, a school, a parent's house."""
    book = await held.books.of(held.ledger, commune)
    typed = place_of(book, typed=filled.typed, chosen=filled.address, kind=filled.kind)
    try:
        if typed.place is None:
            raise NotSo(CHOOSE)
        await add_place(held.office(commune), token, typed.place)
    except AlertRefused as refusal:
        return await _following(request, held, commune, token, refusal=refusal, filled=filled)
    return _to(request, f"/inscription/{commune}/{token}")


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
        "once": filled.once or secrets.token_urlsafe(16),
        "among": among,
        "typed": filled.typed,
        "chosen": filled.address,
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return HTMLResponse(_rendered(request, held, "signup.html", more), status)


async def _following(  # noqa: PLR0913 - a page, its link, and what was refused of what was typed
    request: Request,
    held: Installation,
    commune: str,
    token: str,
    *,
    refusal: AlertRefused | None = None,
    filled: Filled | None = None,
) -> HTMLResponse:
    office = held.office(commune)
    shown = await commune_shown(held, commune)
    more: dict[str, object] = {"town": shown.name, "commune": commune, "token": token}
    try:
        waiting = await open_signup(office, token)
    except AlertRefused as over:
        more["problem"] = told(request, refusal or over)
        return HTMLResponse(_rendered(request, held, "signup_over.html", more), 404)
    more |= {
        "problem": told(request, refusal) if refusal else None,
        "sent": "envoye" in request.query_params,
        "digits": CODE_DIGITS,
    }
    book = await held.books.of(held.ledger, commune)
    if waiting.verified:
        filled = filled or Filled(kind="work")
        among = place_of(book, typed=filled.typed, chosen="").among if filled.typed else ()
        more |= {"kept": await enrolled_by(office, token), "filled": filled, "kinds": HOMES}
        more |= {"among": among, "typed": filled.typed, "chosen": filled.address}
        template = "signup_done.html"
    else:
        said = Said.of(waiting.told)
        more |= {"said": said, "serves": waiting.code_serves, "to": masked(said.contact.value)}
        more["doors"] = doors = doors_around(book, said.places[0])
        more["names"] = streets_around(doors)
        template = "signup_code.html"
    status = status_of(refusal) if refusal else 200
    return HTMLResponse(_rendered(request, held, template, more), status)


def masked(contact: str) -> str:
    """Return a contact as she knows it again, and nobody else reads it."""
    if "@" in contact:
        local, _, host = contact.rpartition("@")
        return f"{local[:2]}•••@{host}"
    return "\u00a0".join(("••", "••", "••", "••", contact[-2:]))


def _token(held: Installation, filled: Filled, said: Said) -> str:
    """Return the secret of the link that this form leads to: of nobody else's form, or words."""
    told = f"signup\n{filled.once}\n{said.as_json()}"
    return base64.urlsafe_b64encode(hmac.digest(held.session_key, told.encode(), "sha256"))[
        :TOKEN_SIGNS
    ].decode()


def _desk(held: Installation, commune: str) -> Desk:
    return Desk(held.office(commune), held.place.signups_daily)


def _source(request: Request) -> str:
    return request.client.host if request.client else ""


def _to(request: Request, path: str, *, sent: bool = False) -> RedirectResponse:
    """Lead to a page in the language that was chosen."""
    tongue = tongue_of(request)
    query = {"lang": tongue.code} if tongue.chosen else {}
    query |= {"envoye": "1"} if sent else {}
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)


def _rendered(
    request: Request, held: Installation, template: str, more: Mapping[str, object]
) -> str:
    tongue = tongue_of(request)
    q = f"?lang={tongue.code}" if tongue.chosen else ""
    return render(
        template, tongue.code, {"sandboxed": held.sandboxed, "q": q, "here": _here(more), **more}
    )


def _here(more: Mapping[str, object]) -> str:
    """Return the page that another language is asked of: a form's own address has none."""
    parts = [str(more[name]) for name in ("commune", "token") if name in more]
    return "/".join(("/inscription", *map(quote, parts)))
