"""A web process of the API alone for tests: `… LEDGER SOCKET [CP1:1]`, killed at that point."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from dispatcher.api.assembling import assemble
from dispatcher.api.services import Services
from dispatcher.api.signed_doors import Application
from dispatcher.delivery.accounts import CallbackKeys
from dispatcher.delivery.bell import Bell
from tests.crashing import killing
from tests.keyring import opened
from tests.offices import KEYS

LOGBOOK_KEY = b"l" * 32  # as `tests.offices` writes it


def app_of(url: str, *, crash: str) -> FastAPI:
    """Assemble the API over a ledger; nobody hears its bell."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(url, passing=killing(crash)) as ledger:
            bell = Bell("redis://127.0.0.1:1")
            app.state.services = Services(
                ledger,
                "https://alerte.bruz.example",
                KEYS,
                LOGBOOK_KEY,
                CallbackKeys(),
                {},
                bell,
                live=False,
            )
            yield

    app = Application(lifespan=lifespan)
    assemble(app)
    return app


if __name__ == "__main__":
    address, socket, *rest = sys.argv[1:]
    crash_at = rest[0] if rest else ""
    uvicorn.run(app_of(address, crash=crash_at), uds=socket, log_level="warning")
