"""What somebody in the field says, made into reports that the intake files.

A report is a fact: it is stored whatever it says, and folded by the time at which it happened. What
it needs of others is raised with it: distress from any state, reinforcement, too few aboard.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from dispatcher.store.field_reports import NewAlarm, Report
from dispatcher.store.logbook import Entry
from dispatcher.teams.roster import KnownTeam
from plans.missions import mission_state
from plans.teams import DEPARTURE, STATUS_CODES, by_code

LONGEST_NOTE = 2000
_EVENTS = {
    "message": "message",
    "urgent_message": "message urgent",
    "reinforcement": "demande de renfort",
    "distress": "DÉTRESSE",
}
_RAISED = {
    "distress": NewAlarm("distress"),
    "reinforcement": NewAlarm("reinforcement", "warning"),
    "urgent_message": NewAlarm("urgent_message", "warning"),
}


class Sender(NamedTuple):
    """Who reports: by which way, under which name, and the id of this message of theirs.

    `source`: partner | phone | sms | keypad | console. The same message told again has the same id.
    """

    source: str
    author: str
    message_id: str
    part: int = 0  # of a message that tells several things

    @property
    def report_id(self) -> str:
        """Return the id of the report, made of nothing but who says it and under which id."""
        said = f"{self.source}\n{self.author}\n{self.message_id}\n{self.part}"
        return hashlib.sha256(said.encode()).hexdigest()[:24]


class Telling(NamedTuple):
    """What is told: a team's status or event, a mission's state, a place, or several of these.

    `at` is when it happened, aware. `lon` and `lat` are degrees, WGS 84.
    """

    at: datetime
    said: str | None = None
    mission: str | None = None
    mission_said: str | None = None
    event: str | None = None
    strength: int | None = None
    note: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None

    @property
    def says(self) -> bool:
        """Whether it says more than a place."""
        return bool(self.said or self.mission_said)


def report_of(telling: Telling, team: KnownTeam | None, *, sender: Sender) -> Report:
    """Return the report to file, with its line of the logbook and the alarms that it raises.

    The line holds no place: trails are kept for the incident only, the logbook for good.
    """
    alarm = _RAISED.get(telling.said or "")
    alarms = (alarm,) if alarm else ()
    if telling.mission_said == "failed":  # nobody goes, and the mission is on no list any more
        alarms = (*alarms, NewAlarm("not_acknowledged"))
    if team and _too_few(telling, team):
        alarms = (*alarms, NewAlarm("low_strength"))
    return Report(
        report_id=sender.report_id,
        team=team.team if team else None,
        at=telling.at.timestamp(),
        source=sender.source,
        author=sender.author,
        entry=_entry(telling, team, sender=sender, raised=alarms) if telling.says else None,
        said=telling.said,
        mission=telling.mission,
        mission_said=telling.mission_said,
        event=telling.event,
        strength=telling.strength,
        note=telling.note.strip()[:LONGEST_NOTE],
        lon=telling.lon,
        lat=telling.lat,
        accuracy_m=telling.accuracy_m,
        alarms=alarms if team else (),
    )


def _too_few(telling: Telling, team: KnownTeam) -> bool:
    """Tell whether a team leaves with fewer than it may: it has left, so somebody must know."""
    strength = telling.strength
    return telling.said == DEPARTURE and strength is not None and strength < team.minimum


def _entry(
    telling: Telling, team: KnownTeam | None, *, sender: Sender, raised: Sequence[NewAlarm]
) -> Entry:
    name = team.call_sign if team else ""
    parts = []
    if telling.said:
        parts.append(
            by_code(telling.said).fr if telling.said in STATUS_CODES else _EVENTS[telling.said]
        )
    if telling.mission_said:
        parts.append(f"mission {mission_state(telling.mission_said).fr}")
    if team and _too_few(telling, team):
        parts.append(f"effectif {telling.strength} pour {team.minimum} au moins")
    said = ", ".join(parts)
    note = f" — {telling.note.strip()[:LONGEST_NOTE]}" if telling.note.strip() else ""
    data = {
        "team": team.team if team else None,
        "mission": telling.mission,
        "said": telling.said,
        "mission_said": telling.mission_said,
        "strength": telling.strength,
        "source": sender.source,
        "event": telling.event,
        "alarms": [one.kind for one in raised] or None,
    }
    return Entry(
        author=f"{sender.source}:{sender.author}",
        kind="team.report" if telling.said else "mission.report",
        text=f"{name} : {said}{note}" if name else f"{said}{note}",
        data={key: value for key, value in data.items() if value is not None},
        at=telling.at,
    )
