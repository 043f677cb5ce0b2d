"""The call list over HTTP: whom an alert did not reach, as JSON or as a spreadsheet's CSV."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from dispatcher.alerts.call_list import call_list
from dispatcher.alerts.call_list_csv import as_csv
from dispatcher.alerts.door_to_door import mark
from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.store.users import User

router = APIRouter(prefix="/api/v1", tags=["alerts"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
PRIVATE = {"cache-control": "no-store"}  # names and numbers stay in no cache


@router.get("/alerts/{alert}/unreached")
@needs("alert.unreached")
async def unreached(
    alert: str,
    user: Caller,
    held: Held,
    *,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    """Tell whom it did not reach, by sector, street and number; each reading is in the logbook."""
    found = await call_list(office_of(user, held), alert, actor=actor_of(user), form=form)
    if form == "json":
        return JSONResponse(found.as_json(), headers=PRIVATE)
    name = f'attachment; filename="non-joints-{found.alert}.csv"'
    return Response(
        as_csv(found).encode(),
        media_type="text/csv; charset=utf-8",
        headers={**PRIVATE, "content-disposition": name},
    )


class ToldBody(BaseModel):
    """What became of a person of the list."""

    model_config = ConfigDict(extra="forbid")

    how: Literal["phoned", "at_door", "absent"]


@router.post("/alerts/{alert}/unreached/{person}/told", status_code=204)
@needs("alert.unreached")
async def told(alert: str, person: str, body: ToldBody, user: Caller, held: Held) -> None:
    """Note that somebody told her, or found nobody; a later note takes an earlier one's place."""
    await mark(office_of(user, held), alert, person, body.how, actor=actor_of(user))
