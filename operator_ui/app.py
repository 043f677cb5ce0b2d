"""The web process: pages, JSON API, static files, assembled at the top."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import Lifespan
from typing_extensions import override

from dispatcher.api.assembling import assemble, take_in
from dispatcher.api.problems import http_problem
from dispatcher.api.signed_doors import Application
from dispatcher.collector import spare_the_collector
from dispatcher.keys import KeyRefused
from dispatcher.settings import PlaceSettings
from operator_ui import (
    accesses,
    accessibility,
    account,
    alert_acts,
    answering,
    board,
    board_map,
    centre_pages,
    centre_people,
    confirming,
    console,
    cover_map,
    cover_pages,
    crisis,
    crisis_decisions,
    crisis_opening,
    crisis_relief,
    decision_step,
    desk_pages,
    distress,
    doubles_pages,
    emergency,
    evidence_pages,
    first_steps,
    fr_alert_pages,
    health,
    layers,
    lending_pages,
    logbook_papers,
    logbooks,
    means_pages,
    message_step,
    mission_pages,
    new_alert,
    oidc,
    oidc_account,
    own_acts,
    own_page,
    own_passkeys,
    own_pin,
    partner_docs,
    partners,
    passkeys,
    plan_drawing,
    plan_pages,
    plan_records,
    plan_sectors,
    plan_start,
    plan_tables,
    plan_templates,
    plan_versions,
    privacy_pages,
    public,
    reach_step,
    ready,
    register_exports,
    register_upkeep,
    residents_pages,
    sign_in,
    signup,
    signup_proposed,
    streams,
    tasking,
    team_alarms,
    team_links,
    team_pages,
    team_phone,
    unreached,
    vulnerable_cards,
    vulnerable_import,
    vulnerable_pages,
    zone_layers,
    zone_step,
)
from operator_ui.doors import (
    ConfirmFirst,
    FactorFirst,
    FormRefused,
    NotAllowed,
    SignInFirst,
    note_session,
)
from operator_ui.headers import SecurityHeaders
from operator_ui.installation import Installation, opened_installation
from operator_ui.pages import page
from operator_ui.rendering import STATIC
from operator_ui.same_origin import SameOrigin
from operator_ui.troubles import out_of_order, without_keys
from operator_ui.words import tongue_of, translations

PLAN = (  # fixed paths before {section}
    *(plan_pages, plan_versions, plan_templates, plan_drawing, plan_sectors),
    *(plan_tables, plan_start),
    plan_records,
)
SHELTER = (centre_pages, centre_people, lending_pages)
REGISTER = (  # fixed paths before {person_id}
    *(vulnerable_pages, vulnerable_cards, vulnerable_import),
    *(cover_pages, register_upkeep, register_exports, doubles_pages, residents_pages),
    *(privacy_pages, evidence_pages),
)
CRISIS = (crisis_opening, crisis_decisions, crisis_relief, crisis)  # fixed paths before {event_id}
FOLLOWING = (streams, tasking, distress, team_alarms, unreached, alert_acts)  # fixed first
TEAMS = (board, board_map, desk_pages, mission_pages, team_pages)  # fixed paths before {team}
PAGES = (
    new_alert,  # its fixed path before {alert_id}
    decision_step,
    emergency,
    message_step,
    *FOLLOWING,
    console,
    logbooks,
    logbook_papers,
    zone_step,
    *TEAMS,  # … and before {layer}
    cover_map,  # … as this one's
    zone_layers,  # its fixed paths before {layer}
    layers,
    sign_in,
    first_steps,
    confirming,
    account,
    passkeys,
    own_passkeys,
    own_pin,
    oidc,
    oidc_account,
    accesses,
    partners,
    partner_docs,
    ready,
    answering,
    own_page,  # before the sign-up, whose links it stands beside
    own_acts,
    signup_proposed,
    signup,
    team_phone,
    team_links,
    public,
    accessibility,
    health,
    reach_step,
    means_pages,
    fr_alert_pages,
    *CRISIS,
    *SHELTER,
    *REGISTER,
    *PLAN,
)
UNTRACED: TelemetryConfig = {"tracing": False, "metrics": False}  # nobody here asks for traces
FOREVER = "public, max-age=31536000, immutable"  # a file's name holds the hash of its content


class BundledFiles(StaticFiles):
    """The bundle of the pages; each file may be kept for ever."""

    @override
    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Serve a file, to be kept."""
        answer = super().file_response(*args, **kwargs)  # type: ignore[arg-type]  # passed on
        answer.headers["cache-control"] = FOREVER
        return answer


