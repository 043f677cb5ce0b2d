"""Signed doors are answered ahead of the router; whatever is none of them goes on to it."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

from dispatcher.api.problems import tell_tools
from dispatcher.api.signed import SignedRoute
from dispatcher.api.signed_doors import open_first
from dispatcher.partners.refusals import OutOfScope


@pytest.fixture
def app() -> FastAPI:
    """Give an application whose router would say so if it were asked."""
    router = APIRouter(route_class=SignedRoute)

    @router.post("/teams/{team:path}/status")
    async def status(request: Request, team: str, held: object) -> Response:
        if team == "theirs":
            raise OutOfScope("Pas la vôtre.")
        return PlainTextResponse(f"{team}: {request.headers['x-said']} to {held}")

    app = FastAPI()
    app.state.services = "the town hall"
    tell_tools(app)
    open_first(app, router.routes)

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def rest(path: str) -> Response:
        return PlainTextResponse(f"router: {path}")

    return app


async def _asked(app: FastAPI, method: str, path: str) -> httpx.Response:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://alerte.example"
    ) as client:
        return await client.request(method, path, headers={"x-said": "on scene"})


async def test_a_signed_door_is_answered_first_with_its_name_and_the_services(app: FastAPI) -> None:
    answer = await _asked(app, "POST", "/teams/gw 41/3/status")
    assert (answer.status_code, answer.text) == (200, "gw 41/3: on scene to the town hall")


async def test_what_it_refuses_is_told_as_everywhere(app: FastAPI) -> None:
    answer = await _asked(app, "POST", "/teams/theirs/status")
    assert answer.status_code == 403
    assert answer.json()["detail"] == "Pas la vôtre."
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/teams/gw/status"), ("POST", "/teams/gw"), ("POST", "/x/teams/gw/status")],
)
async def test_the_rest_goes_on_to_the_router(app: FastAPI, method: str, path: str) -> None:
    answer = await _asked(app, method, path)
    assert answer.text == f"router: {path.removeprefix('/')}"
