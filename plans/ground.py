"""What the plan draws on the map: sectors, hazard zones, assets at stake, centres."""

from dataclasses import dataclass

from zones.area import Area, Place

PEOPLE_PER_UNIT = 50
"""A reception centre is counted in units of 50 people (guide of the Lot prefecture)."""

RECEPTION = ("CARE", "CAI", "CEHU", "CEHI")
"""Kinds of centres that receive people; the others are command posts."""

SENSITIVE_KINDS = ("ecole", "creche", "ehpad")
"""Assets whose people cannot leave by themselves: alerted first (PCS guide 2005, sheet 14)."""


@dataclass(frozen=True)
class Sector:
    """A part of the commune that is alerted or evacuated as one. Priority 1 comes first."""

    id: str
    name: str
    area: Area
    population: int | None = None
    households: int | None = None
    vulnerable: int | None = None
    seasonal: int | None = None
    priority: int = 9
    assembly_point: str | None = None
    route: tuple[Place, ...] = ()


@dataclass(frozen=True)
class HazardZone:
    """Ground that a hazard reaches; `depth_m` is the height of water where it is a flood."""

    id: str
    hazard: str
    area: Area
    intensity: str | None = None
    depth_m: float | None = None
    source: str | None = None


@dataclass(frozen=True)
class Asset:
    """An asset at stake: school, care home, camp site… `kind` is the commune's French word."""

    id: str
    kind: str
    name: str
    place: Place
    headcount: int | None = None
    staff: int | None = None
    autonomy: str | None = None
    contact: str | None = None
    priority: int = 9

    @property
    def sensitive(self) -> bool:
        """Whether its people cannot leave by themselves."""
        return self.kind in SENSITIVE_KINDS


@dataclass(frozen=True)
class Centre:
    """A command post, its fall-back, or a place that receives people (CARE, CAI, CEHU)."""

    id: str
    kind: str
    label: str = ""  # the id, where none is written
    place: Place | None = None
    surface_m2: float | None = None
    capacity: int | None = None
    beds: int | None = None
    meals: int | None = None
    heating: bool | None = None
    kitchen: bool | None = None
    generator: bool | None = None
    keys: str | None = None
    safe_from: tuple[str, ...] = ()
    fallback: str | None = None
    lead: str | None = None

    def __post_init__(self) -> None:
        """Name it by its id where it has no label."""
        if not self.label:
            object.__setattr__(self, "label", self.id)

    @property
    def units(self) -> int:
        """How many units of 50 people it takes in."""
        return (self.capacity or 0) // PEOPLE_PER_UNIT


@dataclass(frozen=True)
class CentreRules:
    """How a reception centre is counted: square metres a person, people a unit."""

    surface_m2: float = 4.0
    unit: int = PEOPLE_PER_UNIT


@dataclass(frozen=True)
class AssemblyPoint:
    """Where the people of some sectors gather before they are taken to a centre."""

    id: str
    label: str
    place: Place
    sectors: tuple[str, ...] = ()
