"""What an alert can ask of the homes that are kept, to compare those followed with those read."""

from shapely.geometry import box

from dispatcher.alerts.homes import Homes
from dispatcher.alerts.ordering import Source
from zones.area import Area, Place
from zones.danger import Danger

WEST, SOUTH, SIDE = 5.0, 47.0, 0.01  # of the town; degrees
TOWN = Area.of(box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE))
LEFT = Area.of(box(WEST, SOUTH, WEST + SIDE / 2, SOUTH + SIDE))
_DANGER = Source(Danger.at(Place(WEST, SOUTH)))

Seen = tuple[dict[str, float], dict[str, float], list[str], frozenset[str]]


def seen(homes: Homes) -> Seen:
    """Return who is in the town and in its left half, how far from a danger, and who is nowhere.

    Last, whom one finds of those asked for by their id.
    """
    somebody = homes.among(frozenset(homes.names.tolist()))
    everywhere = homes.persons_of(homes.unlocated) | homes.persons_of(homes.inside(_WORLD))
    return (
        _inside(homes, TOWN),
        _inside(homes, LEFT),
        sorted(homes.named(homes.persons_of(homes.unlocated))),
        frozenset(homes.named(somebody & everywhere)),
    )


_WORLD = Area.of(box(WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1))


def _inside(homes: Homes, area: Area) -> dict[str, float]:
    rows = homes.inside(area)
    here = homes.persons_of(rows)
    far = homes.nearest_m(rows, _DANGER)[here].tolist()
    return dict(sorted(zip(homes.named(here), far, strict=True)))
