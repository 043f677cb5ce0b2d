"""Doors along a street, in the order in which a team walks; what a door comes to, by event time."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

_FIGURE = re.compile(r"\d+")
DOOR_RESULTS = MappingProxyType(
    {  # what a team finds: as it is told in French and in English
        "found": ("prévenus", "told"),
        "evacuated": ("partis", "left"),
        "refused": ("refus de partir", "refuse to leave"),
        "empty": ("personne", "nobody there"),
        "help": ("aide demandée", "help needed"),
    }
)
TOLD_AS = MappingProxyType(
    {  # what that says of the people behind it, on the list of those whom no message reached
        "found": "at_door",
        "evacuated": "at_door",
        "refused": "at_door",
        "empty": "absent",
        "help": "at_door",
    }
)
Mark = tuple[float, str]  # when it was found, and the report's id


@dataclass(frozen=True)
class DoorFact:
    """What was found at a door: when (epoch seconds), by which report, the result, how many."""

    at: float
    report_id: str
    result: str
    counted: int | None = None
    note: str = ""

    @property
    def mark(self) -> Mark:
        """Its place among the others."""
        return (self.at, self.report_id)


def door_now(facts: Iterable[DoorFact]) -> DoorFact | None:
    """Return what a door comes to: its latest fact, in whatever order they came in."""
    return max(facts, key=lambda one: one.mark, default=None)


def along(street: str, number: str) -> tuple[object, ...]:
    """Return the place of a door on the way: the odd side up, the even side back, street by street.

    What has no number comes last of its street.
    """
    figure = _FIGURE.search(number)
    name = (not street, street.casefold())
    if figure is None:
        return (*name, 2, 0, number.casefold())
    value = int(figure[0])
    if value % 2:
        return (*name, 0, value, number.casefold())
    return (*name, 1, -value, number.casefold())
