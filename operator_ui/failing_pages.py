"""Residents with a contact that fails, on the console: who they are, so that somebody asks them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from dispatcher.api.permissions import needs
from dispatcher.signup import town_hall
from dispatcher.store.users import User
from operator_ui.distress import actor_of
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.pages import page

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]


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