def application(public_url: str, lifespan: Lifespan[Any]) -> Application:
    """Assemble the JSON API and the providers' doors, behind what guards every answer."""
    https = public_url.startswith("https://")
    app = Application(
        title="Tocsin",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry=UNTRACED,
        sealing=[Middleware(SecurityHeaders, https=https)],
        middleware=[
            Middleware(
                SameOrigin,
                public_url=public_url,
                cookie="__Host-tocsin" if https else "tocsin",
            ),
        ],
    )
    assemble(app)
    return app


def program() -> FastAPI:
    """Make the application of a process of its own; uvicorn calls this (`--factory`)."""
    app = create_app()
    spare_the_collector()
    return app


def create_app(settings: PlaceSettings | None = None) -> FastAPI:
    """Assemble the application."""
    place = settings or PlaceSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened_installation(place) as held:
            app.state.installation = held
            app.state.services = held.services
            yield

    app = application(place.public_url, lifespan)
    for module in PAGES:
        take_in(app, module.router)
    app.mount("/static", BundledFiles(directory=STATIC, check_dir=False), name="static")
    _tell_people(app)
    return app


def _tell_people(app: FastAPI) -> None:
    """Turn what the doors raise into answers."""
    app.add_exception_handler(SignInFirst, _to_sign_in)
    app.add_exception_handler(FactorFirst, _to_second_factor)
    app.add_exception_handler(ConfirmFirst, _to_confirming)
    app.add_exception_handler(NotAllowed, _not_allowed)
    app.add_exception_handler(FormRefused, _form_refused)
    app.add_exception_handler(404, _missing)
    app.add_exception_handler(SQLAlchemyError, out_of_order)
    app.add_exception_handler(KeyRefused, without_keys)


async def _to_sign_in(request: Request, _error: Exception) -> Response:
    accepted = request.headers.get("accept", "")
    streams_or_parts = "text/event-stream" in accepted or "hx-request" in request.headers
    if request.method != "GET" or streams_or_parts or request.url.path.endswith(".geojson"):
        return PlainTextResponse("Connectez-vous. Sign in.\n", 401)
    return RedirectResponse(f"/connexion?vers={request.url.path}", 303)


async def _to_second_factor(request: Request, _error: Exception) -> Response:
    if request.method != "GET":
        return await _refused(request, "Ajoutez d'abord un second facteur à votre compte.")
    return RedirectResponse("/compte/second-facteur", 303)


async def _to_confirming(request: Request, _error: Exception) -> Response:
    """Ask for the second factor, then come back to the page, or to the page of the form."""
    late = "&tard=1" if request.method != "GET" else ""
    own = getattr(request.scope["endpoint"], "page", "")
    back = own.format(**request.path_params) or request.url.path
    return RedirectResponse(f"/confirmer?vers={quote(back)}{late}", 303)


async def _not_allowed(request: Request, _error: Exception) -> Response:
    return await _refused(request, "Votre fonction ne donne pas accès à cette page.")


async def _form_refused(request: Request, _error: Exception) -> Response:
    why = "Ce formulaire a trop attendu, ou ne vient pas d'ici. Rechargez la page et recommencez."
    return await _refused(request, why)


async def _refused(request: Request, why: str) -> Response:
    held: Installation = request.app.state.installation
    said = translations(tongue_of(request).code).gettext(why)
    return await page(request, held, "refused.html", shown={"why": said}, status=403)


async def _missing(request: Request, error: Exception) -> Response:
    """Show a page to whoever looks for one; a tool gets the plain answer."""
    if request.url.path.startswith("/api/"):
        return await http_problem(request, error)
    if "text/html" not in request.headers.get("accept", ""):
        detail = error.detail if isinstance(error, HTTPException) else "Not Found"
        return PlainTextResponse(f"{detail}\n", 404)
    held: Installation = request.app.state.installation
    await note_session(request, held)
    return await page(request, held, "missing.html", status=404)
