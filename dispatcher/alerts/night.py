"""Messages at night: what can wait for the morning is sent only by who says so (DOMAIN.md §4.1).

Functional messages may leave at any hour; between 22:00 and 7:00 on the commune's clocks one that
threatens no life is confirmed first. An exercise and a public test threaten none, whatever their
words say; a rehearsal never leaves the house.
"""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from dispatcher.alerts.drafting import LIFE_THREATENING
from dispatcher.delivery.content import Content
from plans.plan import Plan

FROM, UNTIL = time(22), time(7)
REHEARSAL = "rehearsal"


def is_night(plan: Plan, now: datetime) -> bool:
    """Whether the commune sleeps at this instant."""
    there = now.astimezone(ZoneInfo(plan.commune.timezone)).time()
    return there >= FROM or there < UNTIL


def night_asks(plan: Plan, content: Content, now: datetime) -> bool:
    """Whether somebody has to say that this leaves tonight all the same."""
    if content.route == REHEARSAL or not is_night(plan, now):
        return False
    return content.mode != "real" or content.cap.get("severity") not in LIFE_THREATENING
