"""The watchdog of teams that are out: silence, too few aboard, too long out; each told once.

Any news of a team re-arms its timers: a report, a place, a line of the operator's. A page that lies
open is none. Silence is told twice, as a warning and as critical, and each silence anew, whether or
not somebody ended the alarm of the one before. Runbook: `teams.watched` counts what was raised;
« /equipes/alarmes » lists it, with what to do; the times are the plan's (`surveillance`).
"""

from collections.abc import Mapping, Sequence
from functools import partial

import structlog

from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import plan_of
from dispatcher.alerts.refusals import NotThere
from dispatcher.store.logbook import Entry
from dispatcher.store.team_watching import Finding, Watched, tell, watched_teams
from dispatcher.teams.alarming import kind_of
from dispatcher.teams.roster import Roster, roster_of
from plans.watch import Timers, WatchTimes, timers_of

ALONE = 1
_RANK = {"warning": 0, "critical": 1}

log = structlog.get_logger(__name__)


class Watchdog:
    """Takes turns at the teams of a ledger that are out."""

    def __init__(self, office: Office) -> None:
        """Work for every commune of the office's ledger."""
        self._office = office

    async def turn(self) -> bool:
        """Look once, by database time; nobody is called by it, so it returns False.

        Where nothing is to be told, nothing is written and nobody's turn is taken.
        """
        found = await watched_teams(self._office.ledger)
        for commune in sorted({one.commune for one in found}):
            office = self._office.of(commune)
            judge = partial(judged, roster=await roster_of(office), watch=await _watch(office))
            if not judge([one for one in found if one.commune == commune]):
                continue
            raised = await tell(office.ledger, commune, judge, key=office.logbook_key)
            log.info("teams.watched", commune=commune, raised=raised)
        return False


async def _watch(office: Office) -> Mapping[str, WatchTimes]:
    try:
        return (await plan_of(office.ledger, office.commune)).plan.watch
    except NotThere:
        return {}


def judged(
    teams: Sequence[Watched], *, roster: Roster, watch: Mapping[str, WatchTimes]
) -> list[Finding]:
    """Return what is to be told of teams now, and was not told since it began."""
    found = []
    for team in teams:
        known = roster.teams.get(team.team)
        kind, minimum = (known.kind, known.minimum) if known else ("", 0)
        name = known.call_sign if known else team.team
        timers = timers_of(watch, kind, team.mission_kind)
        for what, level, since in _due(team, timers, minimum=minimum):
            if not _was_told(team, (what, level), since=since, timers=timers):
                found.append(Finding(team, what, level, since, _line(team, name, what, level)))
    return found


def _due(team: Watched, timers: Timers, *, minimum: int) -> list[tuple[str, str, float]]:
    """Return what holds of a team: kind, level, since when."""
    due = []
    silent_s = team.now - team.news_at
    if silent_s >= timers.critical_s:
        due.append(("silent", "critical", team.news_at))
    elif silent_s >= timers.warning_s:
        due.append(("silent", "warning", team.news_at))
    if team.out_since is None:
        return due
    told_at = max(team.strength_at, team.out_since)  # each time that they are out
    if team.strength == ALONE:
        due.append(("lone", "critical", told_at))
    elif team.strength is not None and team.strength < minimum:
        due.append(("low_strength", "warning", told_at))
    if team.now - team.out_since >= timers.relief_s:
        due.append(("relief", "warning", team.out_since))
    return due


def _was_told(team: Watched, due: tuple[str, str], *, since: float, timers: Timers) -> bool:
    """Tell whether it was told since it began, as gravely as it is due.

    An open alarm keeps the level of the silence before: of this one it tells as much as was due
    when it was told of last.
    """
    kind, level = due
    later = timers.critical_s if due == ("silent", "critical") else 0.0
    return any(
        one.kind == kind
        and one.at >= (since if one.raised_at >= since else since + later)
        and _RANK[one.level] >= _RANK[level]
        for one in team.told
    )


def _line(team: Watched, name: str, kind: str, level: str) -> Entry:
    since = {"silent": team.news_at, "relief": team.out_since}.get(kind)
    minutes = f" depuis {round((team.now - since) / 60)} min" if since is not None else ""
    data = {
        "team": team.team,
        "mission": team.mission,
        "event": team.event,
        "alarm_kind": kind,
        "level": level,
    }
    told = kind_of(kind)
    return Entry(
        author="system",
        kind="team.alarm_raised",
        text=f"{name} : {told.fr}{minutes}. {told.to_do}",
        data={key: value for key, value in data.items() if value is not None},
    )
