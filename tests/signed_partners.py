"""Requests as a partner's system signs them, by the standard's own library."""

import secrets
from datetime import UTC, datetime

from standardwebhooks import Webhook


def sign(
    secret: str, body: bytes, *, message_id: str = "", at: datetime | None = None
) -> tuple[dict[str, str], datetime]:
    """Return the headers of a message signed at `at` (now), and that instant."""
    now = at or datetime.now(UTC)
    ident = message_id or f"msg-{secrets.token_hex(8)}"
    headers = {
        "webhook-id": ident,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(ident, now, body.decode()),
        "content-type": "application/json",
    }
    return headers, now
