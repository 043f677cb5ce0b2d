"""A town that partners report to: its code, its keys, its address, its hours."""

import time
from datetime import UTC, datetime

TOWN = "99042"
MASTER = b"m" * 32
LOGBOOK_KEY = b"l" * 32
URL = "https://alerte.example"


def at(minute: float) -> str:
    """Return an instant of the last hour, as partners write it."""
    return datetime.fromtimestamp(time.time() - 3600 + minute * 60, UTC).isoformat()
