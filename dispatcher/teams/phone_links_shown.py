"""A link of a team's phones as tools read it."""

from datetime import UTC, datetime
from typing import Any

from dispatcher.store.team_links import TeamLink


def shown(link: TeamLink) -> dict[str, Any]:
    """Return a link without what opens it; instants are ISO 8601, UTC."""
    return {
        "link": link.link,
        "team": link.team,
        "event": link.event,
        "state": link.over or "open",
        "made_by": link.made_by,
        "made_at": _instant(link.made_at),
        "ends_at": _instant(link.ends_at),
        "revoked_at": _instant(link.revoked_at),
        "opened_at": _instant(link.opened_at),
        "seen_at": _instant(link.seen_at),
        "follows": link.follows,
    }


def _instant(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
