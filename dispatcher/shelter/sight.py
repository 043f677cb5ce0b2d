"""The centres of an event as pages, tools and commands show them; where else to send people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotThere
from dispatcher.crisis.steps import find
from dispatcher.sentences import Sentence
from dispatcher.shelter.dangers import alerted, dangers_of, zones_of_event
from dispatcher.shelter.places import Places, main_places, places_of
from dispatcher.store import centre_counting, centres
from dispatcher.store.centres import CentreNow
from dispatcher.store.crises import Event
from dispatcher.store.event_areas import areas_in_force
from plans.ground import RECEPTION, Centre, CentreRules
from plans.plan import Plan
from zones.area import AreaFault, Place
from zones.danger import Danger


@dataclass(frozen=True)
class Fallback:
    """Where to send people instead: the plan's own, or the nearest; `free` where it is known."""

    centre_id: str
    label: str
    is_open: bool
    free: int | None
    distance_m: int | None = None


@dataclass(frozen=True)
class CentreSeen:
    """A centre of the plan, or one that was opened and that the plan has lost since."""

    centre_id: str
    label: str
    kind: str
    places: Mapping[str, Places]
    planned: Centre | None = None
    now: CentreNow | None = None
    named: int = 0  # people who are there and gave a name
    dangers: tuple[Sentence, ...] = ()
    fallback: Fallback | None = None
    rules: CentreRules = field(default_factory=CentreRules)

    @property
    def is_open(self) -> bool:
        """Whether it takes people in now."""
        return self.now is not None and self.now.is_open

    @property
    def place(self) -> Place | None:
        """Where it is, by the plan or by its address; None where nobody knows."""
        if self.planned is not None:
            return self.planned.place
        if self.now is None or self.now.lon is None or self.now.lat is None:
            return None
        return Place(self.now.lon, self.now.lat)

    @property
    def people(self) -> int:
        """How many are counted there."""
        return self.now.people if self.now else 0

    @property
    def most(self) -> int | None:
        """How many it takes in; None where nobody knows."""
        return main_places(self.places)

    @property
    def free(self) -> int | None:
        """How many places are left, below nothing where it is over."""
        return None if self.most is None else self.most - self.people

    @property
    def over(self) -> int:
        """How many people are there for whom there is no place."""
        return max(0, -(self.free or 0))

    @property
    def full(self) -> bool:
        """Whether nobody more has a place."""
        return self.free is not None and self.free <= 0

    @property
    def elsewhere(self) -> bool:
        """Whether people had better be sent elsewhere."""
        return self.full or bool(self.dangers)


@dataclass(frozen=True)
class Centres:
    """The centres of an event: those that are open first."""

    event: Event
    seen: Sequence[CentreSeen]

    def one(self, centre_id: str) -> CentreSeen:
        """Return a centre; raises NotThere."""
        for one in self.seen:
            if one.centre_id == centre_id:
                return one
        raise NotThere("Il n'y a pas de centre d'accueil « {centre} ».", centre=centre_id)

    @property
    def people(self) -> int:
        """How many are counted in all of them."""
        return sum(one.people for one in self.seen)


async def centres_seen(office: Office, event_id: str) -> Centres:
    """Gather what the centres of an event look like now; raises NotThere."""
    event = await find(office, event_id)
    plan = await _plan(office)
    now = {
        one.centre_id: one
        for one in await centres.centres_of(office.ledger, event.commune, event_id)
    }
    named = (await centre_counting.named_count(office.ledger, event.commune, event_id)).staying
    planned = {one.id: one for one in plan.centres if one.kind in RECEPTION} if plan else {}
    rules = plan.centre_rules if plan else CentreRules()
    found = [
        _seen(ident, planned.get(ident), now.get(ident), rules=rules, named=named.get(ident, 0))
        for ident in dict.fromkeys((*planned, *now))
    ]
    if plan is not None:
        areas = alerted(await areas_in_force(office.ledger, event.commune, event_id))
        zones = zones_of_event(plan, event.scenario)
        found = [
            replace(one, dangers=dangers_of(one.place, zones, areas, plan=plan)) for one in found
        ]
    told = [replace(one, fallback=_fallback(one, found)) for one in found]
    return Centres(event, sorted(told, key=lambda one: (not one.is_open, one.now is None)))


async def _plan(office: Office) -> Plan | None:
    try:
        return (await plan_in_force.in_force(office)).plan
    except NotThere:  # taken away since: what is open is shown all the same
        return None


def _seen(
    ident: str, centre: Centre | None, now: CentreNow | None, *, rules: CentreRules, named: int
) -> CentreSeen:
    label = centre.label if centre else now.label if now else ident
    places = places_of(centre, rules, now.adjusted if now else {})
    kind = centre.kind if centre else ""
    return CentreSeen(ident, label, kind, places, centre, now, named, rules=rules)


def _fallback(one: CentreSeen, found: Sequence[CentreSeen]) -> Fallback | None:
    """Return where to send people instead: the centre's own fallback, else the nearest open one.

    Where none is open, the nearest that the plan has. Never one that is full or in danger.
    """
    sound = [
        each
        for each in found
        if each.centre_id != one.centre_id and not each.dangers and not each.full and each.planned
    ]
    own = one.planned.fallback if one.planned else None
    first = [each for each in sound if each.centre_id == own]
    by_distance = sorted(sound, key=lambda each: (not each.is_open, _distance_m(one, each)))
    for each in (*first, *by_distance):
        far = _distance_m(one, each)
        distance = round(far) if np.isfinite(far) else None
        return Fallback(each.centre_id, each.label, each.is_open, each.free, distance)
    return None


def _distance_m(one: CentreSeen, other: CentreSeen) -> float:
    here, there = one.place, other.place
    if here is None or there is None:
        return float("inf")
    try:
        danger = Danger.at(here)
    except AreaFault:  # outside French territory: nobody's nearest
        return float("inf")
    return float(danger.distance_m(np.array([there.lon]), np.array([there.lat]))[0])
