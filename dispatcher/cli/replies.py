"""`alert replies`: the SMS and calls that no counter holds, for somebody to read."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from dispatcher.alerts.life import find
from dispatcher.alerts.office import Office
from dispatcher.store.replies import to_read

MOST = 1000
_WORDS = {
    "understood": "a compris",
    "help": "DEMANDE DE L'AIDE",
    "stop": "ne veut plus de messages",
    "start": "veut de nouveau être prévenu",
    "unknown": "message à lire",
}


async def replies_of(office: Office, alert: str) -> Mapping[str, object]:
    """Return the replies of an alert that nobody counted, the newest first; raises NotThere."""
    await find(office, alert)
    found = await to_read(office.ledger, office.commune, alert_id=alert, limit=MOST)
    return {
        "alert": alert,
        "replies": [
            {
                "at": datetime.fromtimestamp(one.received_at, UTC).isoformat(timespec="seconds"),
                "medium": one.medium,
                "from": one.contact or None,
                "kind": one.kind,
                "text": one.body,
                "answered": one.said,
                "of_this_alert": one.version_id is not None,
            }
            for one in found
        ],
    }


def lines_of_replies(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that people read: one a reply."""
    yield f"{len(document['replies'])} réponses à lire."
    for one in document["replies"]:
        words = f" : {one['text']}" if one["text"] else ""
        number = one["from"] or "numéro masqué"
        yield f"  {one['at']} · {number} · {_WORDS[one['kind']]}{words}"
