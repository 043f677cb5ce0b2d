"""Readiness over HTTP: what was found last; asks nobody, so that it answers at once."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from dispatcher.api.callers import caller, office_of
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.readiness.showing import as_json, readiness_of
from dispatcher.store.users import User

router = APIRouter(prefix="/api/v1", tags=["readiness"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]


@router.get("/readiness")
@needs("alert.read")
async def readiness(user: Caller, held: Held) -> dict[str, Any]:
    """Tell whether an alert would leave tonight, line by line, with the remedies."""
    office = office_of(user, held)
    return dict(as_json(await readiness_of(office.ledger, office.commune)))
