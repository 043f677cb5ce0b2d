"""The « déclaration d'accessibilité »: what is known of it, and whom to write to (RGAA 4.1.2).

French law asks it of every public site (loi 2005-102, article 47; décret 2019-768). Without an
audit by the RGAA a site has to call itself « non conforme », whatever its own tests say.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from dispatcher.api.permissions import PUBLIC, needs
from operator_ui.doors import admit
from operator_ui.installation import Installation, installation
from operator_ui.pages import page
from operator_ui.plan_shown import plan_of

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]


@router.get("/accessibilite")
@needs(PUBLIC)
async def declaration(request: Request, held: Held) -> HTMLResponse:
    """Say how accessible these pages are, and what to do about what is not."""
    guest = request.state.guest
    commune = guest.commune if guest else held.public.own
    current = await plan_of(held, commune) if commune else None
    plan = current.plan if current else None
    shown = {
        "town": plan.commune.name if plan else "",
        "phone": (plan.commune.information_phone or "") if plan else "",
    }
    return await page(request, held, "accessibility.html", shown=shown)
