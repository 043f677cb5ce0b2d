"""Signing in by a State or regional provider: leaving for it, and coming back."""

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.oidc import Back, CodeAsked, Confirmed, Entered, Outcome, come_back
from dispatcher.access.oidc_code import enter_with_code
from dispatcher.access.oidc_leaving import Gate, pass_of, to_redeem, to_sign_in
from dispatcher.access.oidc_links import needs_local_way, ways_in
from dispatcher.access.oidc_refusals import SPENT, ProviderSignInRefused
from dispatcher.api.permissions import PUBLIC, needs
from operator_ui.doors import FormRefused, admit
from operator_ui.guest_forms import guest_form, guest_page, inside, let_through
from operator_ui.installation import Installation, installation
from operator_ui.oidc_account import ACCOUNT, account_page, passkeys_of
from operator_ui.oidc_gate import LONGEST_PATH, browser_of, gate_of, leaving, sentence_of
from operator_ui.pages import page
from operator_ui.sign_in import SignIn, sign_in_page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
Way = Annotated[Gate, Depends(gate_of)]
Words = Annotated[str, Form(max_length=LONGEST_PATH)]
SENT_BACK = ("state", "code", "error", "iss")


@router.post("/connexion/externe", dependencies=[Depends(guest_form)])
@needs(PUBLIC)
async def leave(
    request: Request, held: Held, gate: Way, vers: Words = "/", commune: Words = ""
) -> Response:
    """Lead to the provider, or say on the sign-in page that it is silent."""
    browser = browser_of(request, held)
    code = held.place.commune or commune
    if len(code) > 5 or not code.isascii():
        raise FormRefused
    try:
        to = await to_sign_in(gate, code, browser, vers=inside(vers))
    except ProviderSignInRefused as refused:
        return await _refused(request, held, refused, vers=vers)
    return await leaving(request, held, browser, to=to)


@router.get("/connexion/retour")
@needs(PUBLIC)
async def back(request: Request, held: Held, gate: Way) -> Response:
    """Take what the provider sent back; it acts for the browser that holds the secret alone.

    A browser that comes from another site sends none of our cookies (SameSite=Strict): the first
    answer is a page of ours that asks for the same again, now from our own site.
    """
    said = {name: request.query_params.get(name, "") for name in SENT_BACK}
    if request.query_params.get("suite") != "1":
        onward = f"{request.url.path}?{urlencode({**said, 'suite': '1'})}"
        shown = {"onward": onward, "label": gate.provider.label, "path": "/connexion"}
        return await page(request, held, "external_back.html", shown=shown)
    asked = Back(said["state"], said["code"], said["error"], issuer=said["iss"])
    try:
        outcome = await come_back(gate, asked, browser_of(request, held))
    except ProviderSignInRefused as refused:
        return await _refused(request, held, refused)
    return await _ended(request, held, gate, outcome=outcome)


@router.post("/connexion/externe/code", dependencies=[Depends(guest_form)])
@needs(PUBLIC)
async def code(
    request: Request, held: Held, gate: Way, secret: Words = "", code: Words = ""
) -> Response:
    """Take our own one-time code where the provider vouched for one factor only."""
    browser = browser_of(request, held)
    try:
        entered = await enter_with_code(gate, secret, code=code.replace(" ", ""), browser=browser)
    except ProviderSignInRefused as refused:
        problem = sentence_of(request, held, refused)
        return await _code_page(request, held, secret, problem=problem)
    return await _ended(request, held, gate, outcome=entered)


@router.get("/connexion/relier/{secret}")
@needs(PUBLIC)
async def pass_page(request: Request, held: Held, gate: Way, secret: str) -> Response:
    """Show whose access a pass of the server links; opening it does nothing yet."""
    given = await pass_of(gate.ledger, secret)
    if given is None:
        return await _refused(request, held, ProviderSignInRefused(SPENT))
    shown = {"login": given.login, "secret": secret, "label": gate.provider.label}
    return await guest_page(request, held, "external_pass.html", shown=shown)


@router.post("/connexion/relier", dependencies=[Depends(guest_form)])
@needs(PUBLIC)  # the pass that the server's command gave out opens it
async def redeem(request: Request, held: Held, gate: Way, secret: Words = "") -> Response:
    """Lead to the provider to link the account that a pass allows."""
    browser = browser_of(request, held)
    try:
        to = await to_redeem(gate, secret, browser)
    except ProviderSignInRefused as refused:
        return await _refused(request, held, refused)
    return await leaving(request, held, browser, to=to)


async def _ended(request: Request, held: Installation, gate: Gate, *, outcome: Outcome) -> Response:
    if isinstance(outcome, CodeAsked):
        return await _code_page(request, held, outcome.secret)
    if isinstance(outcome, Entered):
        return let_through(held, outcome.token, to=await _after(held, gate, outcome))
    if isinstance(outcome, Confirmed):
        return let_through(held, outcome.token, to=inside(outcome.vers))
    if not outcome.signed_in:
        shown = {"label": gate.provider.label, "path": "/connexion"}
        return await page(request, held, "external_linked.html", shown=shown)
    return RedirectResponse(inside(outcome.vers), 303)


async def _after(held: Installation, gate: Gate, entered: Entered) -> str:
    """Return where she goes on to: the first time, past the advice to keep a local way in."""
    vers = inside(entered.vers)
    ways = await ways_in(held.ledger, entered.user, issuer=gate.provider.issuer)
    passkeys = await passkeys_of(held, entered.user)
    if entered.first and needs_local_way(ways, passkeys=passkeys):
        return f"{ACCOUNT}?vers={quote(vers, safe='/')}"
    return vers


async def _code_page(
    request: Request, held: Installation, secret: str, *, problem: str = ""
) -> HTMLResponse:
    shown = {"secret": secret, "problem": problem, "path": "/connexion"}
    status = 401 if problem else 200
    return await guest_page(request, held, "external_code.html", shown=shown, status=status)


async def _refused(
    request: Request, held: Installation, refused: ProviderSignInRefused, *, vers: str = "/"
) -> Response:
    """Say why, where the person can go on another way."""
    problem = sentence_of(request, held, refused)
    if request.state.guest is not None:
        return await account_page(request, held, gate_of(held), problem=problem)
    return await sign_in_page(request, held, SignIn(vers=inside(vers)), problem=problem)
