"""The commune, its legal dates and the levels it ramps up through."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Epci:
    """The intercommunality the commune belongs to."""

    siren: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Commune:
    """A French commune. `department` is 2A, 2B or two or three digits; `timezone` an IANA name."""

    insee: str
    name: str
    department: str
    timezone: str
    population: int | None = None
    epci: Epci | None = None
    information_phone: str | None = None


@dataclass(frozen=True)
class Adoption:
    """The mayor's order (arrêté) that adopted the plan (L731-3 CSI)."""

    number: str | None = None
    signed_on: date | None = None
    signatory: str | None = None


@dataclass(frozen=True)
class Exercise:
    """The last exercise, or the real event that replaces it (D731-9 CSI)."""

    held_on: date
    kind: str | None = None
    theme: str | None = None
    real_event: bool = False


@dataclass(frozen=True)
class LegalDates:
    """The dates the law counts from; each may be unknown."""

    adoption: Adoption | None = None
    notified_on: date | None = None
    revised_on: date | None = None
    evaluated_on: date | None = None
    exercise: Exercise | None = None


@dataclass(frozen=True)
class Level:
    """A step of the ramp-up. `command_post` is closed, reduced or full; `order` grows with it."""

    code: str
    order: int
    label: str
    command_post: str = "closed"
