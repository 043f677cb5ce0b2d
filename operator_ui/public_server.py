"""The public page in a process of its own: another port, another pool, nothing of the console.

A town that looks at it all at once takes nothing from the screens of the crisis cell, and when the
console is down it is still read (SECURITY T26).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dispatcher.settings import LedgerSettings, PlaceSettings, ledger_url
from dispatcher.store.ledger import opened
from operator_ui.headers import SecurityHeaders
from operator_ui.public_answers import answered
from operator_ui.public_pages import PublicPages


def create_app(settings: PlaceSettings | None = None) -> Starlette:
    """Assemble the application; uvicorn calls this (`operator_ui.public_server:create_app`)."""
    place = settings or PlaceSettings()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opened(ledger_url(place, LedgerSettings())) as ledger:
            folder = place.data_dir / "alertes"
            app.state.console = place.public_url.rstrip("/")
            app.state.pages = PublicPages(ledger, own=place.commune, folder=folder)
            keeping = asyncio.create_task(app.state.pages.keep_fresh())
            try:
                yield
            finally:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/alertes", _page),
            Route("/alertes/{commune}", _page),
            Route("/", _home),
            Route("/accessibilite", _statement),
            Route("/healthz", _alive),
        ],
        middleware=[
            Middleware(SecurityHeaders, https=place.public_url.startswith("https://")),
            Middleware(GZipMiddleware, minimum_size=600),
        ],
    )


async def _page(request: Request) -> Response:
    return answered(request.app.state.pages, request, request.path_params.get("commune", ""))


async def _home(_request: Request) -> Response:
    return RedirectResponse("/alertes", 307)


async def _statement(request: Request) -> Response:
    console: str = request.app.state.console
    if not console:
        return PlainTextResponse("Not Found\n", 404)
    return RedirectResponse(f"{console}/accessibilite", 307)


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok\n")
