"""Whether a centre lies where the event strikes: in a hazard zone, or where its alerts hold.

Without a scenario nobody has said which hazard it is: every zone of the plan counts then. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from dispatcher.sentences import Sentence
from dispatcher.store.event_areas import AreaNow
from plans.ground import HazardZone
from plans.plan import Plan
from zones.area import Area, Place
from zones.geojson import read_area


@dataclass(frozen=True)
class Alerted:
    """Where an alert is in force."""

    title: str
    area: Area


def alerted(found: Iterable[AreaNow]) -> tuple[Alerted, ...]:
    """Return the areas of alerts as ground."""
    return tuple(Alerted(one.title, read_area(orjson.dumps(one.area))) for one in found)


def zones_of_event(plan: Plan, scenario: str | None) -> tuple[HazardZone, ...]:
    """Return the zones that an event's hazard reaches: all, where its hazard is not known."""
    hazards = {one.hazard for one in plan.scenarios if one.id == scenario}
    return tuple(one for one in plan.hazard_zones if not hazards or one.hazard in hazards)


def dangers_of(
    place: Place | None, zones: Sequence[HazardZone], alerts: Sequence[Alerted], *, plan: Plan
) -> tuple[Sentence, ...]:
    """Return in words what a centre lies in; nothing where it stands well, or nowhere known."""
    if place is None:
        return ()
    names = {one.code: one.label for one in plan.hazards}
    hazards = dict.fromkeys(one.hazard for one in zones if one.area.covers_place(place))
    in_zones = [
        Sentence("dans une zone de danger : {hazard}", hazard=names.get(code, code))
        for code in hazards
    ]
    in_alerts = [
        Sentence("dans la zone de l'alerte « {title} »", title=one.title)
        for one in alerts
        if one.area.covers_place(place)
    ]
    return (*in_zones, *in_alerts)
