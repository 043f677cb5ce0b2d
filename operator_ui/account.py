"""« Mon compte »: what I may do, my second factors and recovery codes, my password, my sessions."""

import time
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from dispatcher.access.codes import PENDING_S, new_secret, seal_fits, sealed, totp_address
from dispatcher.access.own import (
    NotShown,
    change_password,
    keep_secret,
    renew_codes,
)
from dispatcher.access.passwords import WeakPassword
from dispatcher.access.permissions import GRANTED, allowed
from dispatcher.api.permissions import OWN, needs
from dispatcher.sentences import Sentence
from dispatcher.store.factors import codes_left
from dispatcher.store.logbook import Entry
from dispatcher.store.passkeys import opening_keys
from dispatcher.store.phone_approvals import has_pin
from dispatcher.store.sessions import Session, end_others, end_session, sessions_of
from dispatcher.store.users import credentials
from dispatcher.store.versions import Chained
from operator_ui.doors import admit, held_session, own_form
from operator_ui.guest_forms import TwicePassword
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import commune_shown

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
Mine = Annotated[Session, Depends(held_session)]
FACTOR = "/compte/second-facteur"


class Shared(BaseModel):
    """The form of a second factor: the secret that was shown, sealed, and its first code."""

    secret: str = Field("", max_length=64)
    seal: str = Field("", max_length=64)
    ends: int = 0
    code: str = Field("", max_length=20)


@router.get("/compte")
@needs(OWN)
async def account(request: Request, held: Held, mine: Mine, fait: str = "") -> HTMLResponse:
    """Show who I am here and how I sign in."""
    user = mine.user
    known = await credentials(held.ledger, user.commune, user.login)
    shown = {
        "mine": mine,
        "totp": known is not None and known.totp_secret is not None,
        "lacks_factor": held.services.lacks_factor(mine),
        "left": await codes_left(held.ledger, user.commune, user.login),
        "may_approve": allowed(user.function, "alert.approve"),
        "pin": await has_pin(held.ledger, user.commune, user.login),
        "keys": await opening_keys(held.ledger, user.commune, user.login),
        "sessions": await sessions_of(held.ledger, user.commune, user.login),
        "rights": sorted(GRANTED.get(user.function, ())),
        "done": fait,
        "external": held.provider.label if held.provider else "",
    }
    return await page(request, held, "account.html", shown=shown)


@router.get(FACTOR)
@needs(OWN, confirmed=True)
async def factor(request: Request, held: Held, mine: Mine) -> HTMLResponse:
    """Show a fresh secret, as a picture and as text, and ask for its first code."""
    return await _factor(request, held, mine)


@router.post(FACTOR, dependencies=[Depends(own_form)])
@needs(OWN, confirmed=True)
async def keep_factor(
    request: Request, held: Held, mine: Mine, given: Annotated[Shared, Form()]
) -> Response:
    """Keep the secret once its code is right, then show recovery codes where there are none."""
    secret = given.secret
    genuine = seal_fits(held.session_key, given.seal, mine.ident, secret, str(given.ends))
    if not genuine or given.ends < time.time():
        return await _factor(
            request, held, mine, problem="Cette page a trop attendu : voici un nouveau code."
        )
    try:
        line = _line(held, mine, "access.factor_kept", "Second facteur ajouté : application")
        await keep_secret(held.ledger, mine, secret, code=given.code.replace(" ", ""), line=line)
    except NotShown as refused:
        return await _factor(request, held, mine, secret=secret, problem=str(refused))
    if await codes_left(held.ledger, mine.user.commune, mine.user.login) == 0:
        return RedirectResponse("/compte/codes", 303)
    return RedirectResponse("/compte?fait=facteur", 303)


@router.get("/compte/codes")
@needs(OWN)
async def codes(request: Request, held: Held, mine: Mine) -> HTMLResponse:
    """Tell what recovery codes are for, and offer a fresh set."""
    left = await codes_left(held.ledger, mine.user.commune, mine.user.login)
    return await page(request, held, "codes.html", shown={"codes": (), "left": left})


@router.post("/compte/codes", dependencies=[Depends(own_form)])
@needs(OWN, confirmed=True)
async def new_codes(request: Request, held: Held, mine: Mine) -> HTMLResponse:
    """Show a fresh set of recovery codes, once: to be printed."""
    line = _line(held, mine, "access.codes_renewed", "Codes de secours refaits")
    made = await renew_codes(held.ledger, mine, line=line)
    return await page(request, held, "codes.html", shown={"codes": made, "left": len(made)})


@router.get("/compte/mot-de-passe")
@needs(OWN, confirmed=True)
async def password_form(request: Request, held: Held) -> HTMLResponse:
    """Ask for a new password."""
    return await page(request, held, "password.html", shown={"problem": ""})


@router.post("/compte/mot-de-passe", dependencies=[Depends(own_form)])
@needs(OWN, confirmed=True)
async def keep_password(
    request: Request, held: Held, mine: Mine, given: Annotated[TwicePassword, Form()]
) -> Response:
    """Keep a new password; the other sessions end."""
    problem: str | Sentence = given.problem
    try:
        if not problem:
            line = _line(held, mine, "access.password", "Mot de passe changé")
            await change_password(held.ledger, mine, given.password, line=line)
            return RedirectResponse("/compte?fait=mot-de-passe", 303)
    except WeakPassword as weak:
        problem = weak
    return await page(request, held, "password.html", shown={"problem": problem}, status=422)


@router.post("/compte/sessions/{ident}/fermer", dependencies=[Depends(own_form)])
@needs(OWN)
async def close_session(ident: str, held: Held, mine: Mine) -> Response:
    """End one of my sessions: a telephone that was lost."""
    user = mine.user
    line = _line(held, mine, "access.session_ended", "Session fermée", session=ident)
    await end_session(held.ledger, user.commune, user.login, ident, line=line)
    return RedirectResponse("/compte?fait=session", 303)


@router.post("/compte/sessions/fermer", dependencies=[Depends(own_form)])
@needs(OWN)
async def close_others(held: Held, mine: Mine) -> Response:
    """End all my sessions but this one."""
    line = _line(held, mine, "access.session_ended", "Toutes les autres sessions fermées")
    await end_others(held.ledger, mine, line=line)
    return RedirectResponse("/compte?fait=session", 303)


async def _factor(
    request: Request, held: Installation, mine: Session, *, secret: str = "", problem: str = ""
) -> HTMLResponse:
    secret = secret or new_secret()
    ends = str(int(time.time() + PENDING_S))
    town = (await commune_shown(held, mine.user.commune)).name
    address = totp_address(secret, login=mine.user.login, issuer=f"Tocsin {town}")
    shown = {
        "secret": secret,
        "ends": ends,
        "seal": sealed(held.session_key, mine.ident, secret, ends),
        "picture": segno.make(address, error="m").svg_data_uri(scale=5, border=2),
        "address": address,
        "problem": problem,
        "first": held.services.lacks_factor(mine),
    }
    return await page(request, held, "factor.html", shown=shown, status=422 if problem else 200)


def _line(held: Installation, mine: Session, kind: str, text: str, **data: object) -> Chained:
    entry = Entry(mine.user.login, kind, text, {"login": mine.user.login, **data})
    return Chained(entry, held.services.logbook_key)
