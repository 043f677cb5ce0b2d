"""The plan as the pages show it: the commune's name and clock, its layers, their tables."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import shapely

from dispatcher.alerts.plan_in_force import PlanInForce, in_force
from dispatcher.alerts.refusals import NotThere
from dispatcher.store import plans as kept_plans
from operator_ui.installation import Installation
from operator_ui.people_named import Person, people_named
from plans.alerting import MessageTemplate
from plans.plan import Plan
from plans.words import blanks_of, fill
from zones.area import Area, Place

LAYERS = (
    "commune",
    "fond",
    "zones",
    "secteurs",
    "secteurs-noms",
    "enjeux",
    "centres",
    "rassemblement",
)
GROUND = ("geo/riviere.geojson", "geo/rues.geojson")  # lines a plan may bring to find one's way
LINES = ("LineString", "MultiLineString")
METROPOLIS = ZoneInfo("Europe/Paris")

Feature = dict[str, Any]


@dataclass(frozen=True)
class CommuneShown:
    """How a commune is named, which clock it lives by, what it calls each function."""

    name: str
    zone: ZoneInfo
    function_names: Mapping[str, str] = field(default_factory=dict)


async def plan_of(held: Installation, commune: str) -> PlanInForce | None:
    """Return the commune's plan in force, None before the first one."""
    try:
        return await in_force(held.office(commune))
    except NotThere:
        return None


def cell_phone(plan: Plan) -> str:
    """Return the number at which a town hall is called in a crisis, "" where its plan has none."""
    return plan.commune.information_phone or plan.policy.caller_number or ""


async def commune_shown(held: Installation, commune: str) -> CommuneShown:
    """Return the commune's name and clock; before a plan, its code and the metropolis's."""
    current = await plan_of(held, commune) if commune else None
    if current is None:
        return CommuneShown(commune, METROPOLIS)
    plan = current.plan
    zone = ZoneInfo(plan.commune.timezone)
    return CommuneShown(plan.commune.name, zone, plan.function_names)


async def people_of(held: Installation, commune: str) -> Mapping[str, Person]:
    """Return whom a line of this commune may name, by the ids that stored lines have."""
    current = await plan_of(held, commune)
    return await people_named(held.ledger, commune, current.plan if current else None)


async def ground_of(held: Installation, commune: str) -> list[Feature]:
    """Return rivers and streets that the plan's folder brings beside its layers."""
    kept = await kept_plans.in_force(held.ledger, commune)
    files = kept.files if kept else {}
    found: list[Feature] = []
    for path in GROUND:
        try:
            document = json.loads(files.get(path, b"{}"))
            features = document.get("features", [])
            found += [_line(one) for one in features if one["geometry"]["type"] in LINES]
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # not ours to judge here: the map does without
    return found


def _line(feature: Mapping[str, Any]) -> Feature:
    told = feature.get("properties") or {}
    shown = {name: str(told.get(name, "")) for name in ("nom", "nature")}
    return _feature(feature["geometry"], **shown)


def layer_of(plan: Plan, name: str, *, unit: str) -> list[Feature]:
    """Return a layer of the plan as GeoJSON features with `id`, `nom` and `detail`.

    `unit` is the reader's short word for people. Raises KeyError for a layer that is not there.
    """

    def counted(people: int | None) -> str:
        return "" if people is None else f"{people} {unit}"

    made = {
        "commune": lambda: _areas([("commune", plan.commune.name, plan.outline, "")]),
        "secteurs": lambda: _areas(
            (one.id, one.name, one.area, counted(one.population)) for one in plan.sectors
        ),
        "secteurs-noms": lambda: _points(
            (one.id, one.name, _middle(one.area), counted(one.population)) for one in plan.sectors
        ),
        "zones": lambda: _areas(
            (one.id, _hazard_name(plan, one.hazard), one.area, one.intensity or "")
            for one in plan.hazard_zones
        ),
        "enjeux": lambda: _points(
            (one.id, one.name, one.place, counted(one.headcount)) for one in plan.assets
        ),
        "centres": lambda: _points(
            (one.id, one.label, one.place, counted(one.capacity)) for one in plan.centres
        ),
        "rassemblement": lambda: _points(
            (one.id, one.label, one.place, "") for one in plan.assembly_points
        ),
    }
    return made[name]()


def bounds_of(plan: Plan) -> list[float] | None:
    """Return west, south, east, north of what the plan draws; None where it draws nothing."""
    areas = [plan.outline] if plan.outline else [one.area for one in plan.sectors]
    boxes = [area.bounds for area in areas]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return [min(west), min(south), max(east), max(north)]


def heading_of(template: MessageTemplate) -> str:
    """Return what a message is about, its blanks as dots."""
    words = next(iter(template.texts.values()))
    heading = words.email_subject or words.sms or template.id
    return fill(heading, dict.fromkeys(blanks_of(heading), "…"))


def collection(features: Iterable[Feature]) -> Feature:
    """Return a GeoJSON FeatureCollection (RFC 7946)."""
    return {"type": "FeatureCollection", "features": list(features)}


def area_feature(geometry: Mapping[str, Any], title: str) -> Feature:
    """Return the zone of an alert as a feature."""
    return _feature(geometry, id="alerte", nom=title, detail="")


def _areas(drawn: Iterable[tuple[str, str, Area | None, str]]) -> list[Feature]:
    return [
        _feature(json.loads(shapely.to_geojson(area.geometry)), id=ident, nom=name, detail=detail)
        for ident, name, area, detail in drawn
        if area is not None
    ]


def _middle(area: Area) -> Place:
    """Return where a name lies best: the centre of the largest circle that fits in an area.

    One point for a sector: a map cut into tiles would write the name of an area once in each.
    """
    radius = shapely.maximum_inscribed_circle(area.geometry)
    lon, lat = radius.coords[0]
    return Place(lon, lat)


def _points(drawn: Iterable[tuple[str, str, Place | None, str]]) -> list[Feature]:
    return [
        _feature(
            {"type": "Point", "coordinates": [place.lon, place.lat]},
            id=ident, nom=name, detail=detail,
        )
        for ident, name, place, detail in drawn
        if place is not None
    ]  # fmt: skip


def _feature(geometry: Mapping[str, Any], **told: str) -> Feature:
    return {"type": "Feature", "properties": told, "geometry": geometry}


def _hazard_name(plan: Plan, code: str) -> str:
    return next((hazard.label for hazard in plan.hazards if hazard.code == code), code)
