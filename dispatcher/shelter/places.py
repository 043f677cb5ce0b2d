"""How many people a centre takes in, by purpose: declared, else counted from its surface.

One person for 4 m², counted in units of 50, apart for reception, lodging and meals (guide of the
Lot prefecture, DOMAIN §1.5); the plan's own rules where it has some. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatcher.store.centres import PURPOSES
from plans.ground import Centre, CentreRules

UNADJUSTED: Mapping[str, int | None] = dict.fromkeys(PURPOSES)


@dataclass(frozen=True)
class Places:
    """Places of one purpose; `adjusted` where somebody changed them for the event."""

    places: int | None
    unit: int
    adjusted: bool = False

    @property
    def units(self) -> int:
        """How many whole units of people it is."""
        return (self.places or 0) // self.unit

    def free(self, people: int) -> int | None:
        """How many places are left, fewer than none where it is over; None where none is known."""
        return None if self.places is None else self.places - people


def places_of(
    centre: Centre | None, rules: CentreRules, adjusted: Mapping[str, int | None] = UNADJUSTED
) -> Mapping[str, Places]:
    """Return the places of a centre by purpose; one that the plan lost has what was adjusted."""
    declared: dict[str, int | None] = {"reception": None, "lodging": None, "meals": None}
    by_surface = None
    if centre is not None:
        declared = {"reception": centre.capacity, "lodging": centre.beds, "meals": centre.meals}
        by_surface = counted(centre.surface_m2, rules)
    found = {}
    for purpose in PURPOSES:
        own = declared[purpose]
        planned = by_surface if own is None else own
        given = adjusted.get(purpose)
        found[purpose] = Places(planned if given is None else given, rules.unit, given is not None)
    return found


def counted(surface_m2: float | None, rules: CentreRules) -> int | None:
    """Return how many people a surface takes in; None where nobody measured it."""
    return None if surface_m2 is None else int(surface_m2 / rules.surface_m2)


def main_places(places: Mapping[str, Places]) -> int | None:
    """Return the figure above which a centre is too full: reception, else lodging."""
    reception = places["reception"].places
    return places["lodging"].places if reception is None else reception
