"""Is this process alive? Asked by supervisors."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from dispatcher.api.permissions import PUBLIC, needs

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
@needs(PUBLIC)
async def healthz() -> PlainTextResponse:
    """Answer: whoever reads this runs."""
    return PlainTextResponse("ok\n")
