"""Requests that a partner's system signed: read no further than a limit, proved, then parsed."""

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import ClientDisconnect
from typing_extensions import override

from dispatcher.api.services import Services
from dispatcher.partners.refusals import LedgerAway, OutOfScope, TooMuch, Unreadable
from dispatcher.partners.ring import Caller
from dispatcher.partners.signatures import Unsigned
from dispatcher.store.partner_messages import Message

MOST_BYTES = 64 * 1024
MOST_BATCH_BYTES = 1024 * 1024
Body = TypeVar("Body", bound=BaseModel)


class NameConvertor(Convertor[str]):
    """A name inside a path, whatever is in it: slashes, and the ends of lines that `path` stops at.

    What a partner signed goes to the desk, never to a page that is not there.
    """

    regex = "(?s:.*)"

    @override
    def convert(self, value: str) -> str:
        """Return it as it came."""
        return value

    @override
    def to_string(self, value: str) -> str:
        """Return it as it came."""
        return value


register_url_convertor("name", NameConvertor())


class SignedRoute(APIRoute):
    """A route whose endpoint reads and proves its request itself: nothing is solved before it.

    It takes the request, the services (`held`) and the path's parameters, and is asked hundreds of
    times a second; its parameters and answers are declared for the documentation all the same.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        endpoint: Callable[..., Coroutine[Any, Any, Response]] = self.endpoint

        async def answer(request: Request) -> Response:
            held = request.app.state.services
            named = {name: one.replace("\0", "") for name, one in request.path_params.items()}
            try:
                return await endpoint(request, held=held, **named)
            except DataError:
                raise
            except SQLAlchemyError as error:  # also no connection free, a standby that only reads
                raise LedgerAway from error

        return answer


@dataclass(frozen=True)
class SignedRequest:
    """A proved request: who sent it, and its body as it came."""

    caller: Caller
    body: bytes
    door: str

    @property
    def commune(self) -> str:
        """Whose partner it is."""
        return self.caller.partner.commune

    @property
    def message(self) -> Message:
        """Return the message under which its answer is kept."""
        signed = self.caller.signed
        digest = hashlib.sha256(self.door.encode() + b"\n" + self.body).hexdigest()
        partner = self.caller.partner
        return Message(
            partner.commune,
            partner.partner,
            signed.message_id,
            digest,
            self.door.replace("\0", "")[:80],  # PostgreSQL holds none
            signed.sent_at,
        )

    @property
    def verbs(self) -> frozenset[str]:
        """What its partner may do."""
        return self.caller.partner.verbs

    def may(self, verb: str) -> None:
        """Raise OutOfScope unless the partner was given this verb."""
        if verb not in self.verbs:
            raise OutOfScope(f"Votre accès ne comprend pas « {verb} » : demandez-le à la mairie.")


async def signed_request(
    request: Request, held: Services, *, most: int = MOST_BYTES
) -> SignedRequest:
    """Return a request that a partner signed; raises Unsigned, Stale, TooOften or TooMuch."""
    whole, target = await _body(request, most=most), b""
    if request.method == "GET":
        if whole:  # it could be what was signed for another question
            raise Unsigned("Une lecture (GET) n'a pas de corps : signez son chemin.")
        target = request.scope["raw_path"]
        if query := request.scope["query_string"]:
            target += b"?" + query
    headers = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in request.scope["headers"]
        if name.startswith(b"webhook-")
    }
    caller = await held.partners.caller(headers, whole, now=held.clock(), target=target)
    return SignedRequest(caller, whole, request.scope["path"])


async def _body(request: Request, *, most: int) -> bytes:
    body, more = b"", True
    while more:
        part = await request.receive()
        if part["type"] == "http.disconnect":
            raise ClientDisconnect
        body += part.get("body", b"")
        more = part.get("more_body", False)
        if len(body) > most:
            raise TooMuch(f"Ce message dépasse {most // 1024} Kio : envoyez-en moins à la fois.")
    return body


def read_as(model: type[Body], body: bytes) -> Body:
    """Parse a body; raises Unreadable with each fault and where it stands, never with its value."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _unreadable(error) from error


def read_value(model: type[Body], given: object) -> Body:
    """Read a value of JSON that was parsed already; raises Unreadable as `read_as`."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _unreadable(error) from error


def _unreadable(error: ValidationError) -> Unreadable:
    found = [
        f"{'.'.join(map(str, one['loc'])) or 'corps'} ({one['msg']})" for one in error.errors()
    ]
    return Unreadable(f"Le message ne peut pas être lu : {' ; '.join(found[:20])}.")
