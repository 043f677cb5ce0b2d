"""What a page says when the server itself is in trouble: its ledger, its keys."""

import structlog
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from dispatcher.api.problems import ledger_problem
from operator_ui.installation import Installation
from operator_ui.pages import page
from operator_ui.plan_shown import METROPOLIS
from operator_ui.rendering import render
from operator_ui.words import tongue_of

log = structlog.get_logger(__name__)


async def out_of_order(request: Request, error: Exception) -> Response:
    """Say in words that the ledger cannot be read or written.

    When `web.ledger` is logged: is the disk full, is the database up, was `tocsin migrate` run?
    """
    log.error("web.ledger", kind=type(error).__name__, path=_route(request))
    if request.url.path.startswith("/api/"):
        return await ledger_problem(request)
    held: Installation = request.app.state.installation
    values = {"sandboxed": held.sandboxed, "zone": METROPOLIS}
    html = render("out_of_order.html", tongue_of(request).code, values)
    return HTMLResponse(html, 503, headers={"retry-after": "5"})


async def without_keys(request: Request, error: Exception) -> Response:
    """Say that a key file cannot serve; the log names it.

    When `web.keys` is logged: put the key folder of the last backup back, beside this ledger.
    """
    log.error("web.keys", kind=type(error).__name__, path=_route(request))
    return await page(request, request.app.state.installation, "without_keys.html", status=503)


def _route(request: Request) -> str:
    """Return the route that was asked, without what its address holds; signed doors have none."""
    return getattr(request.scope.get("route"), "path", "")
