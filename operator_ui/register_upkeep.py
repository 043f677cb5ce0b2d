"""The register kept right, on the console: contacts that fail, and the yearly confirmation."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatcher.access.permissions import allowed
from dispatcher.api.permissions import needs
from dispatcher.cover.yearly import switch
from dispatcher.signup import to_ask, town_hall
from dispatcher.store import yearly
from dispatcher.store.doubles import doubled_count
from dispatcher.store.failing import failing_count
from dispatcher.store.users import User
from operator_ui.crisis import ACTS
from operator_ui.distress import actor_of
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
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


@router.get("/habitants/a-confirmer")
@needs("residents.keep")
async def to_confirm(request: Request, held: Held, guest: SignedIn) -> HTMLResponse:
    """Show whom to ring for the yearly confirmation; the look is in the logbook."""
    after = request.query_params.get("apres", "")[:64]
    found = await to_ask.to_ask(held.office(guest.commune), after=after, actor=actor_of(guest))
    shown = {
        "waiting": [
            (ident, one.name, to_ask.numbers(one), to_ask.places(one))
            for ident, one in found.items()
        ],
        "most": to_ask.MOST_SHOWN,
    }
    return await page(request, held, "residents_to_ask.html", shown=shown)


@router.post("/habitants/confirmation", dependencies=ACTS)
@needs(ASK, page="/habitants")
async def ask_yearly(
    held: Held, guest: SignedIn, on: Annotated[str, Form(max_length=3)] = ""
) -> Response:
    """Have residents asked once a year whether what is kept is right, or no more."""
    await switch(held.office(guest.commune), on=on == "oui", actor=actor_of(guest))
    return RedirectResponse("/habitants#confirmation", 303)
