"""How long a team may be silent, out, or without an answer: defaults, and a plan's own.

The figures are ours (prop): Resgrid has timers of a warning and of a critical state, told once
each, and leaves their length to whoever uses them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ANY = "any"  # the key of what holds for every team
NEWS_MIN, CRITICAL_MIN, RELIEF_H = 30, 45, 6
ANSWER_MIN, URGENT_ANSWER_MIN = 3, 1


@dataclass(frozen=True)
class WatchTimes:
    """What a plan says for one kind of team or mission; None: as for all."""

    news_min: int | None = None
    critical_min: int | None = None
    relief_h: int | None = None
    answer_min: int | None = None
    urgent_answer_min: int | None = None


@dataclass(frozen=True)
class Timers:
    """After how many seconds without news a team is told of, and out, offered a relief."""

    warning_s: float = NEWS_MIN * 60.0
    critical_s: float = CRITICAL_MIN * 60.0
    relief_s: float = RELIEF_H * 3600.0


def timers_of(watch: Mapping[str, WatchTimes], team: str, mission: str | None) -> Timers:
    """Return the timers of a kind of team at a kind of mission.

    The mission's own figures go before the team's, those before what the plan says for all. A
    warning is never later than the state that it warns of.
    """
    said = _said(watch, team, mission)
    news = next((one.news_min for one in said if one.news_min), NEWS_MIN)
    critical = next((one.critical_min for one in said if one.critical_min), CRITICAL_MIN)
    relief = next((one.relief_h for one in said if one.relief_h), RELIEF_H)
    return Timers(min(news, critical) * 60.0, critical * 60.0, relief * 3600.0)


def answer_s(
    watch: Mapping[str, WatchTimes], team: str, mission: str | None, *, urgent: bool
) -> float:
    """Return how many seconds a team's answer to a mission is waited for before the next step.

    `urgent`: a life is in danger. The same figures go first as for its timers.
    """
    said = _said(watch, team, mission)
    if urgent:
        given = (one.urgent_answer_min for one in said if one.urgent_answer_min)
        return next(given, URGENT_ANSWER_MIN) * 60.0
    return next((one.answer_min for one in said if one.answer_min), ANSWER_MIN) * 60.0


def _said(watch: Mapping[str, WatchTimes], team: str, mission: str | None) -> list[WatchTimes]:
    return [one for kind in (mission, team, ANY) if kind and (one := watch.get(kind))]
