"""Doors that a team knocks at: what was found there, how many people, who refuses to leave.

The list holds labels and ids. What is found flows back to the list of those whom no message
reached; a refusal is recorded by its address, with the mission; help needed is a call for help, so
that it sounds, is rung for and has an owner until somebody ended it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotSo, NotThere
from dispatcher.store import mission_doors
from dispatcher.store.door_people import BehindDoor, behind_doors
from dispatcher.store.help_cries import DoorCry
from dispatcher.store.logbook import Entry
from dispatcher.store.mission_doors import DoorResult, DoorRow, Noted, doors_in, results_of
from dispatcher.store.mission_rows import Mission
from dispatcher.store.versions import Chained
from dispatcher.teams.door_words import STREET, new_words
from dispatcher.teams.ordering import find_mission
from dispatcher.teams.reporting import LONGEST_NOTE, Sender
from plans.doors import DOOR_RESULTS

MOST_COUNTED = 500  # behind one door: a building, not a town


@dataclass(frozen=True)
class Knock:
    """What was found at a door: result (`plans/doors.py`), people there, note; `at` is aware.

    `said` is the version of the alert whose words were said; without it, the mission's own.
    """

    door: str
    result: str
    at: datetime
    counted: int | None = None
    note: str = ""
    said: str | None = None


@dataclass(frozen=True)
class DoorShown:
    """A door with who is behind it now, and all that was found there, the newest first.

    `people` have names: for those alone who may read them. `reached` of them answered, or were
    told by somebody else, since the mission was made.
    """

    row: DoorRow
    people: tuple[BehindDoor, ...]
    history: tuple[DoorResult, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        """Return what a team has to know before it knocks, without saying of whom."""
        asked = any(one.answered == "help" for one in self.people)
        leave = any(one.help_to_leave for one in self.people)
        first = any(one.warn_first for one in self.people)
        named = (("help_asked", asked), ("help_to_leave", leave), ("warn_first", first))
        return tuple(name for name, is_so in named if is_so)

    @property
    def reached(self) -> int:
        """Count those behind it who said that they understood, or whom somebody telephoned."""
        return sum(one.answered == "understood" or one.told == "phoned" for one in self.people)


async def doors_of(office: Office, mission: str) -> list[DoorShown]:
    """Return the doors of a mission in the order of the walk, as they stand now."""
    rows = await doors_in(office.ledger, office.commune, mission)
    history = await results_of(office.ledger, office.commune, mission)
    known = await _behind(office, rows)
    return [
        DoorShown(
            row,
            tuple(known[one] for one in row.people if one in known),
            tuple(one for one in history if one.door == row.door),
        )
        for row in rows
    ]


async def _behind(office: Office, rows: Sequence[DoorRow]) -> Mapping[str, BehindDoor]:
    ids = [one for row in rows for one in row.people]
    version = next((row.version_id for row in rows if row.version_id), None)
    return await behind_doors(office.ledger, office.commune, version, ids)


async def note_door(office: Office, mission: str, knock: Knock, *, sender: Sender) -> DoorRow:
    """Keep what was found at a door, and return what the door comes to now.

    A fact: the latest by its time counts, an earlier one that comes late is kept beside it, the
    same one told again changes nothing. Raises NotThere, and NotSo for what is no result.
    """
    found = await find_mission(office, mission)
    rows = {one.door: one for one in await doors_in(office.ledger, office.commune, mission)}
    row = rows.get(knock.door)
    if row is None:
        raise NotThere("Cette porte n'est pas dans la mission.")
    _check(knock)
    told = DoorResult(
        report_id=sender.report_id,
        mission=mission,
        door=knock.door,
        result=knock.result,
        counted=knock.counted,
        note=knock.note.strip()[:LONGEST_NOTE],
        at=min(knock.at, office.clock()).timestamp(),
        source=sender.source,
        author=sender.author,
    )
    cry = _cry(found, told) if knock.result == "help" else None
    words = await new_words(office, found, [row]) if knock.said else None
    said = words.version if words and words.version == knock.said else None
    line = _line(office, found, told, row=row)
    noted = Noted(told, cry, said)
    await mission_doors.note(office.ledger, office.commune, noted, line=line)
    again = await doors_in(office.ledger, office.commune, mission)
    return next(one for one in again if one.door == knock.door)


def _check(knock: Knock) -> None:
    if knock.result not in DOOR_RESULTS:
        raise NotSo(
            "« {result} » n'est pas un résultat de porte : {known}.",
            result=knock.result, known=", ".join(DOOR_RESULTS),
        )  # fmt: skip
    if knock.counted is not None and not 0 <= knock.counted <= MOST_COUNTED:
        raise NotSo("Comptez de 0 à {most} personnes à une porte.", most=MOST_COUNTED)


def _cry(mission: Mission, told: DoorResult) -> DoorCry:
    alert = mission.origin_ref if mission.origin == STREET else ""
    return DoorCry(alert, mission.mode, mission.mission, told.door, told.report_id)


def _line(office: Office, mission: Mission, told: DoorResult, *, row: DoorRow) -> Chained:
    """Tell it in the logbook: the door by its id, people by theirs; the address stays outside."""
    said = DOOR_RESULTS[told.result][0]
    many = f", {told.counted} personne(s)" if told.counted is not None else ""
    data = {
        "mission": mission.mission,
        "team": mission.team,
        "event": mission.event,
        "door": told.door,
        "result": told.result,
        "counted": told.counted,
        "people": list(row.people),
        "report": told.report_id,
        "source": told.source,
    }
    entry = Entry(
        author=f"{told.source}:{told.author}",
        kind=f"door.{told.result}",
        text=f"Porte {row.place + 1} : {said}{many}",
        data={name: value for name, value in data.items() if value is not None},
        at=min(office.clock(), _instant(told.at)),
    )
    return Chained(entry, office.logbook_key)


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
