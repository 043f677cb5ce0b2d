"""What is pressed on a team's phone: a fact, filed by the time at which it was pressed, once.

Nothing is refused for its order. What names a mission that is no longer the team's is kept as its
message: it is never lost, and moves nobody else's mission.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.store.field_intake import Incoming, take_in
from dispatcher.store.field_reports import Filed, Report
from dispatcher.store.mission_rows import Mission, mission_of
from dispatcher.store.partner_messages import Answer
from dispatcher.store.team_links import TeamLink, follow
from dispatcher.store.team_photos import Photo, Picture, keep_photo
from dispatcher.teams.reporting import LONGEST_NOTE, Sender, Telling, report_of
from dispatcher.teams.roster import KnownTeam, Roster, roster_of
from plans.missions import mission_state
from plans.teams import DEPARTURE, EVENTS, STATUS_CODES

SOURCE = "phone"
AT_WORK = ("en_route", "on_scene")  # whoever is, has begun the mission that it has
MISSION_ACTS = {  # what a team may say of its mission
    "mission_accepted": "accepted",
    "mission_in_progress": "in_progress",
    "mission_done": "done",
    "mission_failed": "failed",
}
FOLLOW_ON, FOLLOW_OFF, TRACK, POSITION, PHOTO = (
    "follow_on", "follow_off", "track", "position", "photo",
)  # fmt: skip
_OTHERS = (FOLLOW_ON, FOLLOW_OFF, TRACK, POSITION, PHOTO)
ACTS = frozenset((*STATUS_CODES, *EVENTS, *MISSION_ACTS, *_OTHERS))
MOST_PHOTO_BYTES = 1_500_000
_JPEG = b"\xff\xd8\xff"
_EXIF, _EXIF_WITHIN = b"Exif\x00\x00", 65_536


@dataclass(frozen=True)
class Press:
    """What was pressed: `ident` is the press's own id, `at` its instant by the phone, corrected.

    `mission` is the one that the page showed then; `lon` and `lat` are degrees, WGS 84.
    """

    ident: str
    act: str
    at: datetime | None = None
    mission: str | None = None
    note: str = ""
    strength: int | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    content: bytes = b""  # of a photo


@dataclass(frozen=True)
class Scene:
    """Who pressed, on what: the link, its team, the mission that is the team's, the crisis."""

    link: TeamLink
    team: KnownTeam
    mission: Mission | None
    event: str | None

    def goes_on(self, at: datetime) -> bool:
        """Tell whether the mission was not over yet: another phone may have ended it."""
        mission = self.mission
        if mission is None:
            return False
        return not (mission.is_over and mission.since <= at.timestamp())

    def sender(self, ident: str) -> Sender:
        """Return who reports: this link, under the press's own id."""
        return Sender(SOURCE, self.link.link, ident)


async def press(office: Office, link: TeamLink, pressed: Press) -> Filed:
    """Take what was pressed; the same press again changes nothing. Raises NotSo for no act.

    A place that is followed is kept for the mission for which the team switched it on, while that
    runs; any other of them is forgotten at once.
    """
    check(pressed)
    scene = await scene_of(office, link, pressed.mission)
    at = happened(pressed.at, link, now=office.clock())
    if pressed.act in (FOLLOW_ON, FOLLOW_OFF):
        return await _switch(office, scene, pressed, at=at)
    if pressed.act == TRACK and not _followed(scene):
        return Filed(state=None, applied=False)
    report = report_of(
        _telling(pressed, scene, at=at), scene.team, sender=scene.sender(pressed.ident)
    )
    return await file_one(office, report, picture=_picture(pressed, report, scene))


def check(pressed: Press) -> None:
    """Refuse what no page of ours sends. Raises NotSo."""
    if pressed.act not in ACTS:
        raise NotSo("Ce bouton n'existe pas : rechargez la page.")
    try:
        uuid.UUID(pressed.ident)
    except ValueError as no_uuid:
        raise NotSo("Cet envoi n'a pas de numéro : rechargez la page.") from no_uuid
    if pressed.act in (POSITION, TRACK) and (pressed.lon is None or pressed.lat is None):
        raise NotSo("La position manque.")
    if pressed.act == PHOTO:
        _check_photo(pressed.content)


def _check_photo(content: bytes) -> None:
    if not content.startswith(_JPEG):
        raise NotSo("Ce fichier n'est pas une photo JPEG.")
    if len(content) > MOST_PHOTO_BYTES:
        raise NotSo("La photo est trop lourde (1,5 Mo au plus).")


