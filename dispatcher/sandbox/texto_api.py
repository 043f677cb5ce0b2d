"""The second SMS operator's HTTP side."""

import hmac
import time
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from dispatcher.sandbox.answers import faulty
from dispatcher.sandbox.desk import Desk
from dispatcher.sandbox.sms import accept_sms
from dispatcher.sandbox.texto import REFUSALS, TEXTO, shown
from dispatcher.sandbox.twilio_rules import TwilioRefusal


async def messages(request: Request) -> Response:
    """POST one message: 202 once it is in the ledger; GET ?client_ref=: those that carry it."""
    desk: Desk = request.app.state.desk
    if not _admitted(desk, request):
        return _json({"error": {"code": "unauthorized"}}, 401)
    if request.method == "GET":
        return await _listed(desk, request.query_params.get("client_ref", ""))
    form = _form(await request.body())
    if form is None:
        return _json({"error": {"code": "unreadable"}}, 400)

    async def accept() -> Response:
        try:
            entry = await accept_sms(desk, form, operator=TEXTO)
        except TwilioRefusal as problem:
            code = REFUSALS.get(problem.code, "refused")
            return _json({"error": {"code": code, "message": problem.sentence}}, 422)
        return _json({"message": {"id": entry.sid, "state": "QUEUED"}}, 202)

    return await faulty(desk, TEXTO, accept)


async def account(request: Request) -> Response:
    """GET the account: play money."""
    desk: Desk = request.app.state.desk
    if not _admitted(desk, request):
        return _json({"error": {"code": "unauthorized"}}, 401)
    return _json({"account": {"state": "active", "credit": 100.5}})


async def _listed(desk: Desk, wanted: str) -> Response:
    lag = desk.faults.draw("lookup", among=frozenset({"lagging"}))
    before = time.time() - (lag.delay_s if lag else 0.0)

    async def answer() -> Response:
        found = await desk.ledger.of_client(wanted)
        return _json({"messages": [shown(one) for one in found if one.at <= before]})

    return await faulty(desk, "lookup", answer)


def _admitted(desk: Desk, request: Request) -> bool:
    given = request.headers.get("authorization", "").encode()
    return hmac.compare_digest(given, f"Bearer {desk.credentials.texto_key}".encode())


def _form(body: bytes) -> Mapping[str, str] | None:
    """Read an order, in the first operator's names for its parts."""
    try:
        order: Any = orjson.loads(body)
        message = order["message"]
        named = {
            "To": message["to"],
            "From": message["from"],
            "Body": message["text"],
            "StatusCallback": order.get("notify_url") or "",
            "ClientRef": order.get("client_ref") or "",
        }
        if order.get("validity_s"):
            named["ValidityPeriod"] = str(order["validity_s"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return {name: str(value) for name, value in named.items()}


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
