"""Doors of a mission read with names: by who may, each time with a line of the logbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dispatcher.access.permissions import allowed
from dispatcher.alerts import plan_in_force
from dispatcher.alerts.local_hour import local_hour
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotThere
from dispatcher.logbook.cells import table
from dispatcher.store import logbook
from dispatcher.store.mission_rows import Mission
from dispatcher.teams.door_words import NewWords, new_words
from dispatcher.teams.doors import DoorShown, doors_of
from dispatcher.teams.ordering import find_mission
from dispatcher.teams.sight import doors_seen, mission_seen
from plans.doors import DOOR_RESULTS

NAMES = ("alert.unreached", "residents.read")  # one of them is enough to read who lives there
COLUMNS = (
    "ordre", "adresse", "rue", "personnes_inscrites", "noms", "a_savoir", "joints_depuis",
    "resultat", "personnes_comptees", "note", "heure",
)  # fmt: skip
_NEEDS = {
    "help_asked": "a demandé de l'aide",
    "help_to_leave": "aide pour partir",
    "warn_first": "à prévenir en premier",
}


@dataclass(frozen=True)
class DoorsRead:
    """A mission's doors as somebody reads them; `named`: she may read who lives there.

    `words` are those of the alert now, where they have changed since the mission was made.
    """

    mission: Mission
    doors: Sequence[DoorShown]
    named: bool
    words: NewWords | None = None


async def read_doors(office: Office, mission: str, *, actor: Actor, form: str) -> DoorsRead:
    """Return the doors as she may see them; where names are read, a line of the logbook says so."""
    found = await find_mission(office, mission)
    doors = doors_seen(await doors_of(office, mission), actor.function)
    named = any(allowed(actor.function, one) for one in NAMES)
    people = sum(len(one.people) for one in doors)
    if named and people:
        line = office.line(
            actor.login, "mission.doors_read", "Liste de porte-à-porte lue avec les noms",
            mission=mission, event=found.event, people=people, form=form,
        )  # fmt: skip
        await logbook.write(office.ledger, commune=office.commune, entry=line.entry, key=line.key)
    words = await new_words(office, found, [one.row for one in doors])
    return DoorsRead(mission_seen(found, actor.function), doors, named, words)


async def paper(office: Office, read: DoorsRead) -> str:
    """Return the list as a spreadsheet opens it: for a team that has no phone."""
    zone = ZoneInfo(await _zone(office))
    return table(COLUMNS, [_cells(one, zone, named=read.named) for one in read.doors])


def _cells(one: DoorShown, zone: ZoneInfo, *, named: bool) -> tuple[str, ...]:
    row = one.row
    names = " | ".join(each.name for each in one.people) if named else ""
    return (
        str(row.place + 1),
        row.label,
        row.street,
        str(len(row.people)),
        names,
        " | ".join(_NEEDS[need] for need in one.needs),
        str(one.reached),
        DOOR_RESULTS[row.result][0] if row.result else "",
        "" if row.counted is None else str(row.counted),
        row.note,
        "" if row.at is None else local_hour(datetime.fromtimestamp(row.at, UTC), zone),
    )


async def _zone(office: Office) -> str:
    try:
        return (await plan_in_force.in_force(office)).plan.commune.timezone
    except NotThere:
        return "Europe/Paris"
