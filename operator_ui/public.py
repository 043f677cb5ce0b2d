"""The public page at the console's own address, for who has only that one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from dispatcher.api.permissions import PUBLIC, needs
from operator_ui.doors import admit
from operator_ui.installation import Installation, installation
from operator_ui.public_answers import answered

router = APIRouter(dependencies=[Depends(admit)], include_in_schema=False)

Held = Annotated[Installation, Depends(installation)]


@router.get("/alertes")
@needs(PUBLIC)
async def here(request: Request, held: Held) -> Response:
    """Show the alerts in force to whoever asks."""
    await held.public.fresh()
    return answered(held.public, request, "")


@router.get("/alertes/{commune}")
@needs(PUBLIC)
async def of_commune(commune: str, request: Request, held: Held) -> Response:
    """Show those of one commune of several."""
    await held.public.fresh()
    return answered(held.public, request, commune)
