"""What may happen: hazards, scenarios, and the triggers that announce them."""

from dataclasses import dataclass

from zones.area import Place


@dataclass(frozen=True)
class Hazard:
    """A known risk. `speed` is slow or fast; `warning_min` the minutes before it strikes."""

    code: str
    label: str
    in_ddrm: bool = False
    ppr: str | None = None
    ppi: str | None = None
    speed: str | None = None
    warning_min: int | None = None


@dataclass(frozen=True)
class Trigger:
    """An observation that starts a scenario; its fields depend on `source` (DOMAIN §2.2)."""

    source: str
    label: str | None = None
    phenomenon: int | None = None
    colour_min: int | None = None
    code: str | None = None
    source_level_min: int | None = None
    quantity: str | None = None
    threshold: float | None = None
    unit: str | None = None
    level: str | None = None


@dataclass(frozen=True)
class Scenario:
    """An event the commune prepared: its ground, its cards, its words, its triggers.

    `center` is where the danger comes from, as the author marked it: nothing, one point, or
    the points of a line.
    """

    id: str
    label: str = ""  # the id, where none is written
    hazard: str | None = None
    sectors: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    center: tuple[Place, ...] = ()

    def __post_init__(self) -> None:
        """Name it by its id where it has no label."""
        if not self.label:
            object.__setattr__(self, "label", self.id)
