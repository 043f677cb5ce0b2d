"""The zone of an alert that is being drawn: what it is, how it was made, what an act makes of it.

Nothing here is trusted when it comes back from a browser: `read` judges it as if it were pasted.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dispatcher.alerts.drafting import union_of
from dispatcher.alerts.sketch import Sketch
from operator_ui.plan_shown import bounds_of
from plans.plan import Plan
from zones.area import ALERT_LIMITS, Area, Bounds
from zones.drawing import checked, joined, stray, taken_away
from zones.geojson import read_area, write_area
from zones.metres import MOST_MARGIN_M as ANY_MARGIN_M

STRAY_M = 2_000.0  # beyond the commune: a neighbour's bank may be in a zone, another town is not
MOST_MARGIN_M = 2_000.0
MOST_STEPS = 12
MOST_ABOUT = 200  # characters of what a step says about itself
_SIGNS = {"replace": "", "add": " + ", "take": " \u2212 "}

Op = Literal["replace", "add", "take"]
Tool = Literal[
    "sectors", "streets", "address", "circle", "corridor", "drawing", "margin", "commune"
]


class ZoneRefused(Exception):
    """A zone that is not taken: a French sentence of the catalogue, and its blanks."""

    def __init__(self, said: str, **about: object) -> None:
        super().__init__(said)
        self.said = said
        self.about = about


class Step(BaseModel):
    """One act that made the zone: shown, never trusted."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    op: Op
    tool: Tool
    about: Annotated[str, Field(max_length=MOST_ABOUT)] = ""
    metres: float | None = None


class _Back(BaseModel):
    """A proposal as its page sent it and as a browser sends it back."""

    model_config = ConfigDict(extra="ignore")

    area: dict[str, Any] | None = None
    sectors: tuple[Annotated[str, Field(max_length=64)], ...] = ()
    margin_m: Annotated[float, Field(ge=0, le=ANY_MARGIN_M, allow_inf_nan=False)] = 0.0
    whole: bool = False
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Made:
    """What one tool makes, before it is joined to the zone or taken from it."""

    step: Step
    area: Area
    sectors: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Zone:
    """A zone: the area drawn, else the union of its sectors; neither is no zone at all."""

    area: Area | None = None
    sectors: tuple[str, ...] = ()
    margin_m: float = 0.0
    whole: bool = False  # the whole commune, chosen as such
    steps: tuple[Step, ...] = field(default=())

    def ground(self, plan: Plan) -> Area | None:
        """Return where it lies, None where it has none: no zone never means everywhere."""
        known = tuple(one for one in self.sectors if one in {each.id for each in plan.sectors})
        if self.area is not None:
            return self.area
        return union_of(plan, known) if known else None

    def words(self, plan: Plan) -> str:
        """Say it shortly, as the rail of the alert does; empty where its sectors say it."""
        if self.whole:
            return f"toute la commune : {plan.commune.name}"
        if self.area is None:
            return ""
        said = [
            f"{_SIGNS[one.op] if at else ''}{one.about or 'tracé'}"
            for at, one in enumerate(self.steps)
            if one.tool != "margin"
        ]
        return "".join(said)[:MOST_ABOUT]

    def as_json(self) -> dict[str, Any]:
        """Return JSON-able values, for the ledger and for the form that keeps a proposal."""
        return {
            "area": write_area(self.area) if self.area else None,
            "sectors": list(self.sectors),
            "margin_m": self.margin_m,
            "whole": self.whole,
            "steps": [step.model_dump() for step in self.steps],
        }

    def changes(self, before: "Zone", plan: Plan) -> dict[str, object]:
        """Return what a sketch is told to change; the zone before it can be gone back to."""
        mine = self.as_json()
        drawn = {
            "words": self.words(plan),
            "whole": self.whole,
            "steps": mine["steps"],
            "before": before.as_json(),
        }
        return {
            "area": mine["area"],
            "sectors": self.sectors,
            "margin_m": self.margin_m,
            "drawn": drawn,
        }


