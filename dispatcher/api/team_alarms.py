"""Alarms of teams over HTTP: listed, taken, ended in words."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.store.users import User
from dispatcher.teams import alarming

router = APIRouter(prefix="/api/v1", tags=["team-alarms"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
Shown = dict[str, Any]


class AlarmEndBody(BaseModel):
    """How an alarm ends, in words."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field(max_length=alarming.LONGEST_NOTE)


@router.get("/team-alarms")
@needs("team.read")
async def team_alarm_list(user: Caller, held: Held) -> Shown:
    """List the alarms of teams: open ones, the gravest first, then those that were ended last."""
    return await alarming.listed(office_of(user, held))


@router.post("/team-alarms/{alarm}/take")
@needs("team.order")
async def team_alarm_take(alarm: str, user: Caller, held: Held) -> Shown:
    """Take an alarm that nobody has; again, it changes nothing."""
    office = office_of(user, held)
    taken = await alarming.take(office, alarm, actor=actor_of(user))
    return await alarming.shown_of(office, taken)


@router.post("/team-alarms/{alarm}/end")
@needs("team.order")
async def team_alarm_end(alarm: str, body: AlarmEndBody, user: Caller, held: Held) -> Shown:
    """End it in words."""
    office = office_of(user, held)
    ended = await alarming.end(office, alarm, body.note, actor=actor_of(user))
    return await alarming.shown_of(office, ended)
