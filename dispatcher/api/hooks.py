"""What providers call: receipts and keys pressed, signed; answered 2xx only after the commit."""

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from channels.approval_twiml import leading_twiml
from channels.call_twiml import keypad_answer, late_twiml
from channels.contract import Receipt
from channels.twilio_callbacks import Forged, read_call_callback, read_message_callback, verify
from channels.twilio_codes import CALL_FIELDS, MESSAGE_FIELDS
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.api.services import Services, services
from dispatcher.delivery.answers import KINDS, record_keypad
from dispatcher.delivery.calls import call_of
from dispatcher.delivery.receipts import receive
from dispatcher.signup.asking import ANSWERED, Answered, answer_call

MOST_BYTES = 32_768  # the longest SMS, each sign of it written as nine
router = APIRouter(prefix="/hooks/twilio", include_in_schema=False)
Held = Annotated[Services, Depends(services)]
_READERS = {"sms": read_message_callback, "voice": read_call_callback}


async def signed_form(
    request: Request,
    public_url: str,
    *,
    secrets: Iterable[str],
    known_fields: Collection[str] = MESSAGE_FIELDS | CALL_FIELDS,
) -> Mapping[str, str]:
    """Return the fields that Twilio signed for our *configured* address; raises Forged."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        raise Forged("Only a form is taken here.")
    body = await small_body(request)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
    except ValueError as error:
        raise Forged("The form cannot be read.") from error
    query = f"?{request.url.query}" if request.url.query else ""  # ours have none: it is signed too
    url = f"{public_url}{request.url.path}{query}"
    signature = request.headers.get("x-twilio-signature", "")
    for secret in secrets:
        try:
            return verify(url, pairs, signature, secret, known_fields=known_fields)
        except Forged:
            continue
    raise Forged("No account of ours signed this.")


async def form_of(request: Request, held: Services) -> Mapping[str, str]:
    """Return what any account of ours signed: one an account, and seldom more than two."""
    return await signed_form(request, held.public_url, secrets=held.callbacks.twilio)


class TooLong(Forged):
    """What a provider is said to have posted is longer than any callback."""


async def small_body(request: Request) -> bytes:
    """Read no further than the limit: this door is open to anyone. Raises TooLong beyond it."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLong("Only a small form is taken here.")
    return bytes(body)


@router.post("/keypad/{token}")
@needs(PUBLIC)
async def keypad(request: Request, token: str, held: Held) -> Response:
    """Take the key pressed during a call, and say the words that answer it."""
    try:
        form = await form_of(request, held)
    except Forged:
        return Response(status_code=403)
    call = await call_of(held.ledger, held.tokens, token)
    if call is None:
        return Response(status_code=404)
    action = f"{held.public_url}/hooks/twilio/keypad/{token}"
    kind, twiml = keypad_answer(form.get("Digits"), call, action_url=action)
    if kind == "decide":
        twiml = leading_twiml(f"{held.public_url}/hooks/twilio/approval/{token}/0")
    if kind in ANSWERED:
        answered = Answered(agrees=kind != "declined", tells=kind == "enrolled_told")
        if not await answer_call(held.office(""), token, answered):
            twiml = late_twiml(call)
    if kind in KINDS:
        await record_keypad(held.ledger, held.tokens, token=token, kind=kind)
    return Response(twiml, media_type="text/xml")


@router.post("/{kind}/{token}")
@needs(PUBLIC)
async def receipt(request: Request, kind: str, token: str, held: Held) -> Response:
    """Keep a provider's receipt; the same one ten times is one."""
    reader = _READERS.get(kind)
    if reader is None:
        return Response(status_code=404)
    try:
        read: Receipt = reader(await form_of(request, held))
    except ValueError:  # Forged, or a callback that says nothing
        return Response(status_code=403)
    await receive(held.ledger, held.tokens, token, read)
    return Response(status_code=204)
