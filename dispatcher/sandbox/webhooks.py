"""The pretend webhook receiver: verifies Standard Webhooks signatures, keeps what it was told."""

import secrets

from standardwebhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dispatcher.sandbox.answers import faulty
from dispatcher.sandbox.desk import Desk
from dispatcher.sandbox.ledger import Entry, distinct_key

MAX_BODY = 1024 * 1024


async def receive_webhook(request: Request) -> Response:
    """POST /webhooks/{host}/{path}: 204 once kept, 401 when the signature is not right."""
    desk: Desk = request.app.state.desk
    host, path = request.path_params["host"], request.path_params["path"]
    body = await request.body()
    if len(body) > MAX_BODY:
        return JSONResponse({"message": "The body is larger than 1 MB."}, 413)
    problem = _problem(desk, host, body=body, request=request)
    if problem:
        desk.refused_signatures += 1
        return JSONResponse({"message": problem}, 401)
    webhook_id = request.headers["webhook-id"]
    entry = Entry(
        sid="WH" + secrets.token_hex(16),
        medium="webhook",
        key=distinct_key("webhook", webhook_id),
        to=f"{host}/{path}",
        sender=request.headers.get("user-agent", ""),
        content=body.decode("utf-8", "replace"),
        status="delivered",
        detail={
            "webhook_id": webhook_id,
            "webhook_timestamp": request.headers["webhook-timestamp"],
            "content_type": request.headers.get("content-type", ""),
        },
    )

    async def keep() -> Response:
        await desk.ledger.add(entry)
        return Response(status_code=204)

    return await faulty(desk, "webhook", keep)


def _problem(desk: Desk, host: str, *, body: bytes, request: Request) -> str:
    secret = desk.webhook_secrets.get(host, desk.credentials.webhook_secret)
    try:
        Webhook(secret).verify(body, dict(request.headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as problem:
        return f"The webhook's signature is not right: {problem}"
    return ""
