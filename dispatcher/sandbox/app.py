"""The sandbox's HTTP side: Twilio's API, a second operator's, webhooks, the control API."""

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dispatcher.sandbox import control, texto_api, twilio_api
from dispatcher.sandbox.answers import on_refusal, refusal
from dispatcher.sandbox.control import BadOrder
from dispatcher.sandbox.credentials import Credentials
from dispatcher.sandbox.desk import Desk
from dispatcher.sandbox.faults import NoSuchFault
from dispatcher.sandbox.twilio_rules import TwilioRefusal
from dispatcher.sandbox.webhooks import receive_webhook

ACCOUNT = "/2010-04-01/Accounts/{account}"
# A webhook carries its own signature, the second SMS operator has its own key.
OPEN = ("/webhooks/", "/texto/", "/healthz")


async def health(_request: Request) -> Response:
    """Answer 204: the process serves."""
    return Response(status_code=204)


async def not_found(request: Request, _problem: Exception) -> Response:
    """Answer an unknown path as Twilio does."""
    return refusal(TwilioRefusal(20404, request.url.path))


ROUTES = (
    # The hot one first: routes are tried in this order.
    Route(ACCOUNT + "/Messages.json", twilio_api.create_message, methods=["POST"]),
    Route(ACCOUNT + "/Messages.json", twilio_api.list_messages, methods=["GET"]),
    Route("/webhooks/{host}/{path:path}", receive_webhook, methods=["POST"]),
    Route(ACCOUNT + "/Calls.json", twilio_api.create_call, methods=["POST"]),
    Route(ACCOUNT + "/Calls.json", twilio_api.list_calls, methods=["GET"]),
    Route(ACCOUNT + "/Messages/{sid}.json", twilio_api.show_message, methods=["GET"]),
    Route(ACCOUNT + "/Calls/{sid}.json", twilio_api.show_call, methods=["GET"]),
    Route(ACCOUNT + "/Balance.json", twilio_api.show_balance, methods=["GET"]),
    Route(ACCOUNT + "/IncomingPhoneNumbers.json", twilio_api.list_numbers, methods=["GET"]),
    Route(ACCOUNT + ".json", twilio_api.show_account, methods=["GET"]),
    Route("/texto/v1/messages", texto_api.messages, methods=["POST", "GET"]),
    Route("/texto/v1/account", texto_api.account, methods=["GET"]),
    Route("/sandbox/faults", control.faults, methods=["GET", "POST", "DELETE"]),
    Route("/sandbox/behaviour", control.behaviour, methods=["GET", "POST"]),
    Route("/sandbox/webhook-secrets", control.webhook_secrets, methods=["POST"]),
    Route("/sandbox/typists", control.typist, methods=["POST"]),
    Route("/sandbox/residents/sms", control.resident_text, methods=["POST"]),
    Route("/sandbox/residents/call", control.resident_call, methods=["POST"]),
    Route("/sandbox/ledger/summary", control.summary, methods=["GET"]),
    Route("/sandbox/ledger", control.ledger, methods=["GET"]),
    Route("/sandbox/outbox", control.outbox, methods=["GET"]),
    Route("/sandbox/reset", control.reset, methods=["POST"]),
    Route("/healthz", health, methods=["GET"]),
)


class Admission:
    """Lets in only who knows the account, before anything else is looked at."""

    def __init__(self, inner: ASGIApp, credentials: Credentials) -> None:
        self._inner = inner
        self._credentials = credentials

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 401 in Twilio's JSON."""
        known = scope["type"] != "http" or scope["path"].startswith(OPEN)
        if not known:
            given = Headers(scope=scope).get("authorization", "")
            known = self._credentials.admit(given)
        answer = self._inner if known else refusal(TwilioRefusal(20003))
        await answer(scope, receive, send)


def sandbox_app(desk: Desk) -> ASGIApp:
    """Assemble the HTTP side around a desk."""
    handlers = {
        TwilioRefusal: on_refusal,
        BadOrder: control.on_bad_order,
        NoSuchFault: control.on_bad_order,
        404: not_found,
    }
    app = Starlette(routes=list(ROUTES), exception_handlers=handlers)
    app.state.desk = desk
    return Admission(app, desk.credentials)
