"""Teams over HTTP for operators: the board, what a team says by voice, who is nearest."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from dispatcher.alerts.refusals import NotSo
from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.field_bodies import Lat, Lon, Word
from dispatcher.api.near_help import place_of_call
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.store.users import User
from dispatcher.teams import adding, by_voice
from dispatcher.teams.adding import NewTeam
from dispatcher.teams.board import board_of
from dispatcher.teams.by_voice import Spoken
from dispatcher.teams.nearest import nearest
from dispatcher.teams.reporting import LONGEST_NOTE
from dispatcher.teams.showing import team_detailed, team_shown, teams_listed
from zones.area import AreaFault, Place

router = APIRouter(prefix="/api/v1", tags=["teams"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]
Shown = dict[str, Any]
PRIVATE = {"cache-control": "no-store"}


class SayBody(BaseModel):
    """What a team says by radio or telephone; `forced` notes it although it makes no sense."""

    model_config = ConfigDict(extra="forbid")

    status: Word = Field(examples=["on_scene", "distress", 2])
    at: AwareDatetime | None = None
    strength: int | None = Field(None, ge=0, le=by_voice.MOST_PEOPLE)
    note: str = Field("", max_length=LONGEST_NOTE)
    forced: bool = False

    def spoken(self) -> Spoken:
        """Return it as the verb takes it."""
        return Spoken(str(self.status), self.at, self.strength, self.note, self.forced)


class TeamBody(BaseModel):
    """A team beside the plan."""

    model_config = ConfigDict(extra="forbid")

    call_sign: str = Field(max_length=adding.LONGEST_SIGN)
    kind: str = Field("other", max_length=24)
    partner: str = Field("", max_length=64)
    minimum: int = Field(2, ge=1, le=adding.MOST_NEEDED)

    def team(self) -> NewTeam:
        """Return it as the verb takes it."""
        return NewTeam(self.call_sign, self.kind, self.partner, self.minimum)


@router.get("/teams")
@needs("team.read")
async def teams(user: Caller, held: Held) -> Shown:
    """List every team of the roster: what it does, since when, its mission, place and alarms."""
    return await teams_listed(office_of(user, held))


@router.post("/teams", status_code=201)
@needs("team.order")
async def add(body: TeamBody, user: Caller, held: Held, key: Key) -> Shown:
    """Add a team beside the plan; the same again is the one that is there."""
    office = office_of(user, held)
    made = await adding.add(office, body.team(), actor=actor_of(user))
    held.rosters.forget(office.commune)
    return await team_detailed(office, made.team, seen_by=user.function)


@router.get("/teams/nearest")
@needs("team.read")
async def near(  # noqa: PLR0913 - one parameter a question
    user: Caller,
    held: Held,
    *,
    lon: Annotated[Lon | None, Query()] = None,
    lat: Annotated[Lat | None, Query()] = None,
    help_call: Annotated[str, Query(alias="help", max_length=64)] = "",
    speed_kmh: Annotated[float | None, Query(gt=0, le=200)] = None,
) -> JSONResponse:
    """Tell which free teams are nearest to a point, or to a call for help: straight-line."""
    office = office_of(user, held)
    to = await _place(user, held, (lon, lat), help_call=help_call)
    speed = speed_kmh or held.speed_kmh
    board = await board_of(office)
    try:
        found = nearest(board.teams, to, speed_kmh=speed)
    except AreaFault as fault:
        raise NotSo("Ce point est hors du territoire français.") from fault
    now = office.clock().timestamp()
    told = [
        {
            "straight_line_m": round(one.metres),
            "straight_line_eta_s": round(one.eta_s),
            "team": team_shown(one.team, now=now),
        }
        for one in found
    ]
    measure = {"measure": "straight line (à vol d'oiseau)", "speed_kmh": speed}
    return JSONResponse({**measure, "teams": told}, headers=PRIVATE)


async def _place(
    user: User, held: Services, point: tuple[float | None, float | None], *, help_call: str
) -> Place:
    if help_call:
        return await place_of_call(office_of(user, held), help_call, actor=actor_of(user))
    lon, lat = point
    if lon is None or lat is None:
        raise NotSo("Dites de quel point : lon et lat, ou help.")
    return Place(lon, lat)


@router.get("/teams/{team}")
@needs("team.read")
async def one_team(team: str, user: Caller, held: Held) -> Shown:
    """Tell all of one team, with its timeline: reports, orders, who told them, when."""
    return await team_detailed(office_of(user, held), team, seen_by=user.function)


@router.post("/teams/{team}/say")
@needs("team.order")
async def say(team: str, body: SayBody, user: Caller, held: Held, key: Key) -> Shown:
    """Note what a team says by radio or telephone; refused in words where senseless."""
    office = office_of(user, held)
    row = await by_voice.note(office, team, body.spoken(), actor=actor_of(user), key=key)
    return await team_detailed(office, row.team, seen_by=user.function)
