"""People counted and refusals at a door, told from a team's phone.

A door of the mission's list is noted there; another is a note of the mission.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotSo
from dispatcher.store.field_reports import Filed
from dispatcher.store.logbook import Entry
from dispatcher.store.mission_doors import doors_in
from dispatcher.store.mission_rows import Mission
from dispatcher.store.team_links import TeamLink
from dispatcher.store.team_rows import team_rows
from dispatcher.teams.door_words import NewWords, new_words
from dispatcher.teams.doors import Knock, note_door
from dispatcher.teams.phone import file_one, happened, scene_of
from dispatcher.teams.reporting import Telling, report_of

RESULTS = {  # how a door was found; French as the logbook has it
    "found": "présents, restent",
    "evacuated": "évacués",
    "refused": "REFUS",
    "empty": "vide",
    "help": "BESOIN D'AIDE",
}
LONGEST_LABEL, MOST_PEOPLE = 120, 500


@dataclass(frozen=True)
class Door:
    """A door of a mission's list: its label, and what was found there; "" before."""

    door: str
    label: str
    result: str = ""
    people: int | None = None


@dataclass(frozen=True)
class DoorNote:
    """What was found at a door: which one, how, how many people, in which words, when.

    `ident` is the press's own id: the same one again changes nothing. `said` is the version of the
    alert whose words the phone showed, where those of the mission were not the newest.
    """

    ident: str
    door: str
    result: str
    people: int | None = None
    note: str = ""
    mission: str | None = None
    at: datetime | None = None
    said: str | None = None


@dataclass(frozen=True)
class DoorsOnPhone:
    """The doors of a mission, in the order of the walk, and the words that have changed since."""

    doors: tuple[Door, ...] = ()
    words: NewWords | None = None


async def doors_on_phone(office: Office, mission: Mission) -> DoorsOnPhone:
    """Return the doors of a mission's list without a name, and what is to be said there now."""
    rows = await doors_in(office.ledger, office.commune, mission.mission)
    doors = [Door(one.door, one.label, one.result or "", one.counted) for one in rows]
    return DoorsOnPhone(tuple(doors), await new_words(office, mission, rows))


async def note_from_phone(office: Office, link: TeamLink, noted: DoorNote) -> Filed:
    """Note what was found at a door: of the mission's list, or of another that the team knocks at.

    Raises NotSo where it has no label or result.
    """
    label = noted.door.strip()[:LONGEST_LABEL]
    if not label:
        raise NotSo("Écrivez l'adresse de la porte.")
    if noted.result not in RESULTS:
        raise NotSo("Dites ce que vous avez trouvé à cette porte.")
    if not 0 <= (noted.people or 0) <= MOST_PEOPLE:
        raise NotSo("Le nombre de personnes à une porte va de 0 à 500.")
    scene = await scene_of(office, link, noted.mission)
    if scene.mission is not None and (door := await _listed(office, scene.mission.mission, label)):
        at = happened(noted.at, link, now=office.clock())
        knock = Knock(door, noted.result, at, noted.people, noted.note, noted.said)
        await note_door(office, scene.mission.mission, knock, sender=scene.sender(noted.ident))
        row = (await team_rows(office.ledger, office.commune)).get(link.team)
        return Filed(row.state if row else None, applied=True)
    people = f", {noted.people} personne{'s' * (noted.people > 1)}" if noted.people else ""
    more = f". {noted.note.strip()}" if noted.note.strip() else ""
    said = f"Porte {label} : {RESULTS[noted.result]}{people}{more}"
    telling = Telling(
        at=happened(noted.at, link, now=office.clock()),
        said="urgent_message" if noted.result == "help" else "message",
        mission=scene.mission.mission if scene.mission else None,
        event=scene.event,
        note=said,
    )
    report = report_of(telling, scene.team, sender=scene.sender(noted.ident))
    return await file_one(office, report._replace(entry=_without_address(report.entry, noted)))


def _without_address(entry: Entry | None, noted: DoorNote) -> Entry | None:
    """Return the report's line as the logbook keeps it for good: what was found, not where."""
    if entry is None:
        return None
    name = entry.text.partition(" : ")[0]
    return replace(entry, text=f"{name} : porte hors liste, {RESULTS[noted.result]}")


async def _listed(office: Office, mission: str, label: str) -> str | None:
    """Return the door of the mission's list that a phone means, by its id or its label."""
    rows = await doors_in(office.ledger, office.commune, mission)
    meant = " ".join(label.split()).casefold()
    return next((one.door for one in rows if meant in (one.door, one.label.casefold())), None)
