"""What a link that has ended still brings: what was pressed before its end, and a call for help.

A phone may have been out of reach when its link ended: what it holds is not lost with it. A link
that somebody revoked brings nothing.
"""

from datetime import datetime

from dispatcher.store.team_links import TeamLink

LATE_S = 7 * 86_400.0  # after the end: what was pressed before it is taken
DISTRESS_S = 86_400.0  # after the end: a team may still be on its way home


def still_takes(link: TeamLink, act: str, at: datetime | None, *, now: datetime) -> bool:
    """Tell whether a press is taken: `at` is its own instant, as the phone tells it."""
    if not link.over:
        return True
    if link.over == "revoked" or link.ended_at is None:
        return False
    since_s = now.timestamp() - link.ended_at
    if act == "distress" and since_s <= DISTRESS_S:
        return True
    return at is not None and at.timestamp() <= link.ended_at and since_s <= LATE_S


def calls_for_help(link: TeamLink, *, now: datetime) -> bool:
    """Tell whether a link that has ended still takes a call for help pressed now."""
    return bool(link.over) and still_takes(link, "distress", None, now=now)
