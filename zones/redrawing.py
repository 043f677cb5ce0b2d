"""What another outline changes: ground, doors that enter or leave, what it shares with others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from zones.area import Area
from zones.drawing import hectares, shared_hectares
from zones.streets import Doors, by_street

MOST_OVERLAID = 50_000  # corners of two outlines together whose overlap is measured
SLIVER = 0.005  # of the smaller surface: neighbours drawn by hand cross by this much

Streets = tuple[tuple[str, tuple[str, ...]], ...]
"""Streets by name, each with the numbers that are meant."""


@dataclass(frozen=True)
class Shared:
    """Ground that lies in two sectors at once; `hectares` is None where it is not measured."""

    name: str
    hectares: float | None
    addresses: int


@dataclass(frozen=True)
class Redrawn:
    """What an outline becomes. `before_ha` is None for a new one.

    `outside_ha` is what lies beyond the commune, 0 where that is a sliver, None where it is not
    measured. `addresses` are those inside now.
    """

    before_ha: float | None
    after_ha: float
    addresses: int
    before_addresses: int
    entering: Streets
    leaving: Streets
    shared: tuple[Shared, ...]
    outside_ha: float | None
    moved: bool


def redrawn(
    doors: Doors,
    after: Area,
    *,
    before: Area | None,
    others: Mapping[str, Area],
    within: Area | None,
) -> Redrawn:
    """Compare an outline with the one before it, its neighbours by name, and its commune.

    Raises AreaFault outside the French territories.
    """
    now = doors.population.inside(after)
    was = doors.population.inside(before) if before else np.empty(0, dtype=np.int64)
    return Redrawn(
        before_ha=hectares(before) if before else None,
        after_ha=hectares(after),
        addresses=len(now),
        before_addresses=len(was),
        entering=by_street(doors, np.setdiff1d(now, was)),
        leaving=by_street(doors, np.setdiff1d(was, now)),
        shared=_shared(doors, after, now, others=others),
        outside_ha=_outside(after, within),
        moved=before is None or before.digest() != after.digest(),
    )


def simplest(area: Area, doors: Doors) -> Area:
    """Join pieces that overlap into one outline, unless an address would change sides by it.

    An outline of one piece can be changed by hand, and other programs read it; but a joined corner
    moves by a rounding, and who lives on the line comes first.
    """
    if len(area.polygons) == 1:
        return area
    pieces = shapely.get_parts(shapely.union_all(list(area.polygons))).tolist()
    if len(pieces) == len(area.polygons) or not all(one.is_valid for one in pieces):
        return area
    joined = Area.of(*pieces)
    same = np.array_equal(doors.population.inside(area), doors.population.inside(joined))
    return joined if same else area


def _shared(
    doors: Doors, area: Area, rows: NDArray[np.int64], *, others: Mapping[str, Area]
) -> tuple[Shared, ...]:
    found: list[Shared] = []
    for name, other in others.items():
        if not _boxes_meet(area.bounds, other.bounds):
            continue
        both = len(np.intersect1d(rows, doors.population.inside(other)))
        if area.vertices + other.vertices > MOST_OVERLAID:
            found.append(Shared(name, None, both))
            continue
        ground = shared_hectares(area, other)
        if both or ground > SLIVER * min(hectares(area), hectares(other)):
            found.append(Shared(name, ground, both))
    return tuple(found)


def _outside(area: Area, within: Area | None) -> float | None:
    if within is None or area.vertices + within.vertices > MOST_OVERLAID:
        return None
    whole = hectares(area)
    beyond = max(0.0, whole - shared_hectares(area, within))
    return beyond if beyond > SLIVER * whole else 0.0


def _boxes_meet(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