def happened(at: datetime | None, link: TeamLink, *, now: datetime) -> datetime:
    """Return when it was pressed: not before the link was made, nor after the present."""
    if at is None or at > now:
        return now
    return max(at, datetime.fromtimestamp(link.made_at, UTC))


async def scene_of(office: Office, link: TeamLink, mission: str | None) -> Scene:
    """Return the team of a link, and the mission named where it is this team's."""
    roster: Roster = await roster_of(office)
    team = roster.teams.get(link.team) or KnownTeam(link.team, link.team, "municipal")
    found = await mission_of(office.ledger, office.commune, mission) if mission else None
    if found is not None and found.team != link.team:
        found = None
    return Scene(link, team, found, (found.event if found else None) or link.event or roster.event)


def _telling(pressed: Press, scene: Scene, *, at: datetime) -> Telling:
    note = pressed.note.strip()[:LONGEST_NOTE]
    told = Telling(
        at=at,
        mission=scene.mission.mission if scene.mission else None,
        event=scene.event,
        note=note,
        lon=pressed.lon,
        lat=pressed.lat,
        accuracy_m=pressed.accuracy_m,
    )
    if pressed.act in STATUS_CODES:
        begun = pressed.act in AT_WORK and scene.goes_on(at)
        return told._replace(
            said=pressed.act,
            mission_said="in_progress" if begun else None,
            strength=pressed.strength if pressed.act == DEPARTURE else None,
        )
    if pressed.act in EVENTS:
        return told._replace(said=pressed.act)
    if pressed.act == PHOTO:
        return told._replace(said="message", note=f"Photo. {note}".strip())
    if pressed.act in MISSION_ACTS:
        return _of_mission(told, MISSION_ACTS[pressed.act], named=scene.mission is not None)
    return told


def _of_mission(told: Telling, state: str, *, named: bool) -> Telling:
    if named:
        return told._replace(mission_said=state)
    said = f"Mission {mission_state(state).fr}, qui n'est plus la sienne. {told.note}"
    return told._replace(said="message", note=said.strip())


def _followed(scene: Scene) -> bool:
    mission = scene.mission
    if mission is None or mission.is_over or scene.link.over:
        return False  # nobody is followed after the end: what comes late is forgotten
    return scene.link.follows == mission.mission


def _picture(pressed: Press, report: Report, scene: Scene) -> Picture | None:
    if pressed.act != PHOTO:
        return None
    about = Photo(
        photo=report.report_id,
        team=scene.team.team,
        mission=report.mission,
        event=report.event,
        link=scene.link.link,
        at=report.at,
        tells_more=int(_EXIF in pressed.content[:_EXIF_WITHIN]),
        note=pressed.note.strip()[:LONGEST_NOTE],
    )
    return Picture(about, pressed.content)


async def file_one(office: Office, report: Report, *, picture: Picture | None = None) -> Filed:
    """File a report, and the photo that it brings, in one transaction.

    Raises NotSo, and files nothing, where the photo's event is closed.
    """
    came: list[Filed] = []

    def answer(filed: Sequence[Filed]) -> Answer:
        came.extend(filed)
        return Answer(200, {})

    incoming = Incoming(office.commune, (report,), answer)

    def act(connection: Connection) -> None:
        take_in(connection, [incoming], key=office.logbook_key, ring=office.ledger.ring)
        if picture is not None and not keep_photo(connection, office.commune, picture):
            raise NotSo("L'événement est clos : la photo n'est pas gardée. Montrez-la à la mairie.")

    await office.ledger.write(act)
    return came[0]


async def _switch(office: Office, scene: Scene, pressed: Press, *, at: datetime) -> Filed:
    """Switch the following on for the mission that runs, or off; who switches is the team."""
    mission = scene.mission if pressed.act == FOLLOW_ON else None
    if mission is not None and (mission.is_over or scene.link.over):
        mission = None
    said = "suit sa position pendant sa mission" if mission else "ne suit plus sa position"
    line = office.line(
        f"{SOURCE}:{scene.link.link}",
        "team.following",
        f"{scene.team.call_sign} {said}",
        team=scene.team.team,
        pressed_at=at.isoformat(timespec="seconds"),
        **({"mission": mission.mission} if mission else {}),
        **({"event": scene.event} if scene.event else {}),
    )
    done = await follow(office.ledger, scene.link, mission.mission if mission else None, line=line)
    return Filed(state=None, applied=done)
