"""What a call that takes a decision is answered with: signed, each answer taken once.

The address names the attempt of ours that rang; nothing here is ever reached by who rings us.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from channels.approval_twiml import asking_twiml, ending_twiml
from channels.twilio_callbacks import Forged
from dispatcher.access.passwords import matches
from dispatcher.alerts import by_phone
from dispatcher.alerts.by_phone import Spoken
from dispatcher.api.hooks import Held, form_of
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.api.services import Services
from dispatcher.delivery.tokens import read_attempt
from dispatcher.store.phone_approvals import Called, called_by

router = APIRouter(prefix="/hooks/twilio", include_in_schema=False)


@router.post("/approval/{token}/{step}")
@needs(PUBLIC)
async def typed(request: Request, token: str, step: int, held: Held) -> Response:
    """Take digits typed in a call; the same ones again are refused."""
    try:
        form = await form_of(request, held)
    except Forged:
        return Response(status_code=403)
    called = await called_of(held, token)
    if called is None:
        return Response(status_code=404)
    office = held.office(called.commune)
    if step == 0:  # she has just asked for it, by the key of the call
        return twiml_of(held, token, await by_phone.begin(office, called))
    digits = form.get("Digits", "")
    said = await by_phone.answer(office, called, step=step, digits=digits, matches=matches)
    return Response(status_code=409) if said is None else twiml_of(held, token, said)


async def called_of(held: Services, token: str) -> Called | None:
    """Return whom an attempt of ours rang for an approval."""
    named = read_attempt(held.tokens, token)
    return None if named is None else await called_by(held.ledger, named.commune, named.delivery_id)


def twiml_of(held: Services, token: str, said: Spoken) -> Response:
    """Say it, and ask where there is something to type."""
    if said.asks:
        action = f"{held.public_url}/hooks/twilio/approval/{token}/{said.step}"
        document = asking_twiml(said.text, language=said.language, action_url=action)
    else:
        document = ending_twiml(said.text, language=said.language)
    return Response(document, media_type="text/xml")
