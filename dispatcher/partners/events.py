"""Lines of the logbook as a partner is told of them: what is in its scope, and no more of it. Pure.

A word that is not on the list of its type is not told: no sentence that somebody typed, no name, no
place, no number of anybody. What is a rehearsal stays in the house.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dispatcher.store.logbook import Line
from dispatcher.store.partner_feed import MISSIONS, AlertTold, MissionTold, Read
from plans.missions import MISSION_STATES, mission_state
from plans.teams import STATUS_CODES, by_code

_TEAM = ("team", "said", "state", "strength", "mission", "mission_state", "source")
_REPORTED = ("applied", "missing")
_MISSION = ("mission", "team", "mission_said", "mission_state", "source", *_REPORTED)
_ALERT = ("alert", "version", "number")
_MISSION_CODES = frozenset(one.code for one in MISSION_STATES)
_TYPES = {  # of an alert's launch, by what the version is
    "alert": "alert.launched",
    "update": "alert.corrected",
    "all_clear": "alert.ended",
    "false_alarm": "alert.false_alarm",
}
TYPES = (
    "team.status",
    "mission.ordered",
    "mission.status",
    "alert.launched",
    "alert.corrected",
    "alert.ended",
    "alert.false_alarm",
    "alert.cancelled",
    "partner.ping",
)


@dataclass(frozen=True)
class Event:
    """What a partner is told: `number` is its place, and the cursor after it."""

    number: int
    ident: str
    type: str
    at: datetime
    recorded_at: datetime
    data: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return it as it is handed out; instants in UTC."""
        return {
            "id": self.ident,
            "type": self.type,
            "at": _said(self.at),
            "recorded_at": _said(self.recorded_at),
            "data": dict(self.data),
        }


def _said(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event_of(line: Line, read: Read) -> Event | None:
    """Return what the partner is told of a line; None where that is nothing."""
    if line.kind == "team.report":
        told = _of_team(line, read)
    elif line.kind.startswith(MISSIONS):
        told = _of_mission(line, read)
    elif line.kind == "partner.ping":
        told = ("partner.ping", {}) if line.data.get("partner") == read.scope.partner else None
    else:
        told = _of_alert(line, read.alerts.get(str(line.data.get("alert"))))
    if told is None:
        return None
    kind, data = told
    return Event(
        number=line.number,
        ident=_ident(line),
        type=kind,
        at=line.happened,
        recorded_at=datetime.fromtimestamp(line.recorded_at, UTC),
        data=data,
    )


def _ident(line: Line) -> str:
    """Return an id without a point (Standard Webhooks), its number last.

    The digest tells a line from the one that had its number before a backup was put back.
    """
    return f"evt-{line.commune}-{line.digest[:12]}-{line.number}"


_Told = tuple[str, dict[str, Any]] | None


def _of_team(line: Line, read: Read) -> _Told:
    if line.data.get("team") not in read.scope.teams or not line.data.get("said"):
        return None  # a place alone is told to nobody
    if (mode := _mode(line, read)) == "rehearsal":
        return None
    told = {**_only(line, (*_TEAM, *_REPORTED)), **_emsi(line)}
    return "team.status", {**told, "mode": mode}


def _emsi(line: Line, *, team: bool = True) -> dict[str, str]:
    """Return the states that it came to in the words of EMSI, where there is one."""
    state, mission = line.data.get("state"), line.data.get("mission_state")
    found = {}
    if team and state in STATUS_CODES:
        found["emsi"] = by_code(str(state)).emsi
    if mission in _MISSION_CODES:
        found["mission_emsi"] = mission_state(str(mission)).emsi
    return found


def _of_mission(line: Line, read: Read) -> _Told:
    ident, scope = line.data.get("mission"), read.scope
    if line.data.get("team") not in scope.teams and ident not in scope.missions:
        return None
    mission, mode = read.missions.get(str(ident)), _mode(line, read)
    if mission is None or mode == "rehearsal":
        return None
    told = {**_only(line, _MISSION), **_emsi(line, team=False), "mode": mode}
    if line.data.get("mission_said") == "ordered":
        return "mission.ordered", {**told, **_ordered(mission, read)}
    return ("mission.status", told) if line.data.get("mission_said") else None


def _ordered(mission: MissionTold, read: Read) -> dict[str, Any]:
    """Return what the mission is, for as long as it is one of the partner's teams'."""
    if mission.team not in read.scope.teams:
        return {}
    return {
        "kind": mission.kind,
        "title": mission.title,
        "urgency": mission.urgency,
    }


def _mode(line: Line, read: Read) -> str:
    """Return `real`, `exercise` or `rehearsal`: the mission's, else the crisis's; else real."""
    mission = read.missions.get(str(line.data.get("mission")))
    return mission.mode if mission is not None else read.events.get(str(line.event), "real")


def _of_alert(line: Line, alert: AlertTold | None) -> _Told:
    """Return what is told of an alert: of one that left, and left before."""
    if alert is None or alert.mode == "rehearsal":
        return None
    told = {**_only(line, _ALERT), "mode": alert.mode, "title": alert.title}
    if line.kind == "alert.launched":
        return _TYPES.get(str(line.data.get("is_a", "alert")), "alert.launched"), told
    if line.kind == "alert.taken_back":
        return "alert.false_alarm", told
    return ("alert.cancelled", told) if alert.launched_at <= line.recorded_at else None


def _only(line: Line, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: line.data[name] for name in names if line.data.get(name) is not None}
