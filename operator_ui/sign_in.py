"""Signing in and out."""

import secrets
from ipaddress import IPv6Address, ip_address
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.signing_in import Claim, SignInRefused, sign_out
from dispatcher.access.signing_in import admit as let_in
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.store.plans import communes
from operator_ui.doors import FormRefused, admit, own_form
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.same_origin import form_token, token_fits

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]


@router.get("/connexion")
@needs(PUBLIC)
async def form(request: Request, held: Held, vers: str = "/") -> Response:
    """Show the sign-in form; who is signed in already goes on."""
    if request.state.guest is not None:
        return RedirectResponse(_inside(vers), 303)
    return await _form(request, held, vers=vers)


@router.post("/connexion")
@needs(PUBLIC)
async def enter(
    request: Request,
    held: Held,
    login: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    code: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Open a session, or show the form again with a sentence."""
    sent = await request.form()
    vers = str(sent.get("vers", "/"))
    if not token_fits(held.session_key, request.cookies.get(_nonce(held), ""), sent.get("token")):
        raise FormRefused
    try:
        claim = Claim(
            commune=str(sent.get("commune", "")) or held.place.commune,
            login=login.strip(),
            password=password,
            code=code.replace(" ", ""),
            source=_source(request),
        )
        session = await let_in(held.ledger, claim)
    except SignInRefused as refused:
        return await _form(request, held, vers=vers, login=login, problem=str(refused))
    answer = RedirectResponse(_inside(vers), 303)
    answer.set_cookie(
        held.cookie, session, httponly=True, secure=held.https, samesite="strict", path="/"
    )
    answer.delete_cookie(_nonce(held), secure=held.https, samesite="strict")
    return answer


@router.post("/deconnexion", dependencies=[Depends(own_form)])
@needs(PUBLIC)  # whoever holds a session may end it; `own_form` asks for its token
async def leave(request: Request, held: Held) -> Response:
    """End the session here and in the ledger; its live screens end with it."""
    await sign_out(held.ledger, request.cookies.get(held.cookie, ""))
    answer = RedirectResponse("/connexion", 303)
    answer.delete_cookie(held.cookie, secure=held.https, httponly=True, samesite="strict")
    return answer


async def _form(
    request: Request, held: Installation, *, vers: str, login: str = "", problem: str = ""
) -> HTMLResponse:
    nonce = request.cookies.get(_nonce(held)) or secrets.token_urlsafe(24)
    shown = {
        "vers": _inside(vers),
        "login": login,
        "problem": problem,
        "form_token": form_token(held.session_key, nonce),
        "communes": await _communes(held),
    }
    status = 401 if problem else 200
    answer = await page(request, held, "sign_in.html", shown=shown, status=status)
    answer.set_cookie(
        _nonce(held), nonce, httponly=True, secure=held.https, samesite="strict", path="/"
    )
    return answer


async def _communes(held: Installation) -> list[str]:
    """List the communes to choose from: one, where this installation serves one."""
    return [held.place.commune] if held.place.commune else await communes(held.ledger)


def _source(request: Request) -> str:
    """Return where a try comes from: an address, or the /64 that one IPv6 subscriber holds."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(int(address) >> 64)
    return host


def _nonce(held: Installation) -> str:
    return f"{held.cookie}-form"


def _inside(address: str) -> str:
    """Return a path of this site: never another site's address, whatever the link said."""
    if not address.startswith("/") or address.startswith(("//", "/\\")) or "\\" in address:
        return "/"
    return address
