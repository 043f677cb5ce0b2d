"""Is this process alive, and can it work? Asked by supervisors."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse

from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.store.health import answers
from operator_ui.installation import Installation, installation

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
@needs(PUBLIC)
async def healthz() -> PlainTextResponse:
    """Answer: whoever reads this runs."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
@needs(PUBLIC)
async def readyz(held: Annotated[Installation, Depends(installation)]) -> PlainTextResponse:
    """Answer 200 when the ledger can be read, 503 when not; without Redis all still works."""
    if await answers(held.ledger):
        return PlainTextResponse("ledger: ok\n")
    return PlainTextResponse("ledger: no answer\n", 503)
