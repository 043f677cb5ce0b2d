"""The register as a table: without names for whoever keeps it, in clear as two people agreed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from dispatcher.alerts.refusals import AlertRefused
from dispatcher.api.permissions import needs
from dispatcher.privacy import exporting
from dispatcher.store.users import User
from operator_ui.crisis import ACTS, asked_by
from operator_ui.doors import admit, signed_in
from operator_ui.evidence_pages import HERE, KEEP, evidence_page
from operator_ui.installation import Installation, installation

router = APIRouter(dependencies=[Depends(admit)], default_response_class=HTMLResponse)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]


@router.post(f"{HERE}/registre", dependencies=ACTS)
@needs(KEEP, confirmed=True, page=HERE)
async def hand_out(
    request: Request, held: Held, guest: SignedIn, ident: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """Hand the register out in clear, as two people agreed; the line says who took it."""
    try:
        office, actor = held.office(guest.commune), asked_by(guest).actor
        content = await exporting.in_clear(office, ident, actor=actor)
    except AlertRefused as refusal:
        return await evidence_page(request, held, refusal=refusal)
    return _table(content, "registre-en-clair")


@router.get("/habitants/sans-noms.csv")
@needs("residents.keep")
async def without_names(held: Held, guest: SignedIn) -> Response:
    """Hand the register out without anybody's name."""
    actor = asked_by(guest).actor
    content = await exporting.without_names(held.office(guest.commune), actor=actor)
    return _table(content, "habitants-sans-noms")


def _table(content: str, name: str) -> Response:
    named = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=named)
