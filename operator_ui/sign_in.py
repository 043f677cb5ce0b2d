"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from dispatcher.access.sessions import SignInRefused, sign_out
from dispatcher.access.signing_in import Claim
from dispatcher.access.signing_in import admit as let_in
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.store.plans import communes
from dispatcher.store.users import anybody, communes_of_users
from operator_ui.doors import admit, own_form
from operator_ui.guest_forms import guest_form, guest_page, inside, let_through, source_of
from operator_ui.installation import Installation, installation
from operator_ui.relying import door_shown

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]


class SignIn(BaseModel):
    """The form."""

    vers: str = Field("/", max_length=500)
    commune: str = Field("", max_length=10)
    login: str = Field("", max_length=200)
    password: str = Field("", max_length=1000)
    code: str = Field("", max_length=40)


@router.get("/connexion")
@needs(PUBLIC)
async def form(request: Request, held: Held, vers: str = "/", lien: str = "") -> Response:
    """Show the sign-in form; who is signed in already goes on. `lien`: she just took one up."""
    if request.state.guest is not None:
        return RedirectResponse(inside(vers), 303)
    if not await anybody(held.ledger):
        return RedirectResponse("/installation", 303)
    return await sign_in_page(request, held, SignIn(vers=vers), fresh=bool(lien))


@router.post("/connexion", dependencies=[Depends(guest_form)])
@needs(PUBLIC)
async def enter(request: Request, held: Held, given: Annotated[SignIn, Form()]) -> Response:
    """Open a session, or show the form again with a sentence."""
    claim = Claim(
        commune=given.commune or held.place.commune,
        login=given.login.strip(),
        password=given.password,
        code=given.code.replace(" ", ""),
        source=source_of(request),
        agent=request.headers.get("user-agent", ""),
    )
    try:
        session = await let_in(held.ledger, claim)
    except SignInRefused as refused:
        return await sign_in_page(request, held, given, problem=str(refused))
    return let_through(held, session, to=inside(given.vers))


@router.post("/deconnexion", dependencies=[Depends(own_form)])
@needs(PUBLIC)  # whoever holds a session may end it; `own_form` asks for its token
async def leave(request: Request, held: Held) -> Response:
    """End the session here and in the ledger; its live screens end with it."""
    await sign_out(held.ledger, request.cookies.get(held.cookie, ""))
    answer = RedirectResponse("/connexion", 303)
    answer.delete_cookie(held.cookie, secure=held.https, httponly=True, samesite="strict")
    return answer


async def sign_in_page(
    request: Request, held: Installation, given: SignIn, *, problem: str = "", fresh: bool = False
) -> HTMLResponse:
    """Return the sign-in form, with what went wrong in a sentence."""
    shown = {
        "vers": inside(given.vers),
        "login": given.login,
        "problem": problem,
        "fresh": fresh,
        "communes": await _communes(held),
        "key_door": door_shown(request, held),
        "external": held.provider.label if held.provider else "",
        "path": "/connexion",
    }
    return await guest_page(
        request, held, "sign_in.html", shown=shown, status=401 if problem else 200
    )


async def _communes(held: Installation) -> list[str]:
    """List the communes to choose from: one, where this installation serves one."""
    if held.place.commune:
        return [held.place.commune]
    known = {*await communes(held.ledger), *await communes_of_users(held.ledger)}
    return sorted(known)
