"""What providers of SMS by HTTP call: receipts, proved by a signature or by the attempt's token."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from channels.http_sms_receipts import Forged, Meaningless, Posted
from dispatcher.api.hooks import Held, TooLong, small_body
from dispatcher.api.permissions import PUBLIC, needs
from dispatcher.delivery.receipts import receive
from dispatcher.delivery.tokens import read_attempt

router = APIRouter(prefix="/hooks/sms", include_in_schema=False)


@router.post("/{account}/{token}")
@needs(PUBLIC)
async def receipt(request: Request, account: str, token: str, held: Held) -> Response:
    """Keep a receipt; answered 2xx only after the commit, and the same one ten times is one."""
    desk = held.callbacks.receipts.get(account)
    if desk is None:
        return Response(status_code=404)
    try:
        body = await small_body(request)
    except TooLong:
        return Response(status_code=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        attempt, read = desk.read(Posted(body, headers), token=token)
    except Forged:
        return Response(status_code=403)
    except Meaningless:
        return Response(status_code=422)
    if read_attempt(held.tokens, attempt) is None:
        return Response(status_code=403)
    await receive(held.ledger, held.tokens, attempt, read)
    return Response(status_code=204)
