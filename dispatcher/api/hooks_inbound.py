"""What Twilio hands in of people: SMS to our number, calls to it, keys pressed in them; signed.

The address of each account is unguessable and stays the same; `provider check` shows it.
"""

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import Response

from channels.sms_answers import sms_twiml
from channels.twilio_callbacks import Forged
from channels.twilio_inbound import (
    INBOUND_CALL_FIELDS,
    INBOUND_MESSAGE_FIELDS,
    Unreadable,
    read_ring,
    read_text,
)
from dispatcher.alerts.inbound import answer_key
from dispatcher.alerts.switchboard import NOWHERE
from dispatcher.alerts.tying import Counter
from dispatcher.api.hooks import Held, signed_form
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.api.services import Services
from dispatcher.delivery import tokens
from dispatcher.signup.by_text import answer_signup
from dispatcher.teams.keypad import Pressed, answer_call, answer_press
from dispatcher.teams.texting import answer_sms

router = APIRouter(prefix="/hooks/twilio", include_in_schema=False)


@router.post("/reply/{token}")
@needs(PUBLIC)
async def reply(request: Request, token: str, held: Held) -> Response:
    """Take an SMS of somebody, and answer it once it is kept."""
    account = _account(held, token)
    if account is None:
        return Response(status_code=404)
    try:
        secret = held.callbacks.inbound[account]
        form = await signed_form(
            request, held.public_url, secrets=(secret,), known_fields=INBOUND_MESSAGE_FIELDS
        )
        texted = read_text(form)
    except (Forged, Unreadable):
        return Response(status_code=403)
    counter = _counter(held, account)
    words = await answer_signup(counter, texted, daily=held.signups_daily)
    if words is None:
        words = await answer_sms(counter, held.members, texted)
    return _twiml(sms_twiml(words))


@router.post("/ring/{token}")
@needs(PUBLIC)
async def ring(request: Request, token: str, held: Held) -> Response:
    """Take a call to our number: the message in force is spoken."""
    account = _account(held, token)
    if account is None:
        return Response(status_code=404)
    try:
        secret = held.callbacks.inbound[account]
        form = await signed_form(
            request, held.public_url, secrets=(secret,), known_fields=INBOUND_CALL_FIELDS
        )
        rung = read_ring(form)
    except (Forged, Unreadable):
        return Response(status_code=403)
    return _twiml(await answer_call(_counter(held, account), held.members, rung))


@router.post("/ringkey/{token}")
@needs(PUBLIC)
async def ringkey(request: Request, token: str, held: Held) -> Response:
    """Take a key pressed in such a call, and say the words that answer it once it is kept."""
    heard = tokens.read_ring(held.tokens, token)
    secret = held.callbacks.inbound.get(heard.account) if heard else None
    if heard is None or secret is None:
        return Response(status_code=404)
    try:
        form = await signed_form(
            request, held.public_url, secrets=(secret,), known_fields=INBOUND_CALL_FIELDS
        )
        rung = read_ring(form)
    except (Forged, Unreadable):
        return Response(status_code=403)
    twiml = await answer_key(_counter(held, heard.account), rung, heard)
    return Response(status_code=404) if twiml is None else _twiml(twiml)


@router.post("/teamkey/{token}/{team}/{before}")
@needs(PUBLIC)
async def teamkey(request: Request, token: str, team: str, before: str, held: Held) -> Response:
    """Take a key that somebody of a team pressed in her team's menu."""
    account = _account(held, token)
    if account is None:
        return Response(status_code=404)
    try:
        secret = held.callbacks.inbound[account]
        form = await signed_form(
            request, held.public_url, secrets=(secret,), known_fields=INBOUND_CALL_FIELDS
        )
        rung = read_ring(form)
    except (Forged, Unreadable):
        return Response(status_code=403)
    at = Pressed(team, before)
    twiml = await answer_press(_counter(held, account), held.members, rung, at)
    return Response(status_code=404) if twiml is None else _twiml(twiml)


def _account(held: Services, token: str) -> str | None:
    """Return the account whose address this is."""
    given = token.encode()
    for name in held.callbacks.inbound:
        if hmac.compare_digest(given, tokens.inbound_token(held.tokens, name).encode()):
            return name
    return None


def _counter(held: Services, account: str) -> Counter:
    hooks = f"{held.public_url}/hooks/twilio"
    return Counter(held.office(NOWHERE), held.switchboard, account, hooks)


def _twiml(document: str) -> Response:
    return Response(document, media_type="text/xml")
