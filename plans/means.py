"""What the commune owns or may borrow, and the cards that say how to act."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Resource:
    """A vehicle, a machine, a stock. `owner` is commune, epci, private or state."""

    id: str
    category: str
    label: str
    quantity: float = 1.0
    unit: str = "u"
    storage: str | None = None
    owner: str = "commune"
    agreement: str | None = None
    contact: str | None = None
    drivers: tuple[str, ...] = ()
    seats: int | None = None
    condition: str | None = None


@dataclass(frozen=True)
class CardStep:
    """One thing to do; `approval` is the role whose word is needed first."""

    number: int
    text: str
    cell: str | None = None
    resources: tuple[str, ...] = ()
    centre: str | None = None
    template: str | None = None
    approval: str | None = None
    duration_min: int | None = None
    priority: int | None = None


@dataclass(frozen=True)
class Card:
    """A card: short, one mission. `kind` is action, reflex or support."""

    id: str
    title: str
    kind: str = "action"
    version: str | None = None
    dated: date | None = None
    cells: tuple[str, ...] = ()
    trigger_level: str | None = None
    steps: tuple[CardStep, ...] = ()
