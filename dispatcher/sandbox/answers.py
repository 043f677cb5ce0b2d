"""Answers that go wrong on demand: refused, lost after accepting, late, cut in half."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dispatcher.sandbox.desk import Desk
from dispatcher.sandbox.faults import Fault
from dispatcher.sandbox.twilio_rules import TwilioRefusal

RETRY_AFTER_S = 2
TRANSPORT = "sandbox.transport"


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP with the connection within the answer's reach, so that it can be cut."""

    @override
    def on_message_begin(self) -> None:
        """Hand the transport over with the request."""
        super().on_message_begin()
        extended: dict[str, object] = self.scope  # type: ignore[assignment]  # one key more
        extended[TRANSPORT] = self.transport


class Dropped(Response):
    """The connection closed without a byte."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Cut, and wait until the server has seen it."""
        scope[TRANSPORT].abort()
        while (await receive())["type"] != "http.disconnect":
            pass


class Truncated(Response):
    """The head promises the whole body, half of it comes, and the connection closes."""

    def __init__(self, whole: Response) -> None:
        super().__init__(bytes(whole.body), whole.status_code, media_type=whole.media_type)

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send half and close."""
        head = {"type": "http.response.start", "status": self.status_code}
        await send({**head, "headers": self.raw_headers})
        half = self.body[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        scope[TRANSPORT].close()
        while (await receive())["type"] != "http.disconnect":
            pass


class Held(Response):
    """No answer for a time, or until the client leaves; then the connection is cut."""

    def __init__(self, hold_s: float) -> None:
        super().__init__()
        self._hold_s = hold_s

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold, then cut."""
        try:
            await asyncio.wait_for(_gone(receive), self._hold_s)
        except TimeoutError:
            await Dropped()(scope, receive, send)


async def faulty(desk: Desk, medium: str, accept: Callable[[], Awaitable[Response]]) -> Response:
    """Accept and answer, unless a failure was asked for."""
    fault = desk.faults.draw(medium)
    if fault is None:
        return await accept()
    before = _before(fault)
    if before is not None:
        return before
    return _after(fault, await accept())


def refusal(problem: TwilioRefusal) -> Response:
    """Answer a refusal in Twilio's JSON."""
    headers = {}
    if problem.code == 20003:
        headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    if problem.code == 20429:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return JSONResponse(problem.body, problem.status, headers)


async def on_refusal(_request: Request, problem: Exception) -> Response:
    """Turn a TwilioRefusal raised by a route into its answer."""
    if not isinstance(problem, TwilioRefusal):
        raise problem
    return refusal(problem)


def _before(fault: Fault) -> Response | None:
    """Give the answer of a failure that accepts nothing."""
    match fault.kind:
        case "refuse_500_before":
            return refusal(TwilioRefusal(20500))
        case "429":
            return refusal(TwilioRefusal(20429))
        case "410":
            return Response(status_code=410)
        case "drop_before":
            return Dropped()
        case "timeout_before":
            return Held(fault.delay_s)
        case _:
            return None


def _after(fault: Fault, answer: Response) -> Response:
    """Give the answer of a failure that comes after accepting."""
    match fault.kind:
        case "accept_then_500":
            return refusal(TwilioRefusal(20500))
        case "accept_then_drop":
            return Dropped()
        case "timeout":
            return Held(fault.delay_s)
        case _:  # truncated
            return Truncated(answer)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