def zone_of(sketch: Sketch) -> Zone:
    """Return the zone of a sketch as it stands; what is told of its making may be missing."""
    chosen = sketch.chosen
    kept = {"area": chosen.area, "sectors": chosen.sectors, "margin_m": chosen.margin_m}
    try:
        return zone_in({**chosen.drawn, **kept})
    except ZoneRefused:  # drafted elsewhere: shown without its history
        return zone_in(kept)


def before(sketch: Sketch) -> Zone | None:
    """Return the zone before the last change, None where there was none to go back to."""
    kept = sketch.chosen.drawn.get("before")
    return zone_in(kept) if isinstance(kept, Mapping) else None


def read(given: str, plan: Plan) -> Zone:
    """Read a proposal that a browser sends back. Raises ZoneRefused, AreaRefused or AreaFault."""
    if len(given) > 2 * ALERT_LIMITS.bytes:
        raise ZoneRefused("Le tracé est trop lourd : un mégaoctet au plus. Simplifiez-le.")
    try:
        zone = zone_in(json.loads(given))
    except (ValueError, RecursionError) as fault:
        raise ZoneRefused("La zone proposée n'a pas pu être relue : recommencez.") from fault
    known = {one.id for one in plan.sectors}
    if not set(zone.sectors) <= known:
        raise ZoneRefused("Un secteur choisi n'est plus dans le plan : choisissez de nouveau.")
    ground = zone.ground(plan)
    if ground is None:
        raise ZoneRefused("Il n'y a pas de zone : choisissez des secteurs, ou tracez-la.")
    own = plan.outline is not None and ground.digest() == plan.outline.digest()
    return replace(zone, whole=zone.whole and own)


def combined(zone: Zone, op: Op, made: Made, plan: Plan) -> Zone:
    """Return what an act makes of the zone. Raises ZoneRefused, AreaRefused or AreaFault."""
    ground = zone.ground(plan)
    if op == "take":
        return _taken(zone, ground, made, plan)
    if op == "replace" or ground is None:
        start = Zone(margin_m=zone.margin_m, steps=(made.step,), whole=made.whole)
        if made.sectors:
            return replace(start, sectors=made.sectors)
        return replace(start, area=checked(made.area))
    steps = (*zone.steps, made.step)[-MOST_STEPS:]
    sectors = tuple(dict.fromkeys((*zone.sectors, *made.sectors)))
    if zone.area is None and made.sectors:
        return replace(zone, sectors=sectors, steps=steps, whole=False)
    return replace(
        zone, area=joined([ground, made.area]), sectors=sectors, steps=steps, whole=False
    )


def _taken(zone: Zone, ground: Area | None, made: Made, plan: Plan) -> Zone:
    if ground is None:
        raise ZoneRefused("Il n'y a rien à retirer : l'alerte n'a pas encore de zone.")
    steps = (*zone.steps, made.step)[-MOST_STEPS:]
    left = tuple(one for one in zone.sectors if one not in made.sectors)
    if zone.area is None and made.sectors and left:
        return replace(zone, sectors=left, steps=steps, whole=False)
    area = taken_away(ground, made.area)
    return replace(zone, area=area, sectors=left, steps=steps, whole=False)


def check_place(zone: Zone, plan: Plan, *, bounds: Bounds | None) -> None:
    """Refuse a zone that leaves the commune: `bounds` are those of its addresses (SECURITY T6)."""
    ground, own = zone.ground(plan), bounds_of(plan)
    box = (own[0], own[1], own[2], own[3]) if own else bounds
    if ground is None or box is None:
        return
    if stray(ground, box, margin_m=STRAY_M):
        raise ZoneRefused(
            "La zone sort de la commune de plus de %(km)s km : est-ce le bon lieu, la longitude"
            " d'abord ?",
            km=f"{STRAY_M / 1000:g}",
        )


def zone_in(values: object) -> Zone:
    """Read a zone as it was kept or sent. Raises ZoneRefused, AreaRefused or AreaFault."""
    try:
        back = _Back.model_validate(values)
    except ValidationError as fault:
        raise ZoneRefused("La zone proposée n'a pas pu être relue : recommencez.") from fault
    area = read_area(json.dumps(back.area).encode()) if back.area is not None else None
    return Zone(area, back.sectors, back.margin_m, back.whole, back.steps[-MOST_STEPS:])
