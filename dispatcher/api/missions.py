"""Missions and the desk over HTTP for operators: made, given, moved; what nobody knew, placed."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query
from pydantic import BaseModel, ConfigDict, Field

from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.field_bodies import Lat, Lon
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.store.users import User
from dispatcher.teams import desking, ordering
from dispatcher.teams.desking import Choice
from dispatcher.teams.ordering import NewMission
from dispatcher.teams.reporting import LONGEST_NOTE
from dispatcher.teams.showing import (
    desk_listed,
    item_shown,
    mission_detailed,
    missions_listed,
)

router = APIRouter(prefix="/api/v1", tags=["missions"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]
Shown = dict[str, Any]


class Body(BaseModel):
    """What an act says; what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class NewBody(Body):
    """A mission to make; given at once to `team` where it is named."""

    kind: str = Field(max_length=24)
    title: str = Field(max_length=ordering.LONGEST_TITLE)
    text: str = Field("", max_length=ordering.LONGEST_TEXT)
    sector: str | None = Field(None, max_length=64)
    position: tuple[Lon, Lat] | None = None
    urgency: int = Field(3, ge=1, le=4)
    place_in_line: int = Field(0, ge=0, le=10_000)
    event: str | None = Field(None, max_length=64)
    team: str | None = Field(None, max_length=120)

    def mission(self) -> NewMission:
        """Return it as the verb takes it."""
        lon, lat = self.position or (None, None)
        return NewMission(
            self.kind, self.title, self.text, sector=self.sector, lon=lon, lat=lat,
            urgency=self.urgency, place_in_line=self.place_in_line, event=self.event,
        )  # fmt: skip


class OrderBody(Body):
    """Who is to do it, by id or call sign."""

    team: str = Field(min_length=1, max_length=120)


class MoveBody(Body):
    """Where it stands, as the cell says; why, where it ends unfinished."""

    to: Literal["accepted", "in_progress", "suspended", "done", "failed", "cancelled"]
    note: str = Field("", max_length=LONGEST_NOTE)


class PlaceBody(Body):
    """What an item means, or why it is set `aside`; what is left out is read from the item.

    `remember` has its sender's name for the team or mission known from now on.
    """

    team: str = Field("", max_length=120)
    mission: str = Field("", max_length=64)
    status: str = Field("", max_length=40)
    remember: bool = False
    aside: str = Field("", max_length=desking.LONGEST_REASON)


@router.get("/missions")
@needs("team.read")
async def missions(
    user: Caller,
    held: Held,
    *,
    event: Annotated[str | None, Query(max_length=64)] = None,
    over: bool = False,
) -> Shown:
    """List missions, the most urgent first; with `over` those that ended too."""
    return await missions_listed(
        office_of(user, held), seen_by=user.function, event=event, over=over
    )


@router.post("/missions", status_code=201)
@needs("team.order")
async def make(body: NewBody, user: Caller, held: Held, key: Key) -> Shown:
    """Make a mission, and give it at once where a team is named."""
    office = office_of(user, held)
    made = await ordering.propose(
        office, body.mission(), actor=actor_of(user), team=body.team, key=key
    )
    return await mission_detailed(office, made.mission, seen_by=user.function)


@router.get("/missions/{mission}")
@needs("team.read")
async def one(mission: str, user: Caller, held: Held) -> Shown:
    """Tell all of a mission, with its timeline."""
    return await mission_detailed(office_of(user, held), mission, seen_by=user.function)


@router.post("/missions/{mission}/order")
@needs("team.order")
async def order(mission: str, body: OrderBody, user: Caller, held: Held, key: Key) -> Shown:
    """Give it to a team."""
    office = office_of(user, held)
    await ordering.order(office, mission, body.team, actor=actor_of(user))
    return await mission_detailed(office, mission, seen_by=user.function)


@router.post("/missions/{mission}/move")
@needs("team.order")
async def move(mission: str, body: MoveBody, user: Caller, held: Held, key: Key) -> Shown:
    """Say where it stands."""
    office = office_of(user, held)
    await ordering.move(office, mission, body.to, actor=actor_of(user), note=body.note)
    return await mission_detailed(office, mission, seen_by=user.function)


@router.get("/desk")
@needs("team.read")
async def desk(user: Caller, held: Held) -> Shown:
    """List what nobody could place, the oldest first."""
    return await desk_listed(office_of(user, held), seen_by=user.function)


@router.post("/desk/{item}/place")
@needs("team.order")
async def place(item: str, body: PlaceBody, user: Caller, held: Held, key: Key) -> Shown:
    """Place an item, or set it aside; placed again, nothing more is filed."""
    office, actor = office_of(user, held), actor_of(user)
    if body.aside:
        done = await desking.set_aside(office, item, body.aside, actor=actor)
    else:
        choice = Choice(body.team, body.mission, body.status, body.remember)
        done = await desking.place(office, item, choice, actor=actor)
    held.rosters.forget(office.commune)
    filed = done.filed
    return {
        **item_shown(await desking.find_item(office, item)),
        "placed_now": done.ended,
        "state": filed.state if filed else None,
        "applied": filed.applied if filed else False,
        "missing": list(filed.missing) if filed else [],
    }
