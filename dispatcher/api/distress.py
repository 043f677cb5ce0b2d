"""Calls for help over HTTP: listed, looked at, taken, handed over, ended, opened again."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.distress import calls
from dispatcher.distress.calls import End
from dispatcher.distress.showing import listed, shown, shown_whose
from dispatcher.store.users import User

router = APIRouter(prefix="/api/v1", tags=["help"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
Shown = dict[str, Any]
PRIVATE = {"cache-control": "no-store"}  # names and numbers stay in no cache


class Body(BaseModel):
    """What an act says; what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class OwnerBody(Body):
    """Who has it from now on, by login; null: nobody."""

    owner: str | None = Field(max_length=64)


class EndBody(Body):
    """How it ends; `passed_at` and `reference` when the CODIS has it.

    `asked_again_at` as it was read, empty where it was null: refused where she asked again since.
    """

    outcome: Literal["team_sent", "called_back", "passed_on", "no_action"]
    note: str = Field("", max_length=calls.LONGEST_NOTE)
    passed_at: AwareDatetime | None = None
    reference: str = Field("", max_length=calls.LONGEST_REFERENCE)
    asked_again_at: str | None = Field(None, max_length=40)


class ReasonBody(Body):
    """Why it is opened again."""

    reason: str = Field(max_length=calls.LONGEST_NOTE)


@router.get("/help")
@needs("alert.read")
async def help_list(user: Caller, held: Held) -> Shown:
    """List the calls for help, open ones first; who called is not among it."""
    return await listed(office_of(user, held))


@router.get("/help/{call}")
@needs("alert.replies")
async def help_whose(call: str, user: Caller, held: Held) -> JSONResponse:
    """Tell who is behind a call; each reading is in the logbook."""
    found = await calls.look(office_of(user, held), call, actor=actor_of(user))
    return JSONResponse(shown_whose(*found), headers=PRIVATE)


@router.post("/help/{call}/take")
@needs("alert.replies")
async def help_take(call: str, user: Caller, held: Held) -> Shown:
    """Take a call that nobody has; again, it changes nothing."""
    return shown(await calls.take(office_of(user, held), call, actor=actor_of(user)))


@router.post("/help/{call}/hand-over")
@needs("alert.replies")
async def help_hand_over(call: str, body: OwnerBody, user: Caller, held: Held) -> Shown:
    """Give it to somebody else, or take it from her."""
    office, actor = office_of(user, held), actor_of(user)
    return shown(await calls.hand_over(office, call, body.owner or "", actor=actor))


@router.post("/help/{call}/end")
@needs("alert.replies")
async def help_end(call: str, body: EndBody, user: Caller, held: Held) -> Shown:
    """End it in words."""
    how = End(body.outcome, body.note, body.passed_at, body.reference, body.asked_again_at)
    return shown(await calls.end(office_of(user, held), call, how, actor=actor_of(user)))


@router.post("/help/{call}/reopen")
@needs("alert.replies")
async def help_reopen(call: str, body: ReasonBody, user: Caller, held: Held) -> Shown:
    """Open it again, with the reason."""
    office, actor = office_of(user, held), actor_of(user)
    return shown(await calls.reopen(office, call, actor=actor, reason=body.reason))
