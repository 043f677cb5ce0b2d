"""Missions made where they are needed, over HTTP; their doors, place in line, who was told."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.crisis.steps import Asked
from dispatcher.distress.calls import LONGEST_NOTE, End
from dispatcher.store.mission_tellings import tellings_of
from dispatcher.store.users import User
from dispatcher.tasking import in_line
from dispatcher.tasking.from_help import from_help
from dispatcher.tasking.from_step import from_step
from dispatcher.tasking.from_street import Choice, from_street
from dispatcher.tasking.reading import paper, read_doors
from dispatcher.tasking.showing import shown_doors, shown_made, shown_tellings
from dispatcher.tasking.wishes import Wish
from dispatcher.teams.doors import MOST_COUNTED, Knock, note_door
from dispatcher.teams.ordering import LONGEST_TEXT, find_mission
from dispatcher.teams.reporting import Sender

router = APIRouter(prefix="/api/v1", tags=["missions"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
Shown = dict[str, Any]
PRIVATE = {"cache-control": "no-store"}  # names stay in no cache


class Body(BaseModel):
    """What an act says; what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class WishBody(Body):
    """Whom a mission is for and how urgent it is; left out: as it comes.

    `queue`: where the team has a mission already, this one waits for it.
    """

    team: str = Field("", max_length=64)
    kind: str = Field("", max_length=24)
    urgency: int | None = Field(None, ge=1, le=4)
    text: str = Field("", max_length=LONGEST_TEXT)
    queue: bool = False

    def wish(self) -> Wish:
        """Return it as the verbs take it."""
        return Wish(self.team, self.kind, self.urgency, self.text, self.queue)


class SentBody(WishBody):
    """A team sent to who called; `asked_again_at` as it was read, empty where it was null.

    `place`: one of the addresses of the call, as written there; empty: the one in the alert's area.
    """

    place: str = Field("", max_length=300)
    note: str = Field("", max_length=LONGEST_NOTE)
    asked_again_at: str | None = Field(None, max_length=40)


class StreetBody(WishBody):
    """Which part of the list; `sector` as listed, empty: outside every sector; null: all."""

    sector: str | None = Field(None, max_length=200)
    streets: tuple[Annotated[str, Field(max_length=200)], ...] = Field((), max_length=400)
    people: tuple[Annotated[str, Field(max_length=64)], ...] = Field((), max_length=2000)
    reason: str = Field("", max_length=20)


class DoorBody(Body):
    """What was found at a door; the same `id` again changes nothing."""

    id: str = Field(min_length=8, max_length=64)
    result: Literal["found", "evacuated", "refused", "empty", "help"]
    counted: int | None = Field(None, ge=0, le=MOST_COUNTED)
    note: str = Field("", max_length=LONGEST_NOTE)
    at: AwareDatetime | None = None


class LineBody(Body):
    """Where in the line: up, down, first, last, or before:ID; of another urgency where given."""

    to: str = Field(max_length=80)
    urgency: int | None = Field(None, ge=1, le=4)


class QueueBody(Body):
    """The team that it waits for; empty: nobody any more."""

    team: str = Field("", max_length=64)


@router.post("/events/{event}/tasks/{card}/{step}/mission", status_code=201)
@needs("team.order")
async def of_step(  # noqa: PLR0913 - one parameter a part of the path
    event: str, card: str, step: int, body: WishBody, user: Caller, held: Held
) -> Shown:
    """Make the mission of a card's step; the open one is returned where there is one."""
    office, asked = office_of(user, held), Asked(actor_of(user))
    return shown_made(await from_step(office, event, (card, step), wish=body.wish(), asked=asked))


@router.post("/help/{call}/mission", status_code=201)
@needs("alert.replies")
async def of_help(call: str, body: SentBody, user: Caller, held: Held) -> Shown:
    """Send a team to who called; the call is ended by the same act, as `team_sent`."""
    how = End("team_sent", body.note, read_again=body.asked_again_at)
    office, actor = office_of(user, held), actor_of(user)
    wish = replace(body.wish(), place=body.place)
    return shown_made(await from_help(office, call, wish=wish, how=how, actor=actor))


@router.post("/alerts/{alert}/unreached/mission", status_code=201)
@needs("alert.unreached")
async def of_street(alert: str, body: StreetBody, user: Caller, held: Held) -> Shown:
    """Make a door-to-door mission of a part of the call list."""
    choice = Choice(body.sector, body.streets, body.people, body.reason)
    office, actor = office_of(user, held), actor_of(user)
    return shown_made(await from_street(office, alert, choice, wish=body.wish(), actor=actor))


@router.get("/missions/{mission}/doors")
@needs("team.read")
async def doors(
    mission: str,
    user: Caller,
    held: Held,
    *,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    """Tell the doors in the order of the walk; who lives there, to those who may read names."""
    office = office_of(user, held)
    read = await read_doors(office, mission, actor=actor_of(user), form=form)
    if form == "json":
        told = shown_doors(read.doors, names=read.named, words=read.words)
        return JSONResponse(told, headers=PRIVATE)
    name = f'attachment; filename="portes-{read.mission.mission}.csv"'
    return Response(
        (await paper(office, read)).encode(),
        media_type="text/csv; charset=utf-8",
        headers={**PRIVATE, "content-disposition": name},
    )


@router.post("/missions/{mission}/doors/{door}", status_code=201)
@needs("team.order")
async def door(mission: str, door: str, body: DoorBody, user: Caller, held: Held) -> Shown:
    """Note what a team found at a door, as it tells by radio or on paper."""
    office = office_of(user, held)
    knock = Knock(door, body.result, body.at or office.clock(), body.counted, body.note)
    row = await note_door(office, mission, knock, sender=Sender("console", user.login, body.id))
    return {"door": row.door, "result": row.result, "counted": row.counted}


@router.post("/missions/{mission}/line")
@needs("team.order")
async def line(mission: str, body: LineBody, user: Caller, held: Held) -> Shown:
    """Move a mission in its line."""
    office, actor = office_of(user, held), actor_of(user)
    moved = await in_line.put_in_line(office, mission, body.to, actor=actor, urgency=body.urgency)
    return shown_made(moved)


@router.post("/missions/{mission}/queue")
@needs("team.order")
async def queue(mission: str, body: QueueBody, user: Caller, held: Held) -> Shown:
    """Keep a proposed mission for a busy team, or for nobody any more."""
    office, actor = office_of(user, held), actor_of(user)
    return shown_made(await in_line.queue(office, mission, body.team, actor=actor))


@router.get("/mission-offers")
@needs("team.read")
async def offers(user: Caller, held: Held) -> Shown:
    """Tell the mission that each free team is to be offered next."""
    found = await in_line.offers(office_of(user, held))
    return {"offers": [{"team": team, "mission": one} for team, one in found.items()]}


@router.get("/missions/{mission}/tellings")
@needs("team.read")
async def tellings(mission: str, user: Caller, held: Held) -> Shown:
    """Tell how the team was told, chased, and who was rung when it did not answer."""
    office = office_of(user, held)
    await find_mission(office, mission)
    found = await tellings_of(office.ledger, office.commune, mission)
    return {"tellings": shown_tellings(found)}
