"""A partner as commands tell it: its scope, its keys, how its events reach it; no secret."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dispatcher.store.partner_registry import Registered


def shown(one: Registered) -> dict[str, Any]:
    """Return a partner of the registry as JSON."""
    asked, pushed = one.asked, one.pushed
    return {
        "partner": asked.partner,
        "name": asked.name,
        "kind": asked.kind,
        "state": one.state,
        "teams": list(asked.teams),
        "verbs": list(asked.verbs),
        "rate_per_s": asked.rate_per_s,
        "url": masked(asked.url),
        "asked_by": asked.asked_by,
        "agreed_by": one.agreed_by,
        "ended_by": one.ended_by,
        "keys": [
            {"serial": key.serial, "ends_at": _iso(key.ends_at), "opens": key.opens}
            for key in one.keys
        ],
        "pushed": {
            "through": pushed.through,
            "tries": pushed.tries,
            "problem": pushed.problem,
            "failing_at": _iso(pushed.failing_at),
            "stopped_at": _iso(pushed.stopped_at),
            "passed": pushed.passed,
            "passed_after": pushed.passed_after if pushed.passed else None,
        },
    }


def masked(url: str) -> str:
    """Return an address as it may be shown: what may hold a token in it is not said. Pure."""
    try:
        apart = urlsplit(url)
        host = apart.netloc.rpartition("@")[2]
    except ValueError:
        return "…"
    told = urlunsplit((apart.scheme, host, apart.path, "", ""))
    return told + ("?…" if apart.query or apart.fragment or host != apart.netloc else "")


def _iso(epoch_s: float | None) -> str | None:
    if epoch_s is None:
        return None
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="seconds")
