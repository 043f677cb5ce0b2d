"""The API put together: routers for the web process to include, errors as problems."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

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
    signed_doors,
    tasking,
    team_alarms,
    team_links,
    teams,
    unreached,
)
from dispatcher.api.problems import tell_tools
from dispatcher.api.services import Services
from dispatcher.delivery.accounts import callback_keys, granted, live_media
from dispatcher.delivery.bell import Bell
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.keys import key
from dispatcher.settings import QueueSettings, TeamsSettings
from dispatcher.store.ledger import Ledger

NO_REDIS = "redis://127.0.0.1:6379"


def assemble(app: FastAPI) -> None:
    """Add the API's routes and its way of telling errors."""
    app.include_router(field.router)
    app.include_router(hooks_approval.router)
    app.include_router(hooks_inbound.router)  # its kinds, before the receipts of any other
    app.include_router(hooks.router)
    app.include_router(hooks_sms.router)
    app.include_router(alerts.router)
    app.include_router(decisions.router)
    app.include_router(unreached.router)
    app.include_router(events.router)
    app.include_router(centres.router)
    app.include_router(lending.router)
    app.include_router(distress.router)
    app.include_router(partner_doors.router)
    app.include_router(team_alarms.router)
    app.include_router(tasking.router)
    app.include_router(team_links.router)
    app.include_router(teams.router)
    app.include_router(missions.router)
    app.include_router(readiness.router)
    app.include_router(description.router)
    tell_tools(app)
    signed_doors.open_first(app, field.router.routes)  # knocked at most


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
        )
    finally:
        await bell.close()
