"""Which of a few places an alert covers: those of one person, as its launch judged them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from dispatcher.alerts.audience import area_of
from zones.area import AreaRefused
from zones.population import Population


class Placed(Protocol):
    """Degrees, WGS 84; None where nobody knows."""

    @property
    def lon(self) -> float | None:
        """Return the longitude."""

    @property
    def lat(self) -> float | None:
        """Return the latitude."""


def covered(places: Sequence[Placed], content: Mapping[str, Any]) -> list[int]:
    """Return which places, by their rank, lie in an alert's area or within its margin.

    `content` is a version's. An alert of no area covers nobody's place.
    """
    known = [at for at, one in enumerate(places) if one.lon is not None and one.lat is not None]
    if not known:
        return []
    lon, lat = (np.array([getattr(places[at], axis) for at in known]) for axis in ("lon", "lat"))
    try:
        area = area_of(content["area"])
    except AreaRefused:
        return []
    people = Population.of([str(at) for at in known], lon.astype(float), lat.astype(float))
    inside = people.inside(area, margin_m=content.get("margin_m", 0.0))
    return sorted(int(people.ids[row]) for row in inside)
