"""The links of a team's phones over HTTP: made, listed, revoked."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from dispatcher.api.callers import actor_of, caller, office_of
from dispatcher.api.permissions import needs
from dispatcher.api.services import Services, services
from dispatcher.store.users import User
from dispatcher.teams import phone_links
from dispatcher.teams.phone_links import HOURS, MOST_HOURS
from dispatcher.teams.phone_links_shown import shown

router = APIRouter(prefix="/api/v1", tags=["teams"])
Caller = Annotated[User, Depends(caller)]
Held = Annotated[Services, Depends(services)]
PRIVATE = {"cache-control": "no-store"}  # the address is a secret


class LinkBody(BaseModel):
    """How long a link opens."""

    model_config = ConfigDict(extra="forbid")

    hours: float = Field(HOURS, gt=0, le=MOST_HOURS)


@router.get("/teams/{team}/links")
@needs("team.read")
async def team_links(team: str, user: Caller, held: Held) -> dict[str, Any]:
    """List the links of a team, the newest first; what opens them is told nowhere."""
    found = await phone_links.links_of(office_of(user, held), team)
    return {"links": [shown(one) for one in found]}


@router.post("/teams/{team}/links")
@needs("team.order")
async def make_team_link(team: str, body: LinkBody, user: Caller, held: Held) -> JSONResponse:
    """Make a link for a team's phones: its address is told this once."""
    office = office_of(user, held)
    made = await phone_links.make_link(office, team, actor=actor_of(user), hours=body.hours)
    told = {
        "team": made.team.team,
        "link": made.link,
        "url": office.public_url + made.path,
        "ends_at": datetime.fromtimestamp(
            office.clock().timestamp() + made.hours * 3600.0, UTC
        ).isoformat(timespec="seconds"),
    }
    return JSONResponse(told, 201, headers=PRIVATE)


@router.delete("/teams/{team}/links")
@needs("team.order")
async def revoke_team_links(
    team: str, user: Caller, held: Held, link: str | None = None
) -> dict[str, Any]:
    """Revoke all links of a team at once, or the one that is named."""
    office = office_of(user, held)
    done = await phone_links.revoke_links(office, team, actor=actor_of(user), link=link)
    return {"revoked": done}
