"""Where teams and missions are, for the map: points with a name, their age told beside it."""

from collections.abc import Iterable
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request, Response

from dispatcher.api.permissions import needs
from dispatcher.store.users import User
from dispatcher.teams.board import STALE_S, TeamShown, board_of
from dispatcher.teams.sight import mission_seen
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.plan_shown import Feature, collection
from operator_ui.team_words import TEAM_WORDS
from operator_ui.words import tongue_of, translations

router = APIRouter(dependencies=[Depends(admit)], include_in_schema=False)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
GEOJSON = "application/geo+json"


@router.get("/carte/equipes.geojson")
@needs("team.read")
async def teams(request: Request, held: Held, guest: SignedIn) -> Response:
    """Give each team's last place, with how old it is."""
    office = held.office(guest.commune)
    now = office.clock().timestamp()
    board = await board_of(office)
    language = tongue_of(request).code
    return _points(_team(one, now=now, language=language) for one in board.teams)


@router.get("/carte/missions.geojson")
@needs("team.read")
async def missions(request: Request, held: Held, guest: SignedIn) -> Response:
    """Give the point of each mission that goes on."""
    board = await board_of(held.office(guest.commune))
    gettext = translations(tongue_of(request).code).gettext
    return _points(
        _point(one.lon, one.lat, nom=one.title, detail=gettext(_STATES[one.state]))
        for one in (mission_seen(each, guest.function) for each in board.missions)
    )


_STATES = TEAM_WORDS["mission_state"]


def _team(team: TeamShown, *, now: float, language: str) -> Feature | None:
    row = team.row
    if row is None or row.placed_at is None:
        return None
    gettext = translations(language).gettext
    minutes = max(0, int((now - row.placed_at) // 60))
    age = gettext("position d'il y a %(minutes)s min") % {"minutes": minutes}
    detail = f"{gettext(TEAM_WORDS['team_state'][team.state])} · {age}"
    old = now - row.placed_at > STALE_S
    sign = "detresse" if team.distress else "ancienne" if old else "recente"
    return _point(row.lon, row.lat, nom=team.known.call_sign, detail=detail, etat=sign)


def _point(lon: float | None, lat: float | None, **told: str) -> Feature | None:
    if lon is None or lat is None:
        return None
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "properties": told, "geometry": geometry}


def _points(found: Iterable[Feature | None]) -> Response:
    drawn = [one for one in found if one is not None]
    headers = {"cache-control": "no-store"}
    return Response(orjson.dumps(collection(drawn)), media_type=GEOJSON, headers=headers)
