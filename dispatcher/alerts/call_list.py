"""The call list of an alert: the unreached by sector, street and number, ready for a team.

In each sector those who asked for help come first. The list leaves the house only to who may read
it, and each time a line of the logbook says so, without a name in it.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.audience import site_person
from dispatcher.alerts.life import find, instant, newest_launched
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotThere
from dispatcher.store import logbook
from dispatcher.store.call_list import HELP, Missed, missed
from dispatcher.store.versions import Version
from plans.plan import Plan
from zones.area import Place
from zones.population import Population

NOWHERE = "~"  # after every name: what has no sector, street or number is not forgotten
_NUMBERED = re.compile(r"^(\d+)\s*((?:bis|ter|quater|[a-z])\b)?[\s,]*(.*)$", re.IGNORECASE)


@dataclass(frozen=True)
class Attempted:
    """What was tried: by which medium, when, and how it ended."""

    medium: str
    contact: str
    at: datetime | None
    state: str
    reason: str | None


@dataclass(frozen=True)
class ToCall:
    """A line of the list; `left_out` says of each medium that was not tried why."""

    sector: str
    street: str
    number: str
    address: str
    name: str
    language: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    reason: str
    tried: tuple[Attempted, ...]
    left_out: tuple[str, ...]
    help_asked: bool
    warn_first: bool
    help_to_leave: bool
    person_id: str = ""
    lon: float | None = None
    lat: float | None = None

    @property
    def order(self) -> tuple[object, ...]:
        """Return the place of the line: sector, help asked, street, number."""
        figure = re.match(r"\d+", self.number)
        return (
            self.sector or NOWHERE,
            not self.help_asked,
            self.street.lower() or NOWHERE,
            int(figure[0]) if figure else 0,
            self.number.lower(),
            self.name,
        )


@dataclass(frozen=True)
class CallList:
    """The lines of an alert's list, in order, with the zone of its hours."""

    alert: str
    timezone: str
    lines: Sequence[ToCall]
    version_id: str = ""

    def as_json(self) -> dict[str, object]:
        """Return it for tools: codes, instants in UTC."""
        return {
            "alert": self.alert,
            "people": len(self.lines),
            "unreached": [
                {
                    **asdict(line),
                    "tried": [
                        {**asdict(one), "at": one.at and one.at.isoformat(timespec="seconds")}
                        for one in line.tried
                    ],
                }
                for line in self.lines
            ],
        }


async def call_list(office: Office, alert_id: str, *, actor: Actor, form: str) -> CallList:
    """Return whom an alert did not reach, and note who took the list out, in which form.

    Raises NotThere.
    """
    version = await newest_launched(office, alert_id) or await find(office, alert_id)
    found = await missed(office.ledger, office.commune, version.version_id)
    plan = await _plan(office)
    lines = await asyncio.to_thread(_in_order, found, plan)  # seconds for hundreds of thousands
    line = office.line(
        actor.login, "alert.unreached_exported", "Liste des personnes non jointes sortie",
        alert=alert_id, version=version.version_id, people=len(lines), form=form,
    )  # fmt: skip
    await logbook.write(office.ledger, commune=office.commune, entry=line.entry, key=line.key)
    timezone = plan.commune.timezone if plan else "Europe/Paris"
    return CallList(alert_id, timezone, lines, version.version_id)


async def placed_list(office: Office, version: Version) -> list[ToCall]:
    """Return the lines of a version's list for a mission: what is made of them has its own line."""
    found = await missed(office.ledger, office.commune, version.version_id)
    return await asyncio.to_thread(_in_order, found, await _plan(office))


def _in_order(found: Sequence[Missed], plan: Plan | None) -> list[ToCall]:
    places = [_place(one, plan) for one in found]
    sectors = _sectors(places, plan)
    lines = [
        _line(one, sector, place) for one, sector, place in zip(found, sectors, places, strict=True)
    ]
    return sorted(lines, key=lambda one: one.order)


async def _plan(office: Office) -> Plan | None:
    try:
        return (await plan_in_force.in_force(office)).plan
    except NotThere:
        return None


def _place(one: Missed, plan: Plan | None) -> Place | None:
    """Return where to go: her first home with a place, or the site that she answers for."""
    for door in one.doors:
        if door.lon is not None and door.lat is not None:
            return Place(lon=door.lon, lat=door.lat)
    sites: Mapping[str, Place] = {site_person(a.id): a.place for a in plan.assets} if plan else {}
    return sites.get(one.person_id)


def _sectors(places: Sequence[Place | None], plan: Plan | None) -> list[str]:
    """Return the name of the sector of each place; empty outside all, and where there is none."""
    lon = np.array([place.lon if place else np.nan for place in places], dtype=np.float64)
    lat = np.array([place.lat if place else np.nan for place in places], dtype=np.float64)
    where = Population.of([""] * len(places), lon, lat)
    names = [""] * len(places)
    for sector in plan.sectors if plan else ():
        for row in where.inside(sector.area):
            names[row] = names[row] or sector.name
    return names


def _line(one: Missed, sector: str, place: Place | None) -> ToCall:
    person, door = one.person, (one.doors[0] if one.doors else None)
    label = door.label if door else ""
    number, street = split_label(label)
    ways = person.contacts if person else ()
    return ToCall(
        person_id=one.person_id,
        lon=place.lon if place else None,
        lat=place.lat if place else None,
        sector=sector,
        street=(door.street if door else None) or street,
        number=number,
        address=label,
        name=person.name if person else "",
        language=person.language if person else "",
        phones=tuple(dict.fromkeys(w.value for w in ways if w.kind in ("mobile", "fixed"))),
        emails=tuple(way.value for way in ways if way.kind == "email"),
        reason=one.reason,
        tried=tuple(
            Attempted(t.medium, t.contact, instant(t.at), t.state, t.reason) for t in one.tried
        ),
        left_out=tuple(one.left_out.split()),
        help_asked=one.reason == HELP,
        warn_first=bool(person and person.warn_first),
        help_to_leave=bool(person and person.help_to_leave),
    )


def split_label(label: str) -> tuple[str, str]:
    """Cut "12 bis Rue Basse, 2e étage" into number and street; a place name has no number."""
    found = _NUMBERED.match(label)
    if found is None:
        return "", label.partition(",")[0].strip()
    number = " ".join(part for part in found.groups()[:2] if part)
    return number, found[3].partition(",")[0].strip()
