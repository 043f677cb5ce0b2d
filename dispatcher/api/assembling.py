"""The API put together: routers for the web process to include, errors as problems."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI

from dispatcher.api import (
    alerts,
    centres,
    decisions,
    description,
    distress,
    events,
    field,
    hooks,
    hooks_approval,
    hooks_inbound,
    hooks_sms,
    lending,
    missions,
    partner_doors,
    readiness,
    tasking,
    team_alarms,
    team_links,
    teams,
    unreached,
)
from dispatcher.api.problems import tell_tools
from dispatcher.api.services import Services
from dispatcher.api.signed_doors import Application
from dispatcher.delivery.accounts import callback_keys, granted, live_media
from dispatcher.delivery.bell import Bell
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.keys import key
from dispatcher.settings import PlaceSettings, QueueSettings, TeamsSettings
from dispatcher.store.ledger import Ledger

NO_REDIS = "redis://127.0.0.1:6379"


def take_in(app: FastAPI, router: APIRouter) -> None:
    """Take a router's routes in as they are: each has its prefix and dependencies already.

    FastAPI's own `include_router` makes each anew for its application, at the first request.
    """
    app.router.routes.extend(router.routes)


def assemble(app: Application) -> None:
    """Add the API's routes and its way of telling errors."""
    take_in(app, field.router)
    take_in(app, hooks_approval.router)
    take_in(app, hooks_inbound.router)  # its kinds, before the receipts of any other
    take_in(app, hooks.router)
    take_in(app, hooks_sms.router)
    take_in(app, alerts.router)
    take_in(app, decisions.router)
    take_in(app, unreached.router)
    take_in(app, events.router)
    take_in(app, centres.router)
    take_in(app, lending.router)
    take_in(app, distress.router)
    take_in(app, partner_doors.router)
    take_in(app, team_alarms.router)
    take_in(app, tasking.router)
    take_in(app, team_links.router)
    take_in(app, teams.router)
    take_in(app, missions.router)
    take_in(app, readiness.router)
    take_in(app, description.router)
    tell_tools(app)
    app.open_first(field.router.routes)  # knocked at most


@asynccontextmanager
async def opened_services(
    ledger: Ledger, *, data_dir: Path, public_url: str, tokens: TokenKeys, logbook_key: bytes
) -> AsyncIterator[Services]:
    """Make the services of a web process; the bell is hung up on the way out."""
    bell = Bell(QueueSettings().redis_url or NO_REDIS)
    try:
        yield Services(
            ledger=ledger,
            public_url=public_url,
            tokens=tokens,
            logbook_key=logbook_key,
            callbacks=callback_keys(data_dir),
            granted=granted(),
            bell=bell,
            live=bool(live_media()),
            partner_key=key(data_dir, "partners"),
            speed_kmh=TeamsSettings().speed_kmh,
            signups_daily=PlaceSettings().signups_daily,
        )
    finally:
        await bell.close()
