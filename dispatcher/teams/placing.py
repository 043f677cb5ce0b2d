"""What a partner's system tells, placed: a report of a team or mission known here, or the desk's.

Nothing that a partner of ours signed is lost. Its own team and a word that we know make a report; a
name or a radio code that nobody here knows goes to the desk, whole; another's team is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from dispatcher.partners.refusals import OutOfScope, Unreadable
from dispatcher.store.desk_items import DeskItem
from dispatcher.store.field_alarms import CRIES
from dispatcher.store.field_reports import Report
from dispatcher.store.logbook import Entry
from dispatcher.store.mission_rows import Mission
from dispatcher.store.partners import Partner
from dispatcher.teams.reporting import Sender, Telling, report_of
from dispatcher.teams.roster import KnownTeam, Roster
from plans.missions import MISSION_FROM_EMSI, MISSION_STATES, mission_said_by
from plans.teams import EVENTS, FROM_EMSI, RADIO, STATUSES, said_by

SOURCE = "partner"
_WHY = {
    "unknown_team": "équipe inconnue",
    "unknown_mission": "mission inconnue",
    "unknown_word": "code inconnu",
}


class Heard(NamedTuple):
    """What a partner tells, in its own names and words. `at` is when it happened, aware."""

    at: datetime
    team: str | None = None
    mission: str | None = None
    word: str | int | None = None
    mission_word: str | int | None = None
    strength: int | None = None
    note: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    ignored: tuple[str, ...] = ()  # fields of the message that say nothing to us

    def as_json(self) -> dict[str, Any]:
        """Return it as the desk keeps it."""
        told = {**self._asdict(), "at": self.at.isoformat()}
        return {name: value for name, value in told.items() if value not in (None, "", ())}


@dataclass(frozen=True)
class Ground:
    """What a partner's words are read by: the teams, the missions that it may have named."""

    roster: Roster
    partner: Partner
    missions: Mapping[str, Mission]

    def team(self, name: str) -> KnownTeam | None:
        """Return the team of a name; raises OutOfScope where it is another's.

        A call sign may be that of two houses: another's is a name that is not known here.
        """
        found = self.roster.find(name, partner=self.partner.partner)
        if found is None or self._is_theirs(found):
            return found
        if name != found.team:
            return None
        raise OutOfScope(
            f"L'équipe « {name} » n'est pas des vôtres : demandez à la mairie de vous la confier."
        )

    def mission(self, name: str) -> Mission | None:
        """Return the mission of a name; raises OutOfScope where another's team has it."""
        found = self.missions.get(self.roster.mission(name, partner=self.partner.partner))
        if found is None:
            return None
        if not self._is_theirs(self.roster.teams.get(found.team or "")):
            raise OutOfScope(f"La mission « {name} » n'est pas confiée à l'une de vos équipes.")
        return found

    def _is_theirs(self, team: KnownTeam | None) -> bool:
        if team is None:
            return False
        return team.team in self.partner.teams or team.partner == self.partner.partner


def placed(heard: Heard, ground: Ground, *, sender: Sender) -> Report | DeskItem:
    """Return the report that a partner's words make, or what the desk has to place.

    Raises OutOfScope, or Unreadable for a word that is none of ours, of EMSI's, or a radio code.
    """
    radio = ground.roster.radio
    team = ground.team(heard.team) if heard.team is not None else None
    if heard.team is not None and team is None:
        return desk_item(heard, "unknown_team", heard.team, sender=sender, radio=radio)
    said = _said(heard.word, ground.roster)
    if heard.word is not None and said is None:
        return desk_item(heard, "unknown_word", str(heard.word), sender=sender, radio=radio)
    alone = heard.mission_word is None or (said in CRIES and not _usable(heard, ground))
    if team is not None and said is not None and alone:
        return _of_team(heard, team, said, ground=ground, sender=sender)
    mission = ground.mission(heard.mission) if heard.mission is not None else None
    if heard.mission is not None and mission is None:
        return desk_item(heard, "unknown_mission", heard.mission, sender=sender, radio=radio)
    if team is None and mission is not None:
        team = ground.roster.teams.get(mission.team or "")
    silent = said is None and heard.mission_word is None
    telling = Telling(
        at=heard.at,
        said="message" if silent and heard.note.strip() else said,
        mission=mission.mission if mission else None,
        mission_said=_mission_said(heard.mission_word),
        event=mission.event if mission else ground.roster.event,
        strength=heard.strength,
        note=heard.note,
        lon=heard.lon,
        lat=heard.lat,
        accuracy_m=heard.accuracy_m,
    )
    return report_of(telling, team, sender=sender)


def _usable(heard: Heard, ground: Ground) -> bool:
    """Tell whether what is said of a mission can be taken: a cry is not held up by it."""
    try:
        return _mission_said(heard.mission_word) is not None and (
            heard.mission is None or ground.mission(heard.mission) is not None
        )
    except (OutOfScope, Unreadable):
        return False


def _of_team(heard: Heard, team: KnownTeam, said: str, *, ground: Ground, sender: Sender) -> Report:
    """Return what a team says of itself; a mission that is not its own is named in the note alone.

    Distress is never held up by the name of a mission.
    """
    try:
        mission = ground.mission(heard.mission) if heard.mission is not None else None
    except OutOfScope:
        mission = None
    word = f" : {heard.mission_word}" if heard.mission_word is not None else ""
    unknown = (heard.mission or word) and (mission is None or word)
    named = f"Mission « {heard.mission or '?'} »{word}. " if unknown else ""
    telling = Telling(
        at=heard.at,
        said=said,
        mission=mission.mission if mission else None,
        event=mission.event if mission else ground.roster.event,
        strength=heard.strength,
        note=f"{named}{heard.note}",
        lon=heard.lon,
        lat=heard.lat,
        accuracy_m=heard.accuracy_m,
    )
    return report_of(telling, team, sender=sender)


def _said(word: str | int | None, roster: Roster) -> str | None:
    """Return the status or event; None for a radio code that nobody here knows."""
    if word is None:
        return None
    said = said_by(word, radio=roster.radio)
    if said is None and not str(word).strip().isdigit():
        known = [*(one.code for one in STATUSES), *EVENTS, *FROM_EMSI]
        raise Unreadable(
            f"« {word} » n'est pas un état d'équipe. Connus : {', '.join(known)}, ou un code radio."
        )
    return said


def _mission_said(word: str | int | None) -> str | None:
    if word is None:
        return None
    said = mission_said_by(str(word))
    if said is None:
        known = [*(one.code for one in MISSION_STATES), *MISSION_FROM_EMSI]
        raise Unreadable(f"« {word} » n'est pas un état de mission. Connus : {', '.join(known)}.")
    return said


def desk_item(
    heard: Heard, why: str, named: str, *, sender: Sender, radio: Mapping[int, str] = RADIO
) -> DeskItem:  # fmt: skip
    """Return what the desk keeps, with its line of the logbook; the name is quoted in neither."""
    item, said = sender.report_id, None
    if heard.word is not None:
        said = said_by(heard.word, radio=radio)
    return DeskItem(
        item=item,
        cry=said if said in CRIES else None,
        happened_at=heard.at.timestamp(),
        source=sender.source,
        author=sender.author,
        why=why,
        named=named[:120],
        body=heard.as_json(),
        entry=Entry(
            author=f"{sender.source}:{sender.author}",
            kind="desk.received",
            text=f"À placer : {_WHY[why]}",
            data={"item": item, "why": why, "source": sender.source},
            at=heard.at,
        ),
    )
