"""A signed-in person's account at the provider: linking it, undoing that, showing who she is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.oidc_leaving import Gate, to_link, to_step_up
from dispatcher.access.oidc_links import needs_local_way, unlink, ways_in
from dispatcher.access.oidc_refusals import ProviderSignInRefused
from dispatcher.api.permissions import OWN, needs
from dispatcher.store.passkeys import opening_keys
from dispatcher.store.sessions import Session
from dispatcher.store.users import User
from operator_ui.doors import FactorFirst, admit, held_session, own_form, signed_in
from operator_ui.guest_forms import inside
from operator_ui.installation import Installation, installation
from operator_ui.oidc_gate import LONGEST_PATH, browser_of, gate_of, leaving, sentence_of
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
Way = Annotated[Gate, Depends(gate_of)]
Mine = Annotated[Session, Depends(held_session)]
Path = Annotated[str, Form(max_length=LONGEST_PATH)]
ACCOUNT = "/compte/externe"


async def passkeys_of(held: Installation, user: User) -> int:
    """Return how many passkeys open somebody's account."""
    return await opening_keys(held.ledger, user.commune, user.login)


@router.get(ACCOUNT)
@needs(OWN)
async def shown(request: Request, held: Held, gate: Way, vers: str = "") -> Response:
    """Show the linked account; `vers` is where she was going when it was shown to her."""
    return await account_page(request, held, gate, onward=inside(vers) if vers else "")


@router.get("/compte/externe/relier")
@router.get("/compte/externe/delier")
@needs(OWN)
async def confirmed_first() -> Response:
    """Lead back, once she has confirmed that it is her, to where the two buttons are."""
    return RedirectResponse(ACCOUNT, 303)


@router.post("/compte/externe/relier", dependencies=[Depends(own_form)])
@needs(OWN, confirmed=True)
async def linking(request: Request, held: Held, gate: Way, mine: Mine) -> Response:
    """Lead to the provider to link her account there; a factor of her own comes first."""
    if mine.factor == "none":
        raise FactorFirst
    browser = browser_of(request, held)
    try:
        to = await to_link(gate, mine, browser, vers=ACCOUNT)
    except ProviderSignInRefused as refused:
        return await _refused(request, held, gate, refused=refused)
    return await leaving(request, held, browser, to=to)


@router.post("/compte/externe/delier", dependencies=[Depends(own_form)])
@needs(OWN, confirmed=True)
async def unlinking(request: Request, held: Held, gate: Way, mine: Mine) -> Response:
    """Undo the link."""
    try:
        await unlink(
            gate.ledger,
            mine.user,
            issuer=gate.provider.issuer,
            passkeys=await passkeys_of(held, mine.user),
            key=gate.logbook_key,
        )
    except ProviderSignInRefused as refused:
        return await _refused(request, held, gate, refused=refused)
    return RedirectResponse(ACCOUNT, 303)


@router.post("/compte/externe/confirmer", dependencies=[Depends(own_form)])
@needs(OWN)
async def confirming(
    request: Request, held: Held, gate: Way, mine: Mine, vers: Path = ACCOUNT
) -> Response:
    """Lead to the provider, where she shows again who she is."""
    browser = browser_of(request, held)
    try:
        to = await to_step_up(gate, mine, browser, vers=inside(vers))
    except ProviderSignInRefused as refused:
        return await _refused(request, held, gate, refused=refused)
    return await leaving(request, held, browser, to=to)


async def external_of(held: Installation, gate: Gate, user: User) -> dict[str, object]:
    """Return what `_external_account.html` shows of somebody, under the name `external`."""
    ways = await ways_in(held.ledger, user, issuer=gate.provider.issuer)
    return {
        "label": gate.provider.label,
        "linked_at": ways.linked_at,
        "used_at": ways.used_at,
        "needs_local_way": needs_local_way(ways, passkeys=await passkeys_of(held, user)),
        "step_up": gate.provider.settings.second_factor,
        "vers": ACCOUNT,  # where a confirmation leads back to
    }


async def by_provider(held: Installation, user: User, *, vers: str) -> dict[str, object] | None:
    """Return what `_external_step_up.html` shows where she may confirm by the provider."""
    if held.provider is None:
        return None
    external = await external_of(held, gate_of(held), user)
    if not external["step_up"] or external["linked_at"] is None:
        return None
    return {**external, "vers": vers}


async def account_page(
    request: Request, held: Installation, gate: Gate, *, problem: str = "", onward: str = ""
) -> HTMLResponse:
    """Return the page of the account of whoever is signed in."""
    external = await external_of(held, gate, signed_in(request))
    given = {"external": external, "problem": problem, "onward": onward, "path": ACCOUNT}
    status = 409 if problem else 200
    return await page(request, held, "external.html", shown=given, status=status)


async def _refused(
    request: Request, held: Installation, gate: Gate, *, refused: ProviderSignInRefused
) -> HTMLResponse:
    problem = sentence_of(request, held, refused)
    return await account_page(request, held, gate, problem=problem)
