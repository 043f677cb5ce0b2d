"""The second SMS operator's own words: its JSON, its states, its signed receipts.

It is nobody's real provider: it stands for those that take JSON and a bearer key, so that a generic
account and two operators can be tried. `/texto/v1/messages` takes, and lists by `client_ref`.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from pyreqwest.request import RequestBuilder

from dispatcher.sandbox.callbacks import Caller
from dispatcher.sandbox.callees import SmsFate
from dispatcher.sandbox.ledger import Entry

TEXTO = "texto"
SIGNATURE = "X-Texto-Signature"
STATES: Mapping[str, str] = {
    "queued": "QUEUED",
    "sending": "ENROUTE",
    "sent": "ENROUTE",
    "delivered": "DELIVRD",
    "undelivered": "UNDELIV",
    "failed": "REJECTD",
}
# Their codes for what the first operator numbers.
REFUSALS: Mapping[int, str] = {
    21211: "invalid_number",
    21604: "invalid_number",
    21614: "landline",
    21610: "opted_out",
    21602: "empty_text",
    21617: "text_too_long",
    21603: "bad_sender",
    21606: "bad_sender",
    21212: "bad_sender",
    21609: "bad_callback",
    30045: "bad_validity",
}


@dataclass(frozen=True)
class TextoTeller:
    """Posts receipts as JSON, signed by HMAC-SHA256 of the body."""

    caller: Caller
    secret: str

    async def tell(self, url: str, fields: Mapping[str, str]) -> bool:
        """Post one."""
        body = orjson.dumps(dict(fields))
        signature = hmac.digest(self.secret.encode(), body, "sha256").hex()
        headers = {SIGNATURE: signature, "Content-Type": "application/json"}

        def dress(request: RequestBuilder) -> RequestBuilder:
            return request.headers(headers).body_bytes(body)

        return await self.caller.post(url, dress)


def texto_fields(entry: Entry, fate: SmsFate) -> dict[str, str]:
    """Give what a receipt says."""
    said = {
        "id": entry.sid,
        "state": STATES[fate.status],
        "client_ref": str(entry.detail.get("client_ref", "")),
    }
    if fate.error_code is not None:
        said["reason"] = str(fate.error_code)
    return said


def shown(entry: Entry) -> dict[str, object]:
    """Show a message as the list does."""
    return {
        "id": entry.sid,
        "state": STATES[entry.status],
        "to": entry.to,
        "client_ref": entry.detail.get("client_ref", ""),
        "reason": None if entry.error_code is None else str(entry.error_code),
    }
