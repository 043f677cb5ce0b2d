"""First steps: setting an installation up, and taking up a link that gives access."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from dispatcher.access.passwords import WeakPassword
from dispatcher.access.sessions import SignInRefused
from dispatcher.access.signing_in import Claim
from dispatcher.access.signing_in import admit as let_in
from dispatcher.alerts.refusals import AlertRefused, NotThere
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.sentences import Sentence
from dispatcher.staff import deciding, first_run
from dispatcher.staff.asking import plan_of
from dispatcher.staff.first_run import FirstUser
from dispatcher.store.guesses import Guess, count_guess, forget_guesses
from dispatcher.store.plans import communes
from dispatcher.store.users import anybody
from operator_ui.doors import admit
from operator_ui.guest_forms import (
    TwicePassword,
    guest_form,
    guest_page,
    let_through,
    source_of,
)
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
FIRST_PAGE = "/compte/second-facteur"


class SetUp(TwicePassword):
    """The form of a set-up."""

    code: str = Field("", max_length=60)
    commune: str = Field("", max_length=10)
    contact: str = Field("", max_length=64)
    login: str = Field("", max_length=64)
    name: str = Field("", max_length=120)


@router.get("/installation")
@needs(PUBLIC)  # opens nothing without the code that the server printed, nor once there is a user
async def set_up_form(request: Request, held: Held, code: str = "") -> Response:
    """Ask who sets this installation up."""
    if await anybody(held.ledger):
        return RedirectResponse("/connexion", 303)
    return await _set_up(request, held, SetUp(code=code, commune=held.place.commune))


@router.post("/installation", dependencies=[Depends(guest_form)])
@needs(PUBLIC)
async def set_up(request: Request, held: Held, given: Annotated[SetUp, Form()]) -> Response:
    """Create the first user and sign her in."""
    guess = Guess("", "installation", source_of(request))
    wait_s = await count_guess(held.ledger, guess)
    if wait_s:
        seconds = int(wait_s) + 1
        return await _set_up(
            request, held, given, problem=f"Trop d'essais : attendez {seconds} secondes."
        )
    if not first_run.code_fits(held.session_key, given.code):
        return await _set_up(
            request, held, given,
            problem="Ce code n'est pas celui que le serveur affiche : « tocsin access setup ».",
        )  # fmt: skip
    await forget_guesses(held.ledger, guess)
    if given.problem:
        return await _set_up(request, held, given, problem=given.problem)
    first = FirstUser(
        given.commune, given.login.strip(), given.name, given.password, given.contact or None
    )
    try:
        user = await first_run.set_up(held.office(given.commune), first)
    except AlertRefused as refused:
        return await _set_up(request, held, given, problem=refused)
    except WeakPassword as weak:
        return await _set_up(request, held, given, problem=weak)
    return await _signed_in(request, held, Claim(user.commune, user.login, given.password))


@router.get("/invitation/{token}")
@needs(PUBLIC)  # the token proves; looking changes nothing: mail scanners follow links
async def invitation(token: str, request: Request, held: Held) -> Response:
    """Show who is invited as what, and ask for a password."""
    return await _invitation(request, held, token)


@router.post("/invitation/{token}", dependencies=[Depends(guest_form)])
@needs(PUBLIC)
async def take_up(
    token: str, request: Request, held: Held, given: Annotated[TwicePassword, Form()]
) -> Response:
    """Give her access, and sign her in to add her second factor."""
    if given.problem:
        return await _invitation(request, held, token, problem=given.problem)
    try:
        user = await deciding.take_up(held.office(""), token, password=given.password)
    except WeakPassword as weak:
        return await _invitation(request, held, token, problem=weak)
    except NotThere:
        return await _invitation(request, held, token)
    return await _signed_in(request, held, Claim(user.commune, user.login, given.password))


async def _signed_in(request: Request, held: Installation, claim: Claim) -> Response:
    claim = Claim(
        claim.commune,
        claim.login,
        claim.password,
        source=source_of(request),
        agent=request.headers.get("user-agent", ""),
    )
    try:
        return let_through(held, await let_in(held.ledger, claim), to=FIRST_PAGE)
    except SignInRefused:
        return RedirectResponse("/connexion?lien=1", 303)


async def _invitation(
    request: Request, held: Installation, token: str, *, problem: str | Sentence = ""
) -> HTMLResponse:
    try:
        asked = await deciding.invited_by(held.office(""), token)
    except NotThere as over:
        return await page(request, held, "link_over.html", shown={"why": str(over)}, status=404)
    plan = await plan_of(held.office(asked.commune))
    shown = {
        "asked": asked,
        "town": plan.commune.name if plan else asked.commune,
        "function_names": plan.function_names if plan else {},
        "problem": problem,
        "token": token,
    }
    return await guest_page(
        request, held, "invitation.html", shown=shown, status=422 if problem else 200
    )


async def _set_up(
    request: Request, held: Installation, given: SetUp, *, problem: str | Sentence = ""
) -> HTMLResponse:
    known = [held.place.commune] if held.place.commune else await communes(held.ledger)
    plan = await plan_of(held.office(known[0])) if known else None
    shown = {
        "given": given,
        "problem": problem,
        "commune": known[0] if len(known) == 1 else "",
        "contacts": plan.contacts if plan and len(known) == 1 else (),
    }
    return await guest_page(
        request, held, "set_up.html", shown=shown, status=422 if problem else 200
    )
