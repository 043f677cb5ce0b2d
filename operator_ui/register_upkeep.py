"""The register kept right, on the console: contacts that fail, and the yearly confirmation."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.api.permissions import needs
from dispatcher.cover.yearly import switch
from dispatcher.signup import to_ask, town_hall
from dispatcher.signup.own_page import contact_ref
from dispatcher.store import yearly
from dispatcher.store.doubles import doubled_count
from dispatcher.store.failing import failing_count
from dispatcher.store.people import Contact
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, status_of, told
from operator_ui.distress import actor_of
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
TO_CONFIRM = "/habitants/a-confirmer"
ASK = "alert.launch"  # what leaves to everybody costs, and is the mayor's to announce


async def upkeep_of(held: Installation, guest: User) -> Mapping[str, object]:
    """Return what the page of the register shows of how it is kept right."""
    return {
        "doubles": await doubled_count(held.ledger, guest.commune),
        "failing": await failing_count(held.ledger, guest.commune),
        "yearly": await yearly.rule_of(held.ledger, guest.commune),
        "answers": await yearly.answers_of(held.ledger, guest.commune),
        "may_ask": allowed(guest.function, ASK),
    }


@router.get("/habitants/en-echec")
@needs("residents.keep")
async def failing(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show who has a contact that fails; the look is in the logbook."""
    after = request.query_params.get("apres", "")[:64]
    found = await town_hall.failing(held.office(guest.commune), after=after, actor=actor_of(guest))
    shown = {
        "waiting": [
            (one, list(zip(one.resident.contacts, one.kept.failing, strict=True))) for one in found
        ],
        "most": town_hall.MOST_FAILING,
    }
    return await page(request, held, "residents_failing.html", shown=shown)


@router.get(TO_CONFIRM)
@needs("residents.keep")
async def to_confirm(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show whom to ring for the yearly confirmation; the look is in the logbook."""
    return await _to_confirm(request, held, guest)


@router.post(TO_CONFIRM, dependencies=ACTS)
@needs("residents.keep")
async def confirmed(
    request: Request,
    held: Held,
    guest: SignedIn,
    person: Annotated[str, Form(max_length=64)] = "",
    ref: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Note that somebody was reached and confirmed, then show who is left on the same page."""
    office = held.office(guest.commune)
    try:
        await to_ask.confirmed(office, person, ref, actor=actor_of(guest))
    except AlertRefused as refusal:
        return await _to_confirm(request, held, guest, refusal=refusal)
    after = request.query_params.get("apres", "")[:64]
    return RedirectResponse(f"{TO_CONFIRM}?{urlencode({'apres': after, 'fait': 'confirme'})}", 303)


async def _to_confirm(
    request: Request, held: Installation, guest: User, *, refusal: AlertRefused | None = None
) -> HTMLResponse:
    after = request.query_params.get("apres", "")[:64]
    found = await to_ask.to_ask(held.office(guest.commune), after=after, actor=actor_of(guest))
    shown = {
        "waiting": [
            (ident, one.name, _referred(to_ask.numbers(one)), to_ask.places(one))
            for ident, one in found.items()
        ],
        "most": to_ask.MOST_SHOWN,
        "after": after,
        "done": request.query_params.get("fait") == "confirme" and refusal is None,
        "problem": told(request, refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return await page(request, held, "residents_to_ask.html", shown=shown, status=status)


def _referred(ways: Sequence[Contact]) -> list[tuple[Contact, str]]:
    return [(one, contact_ref(one)) for one in ways]


@router.post("/habitants/confirmation", dependencies=ACTS)
@needs(ASK, page="/habitants")
async def ask_yearly(
    held: Held, guest: SignedIn, on: Annotated[str, Form(max_length=3)] = ""
) -> Response:
    """Have residents asked once a year whether what is kept is right, or no more."""
    await switch(held.office(guest.commune), on=on == "oui", actor=actor_of(guest))
    return RedirectResponse("/habitants#confirmation", 303)
