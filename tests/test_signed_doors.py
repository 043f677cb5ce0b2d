"""Signed doors are answered ahead of the router; whatever is none of them goes on to it."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.middleware import Middleware

from dispatcher.api.problems import tell_tools
from dispatcher.api.signed import SignedRoute
from dispatcher.api.signed_doors import Application
from dispatcher.partners.refusals import OutOfScope
from operator_ui.headers import SecurityHeaders


@pytest.fixture
def app() -> FastAPI:
    """Give an application whose router would say so if it were asked."""
    router = APIRouter(route_class=SignedRoute)

    @router.post("/teams/{team:path}/status")
    async def status(request: Request, team: str, held: object) -> Response:
        if team == "theirs":
            raise OutOfScope("Pas la vôtre.")
        return PlainTextResponse(f"{team}: {request.headers['x-said']} to {held}")

    app = Application(sealing=[Middleware(SecurityHeaders, https=True)])
    app.state.services = "the town hall"
    tell_tools(app)
    app.open_first(router.routes)

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


async def test_its_answers_have_the_headers_of_all_others(app: FastAPI) -> None:
    signed, refused, other = [
        await _asked(app, "POST", path)
        for path in ("/teams/gw/status", "/teams/theirs/status", "/teams/gw")
    ]
    for answer in (signed, refused):
        assert {**answer.headers, "content-type": "", "content-length": ""} == {
            **other.headers,
            "content-type": "",
            "content-length": "",
        }
    assert other.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/teams/gw/status"), ("POST", "/teams/gw"), ("POST", "/x/teams/gw/status")],
)
async def test_the_rest_goes_on_to_the_router(app: FastAPI, method: str, path: str) -> None:
    answer = await _asked(app, method, path)
    assert answer.text == f"router: {path.removeprefix('/')}"
