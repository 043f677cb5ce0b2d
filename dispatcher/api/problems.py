"""Errors told to tools: RFC 9457 problem details, with a sentence that a person understands."""

import math

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from dispatcher.access.sessions import SignInRefused
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.partners.refusals import (
    CursorAhead,
    IdUsed,
    LedgerAway,
    OutOfScope,
    TooMuch,
    Unreadable,
)
from dispatcher.partners.ring import TooOften
from dispatcher.partners.signatures import Stale, Unsigned
from zones.area import AreaRefused


class NotSignedIn(Exception):
    """The request carries no session that lives."""


class NotPermitted(Exception):
    """Who is signed in does not hold the permission."""


class ConfirmFirst(Exception):
    """The act is grave, and who is signed in showed no second factor lately."""


# What the verbs raise → HTTP status and the short name of the problem. The only such table.
# What may be sent again as it is, later, is in RETRIED: all else comes back the same.
PROBLEMS: dict[type[Exception], tuple[int, str]] = {
    Stale: (401, "stale-timestamp"),
    Unsigned: (401, "not-signed"),
    OutOfScope: (403, "out-of-scope"),
    IdUsed: (409, "webhook-id-used"),
    CursorAhead: (410, "cursor-ahead"),
    TooMuch: (413, "too-long"),
    Unreadable: (422, "not-readable"),
    TooOften: (429, "too-often"),
    LedgerAway: (503, "try-again"),
    NotSignedIn: (401, "sign-in-first"),
    SignInRefused: (401, "sign-in-refused"),
    NotPermitted: (403, "not-permitted"),
    ConfirmFirst: (403, "confirm-first"),
    NotYou: (403, "another-person-needed"),
    NotThere: (404, "not-there"),
    NotNow: (409, "not-now"),
    NotSo: (422, "not-sound"),
    AreaRefused: (422, "area-refused"),
}
RETRIED = (TooOften, LedgerAway)


def tell_tools(app: FastAPI) -> None:
    """Answer each of these errors as `application/problem+json`."""
    for kind in PROBLEMS:
        app.add_exception_handler(kind, _problem)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, http_problem)


HTTP = {
    400: ("not-readable", "Ce message ne peut pas être lu : envoyez du JSON en UTF-8."),
    404: ("not-there", "Cette adresse n'existe pas : vérifiez-la."),
    405: ("not-this-method", "Cette adresse ne se demande pas ainsi : voyez l'en-tête Allow."),
    413: ("too-long", "Ce message est trop long."),
}


async def http_problem(request: Request, error: Exception) -> Response:
    """Tell a tool what the web itself refuses: no such address, no such method."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code not in HTTP or not request.url.path.startswith("/api/"):
        return await http_exception_handler(request, error)
    name, detail = HTTP[error.status_code]
    told = {
        "type": f"about:blank#{name}",
        "title": name,
        "status": error.status_code,
        "detail": detail,
        "retry": False,
    }
    return JSONResponse(
        told, error.status_code, headers=error.headers, media_type="application/problem+json"
    )


async def ledger_problem(request: Request) -> Response:
    """Tell a tool that the ledger is away, and that it may ask again."""
    return await _problem(request, LedgerAway())


async def _problem(_request: Request, error: Exception) -> JSONResponse:
    status, name = PROBLEMS[type(error)]
    told = {
        "type": f"about:blank#{name}",
        "title": name,
        "status": status,
        "detail": str(error),
        "retry": isinstance(error, RETRIED),
        **getattr(error, "members", {}),
    }
    wait_s = getattr(error, "wait_s", 0.0)
    headers = {"retry-after": str(math.ceil(wait_s))} if wait_s else None
    return JSONResponse(told, status, headers=headers, media_type="application/problem+json")


async def _unreadable(_request: Request, error: Exception) -> JSONResponse:
    """Name what is missing or wrong in the request; never its values, which may be no JSON."""
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    wrong = [f"{'.'.join(map(str, one['loc']))} ({one['msg']})" for one in found]
    told = {
        "type": "about:blank#not-readable",
        "title": "not-readable",
        "status": 422,
        "detail": f"La demande ne peut pas être lue : {' ; '.join(wrong)}.",
        "retry": False,
    }
    return JSONResponse(told, 422, media_type="application/problem+json")
