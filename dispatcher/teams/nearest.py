"""Which available teams are nearest to a place: as the crow flies, and said so.

Metres are those of the metric grid in force there. The time is that of a straight line at a stated
speed: no road, no river, no flood is in it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dispatcher.teams.board import TeamShown
from zones.area import Place
from zones.metres import grid_for
from zones.reprojection import to_grid

FREE = ("available", "available_on_scene", "returning")
SPEED_KMH = 30.0
MOST = 10


@dataclass(frozen=True)
class Near:
    """A team that is free, how far it is in metres, and how long that takes straight there."""

    team: TeamShown
    metres: float
    eta_s: float


def nearest(
    teams: Iterable[TeamShown], to: Place, *, speed_kmh: float = SPEED_KMH, most: int = MOST
) -> list[Near]:
    """Return the free teams whose place is known and who have no mission, the nearest first.

    Raises AreaFault (AreaRefused) for a place outside the French territories.
    """
    grid = grid_for(to.lon, to.lat)
    free = [
        (one, one.row.lon, one.row.lat)
        for one in teams
        if one.row is not None and one.mission is None and one.state in FREE
        if one.row.lon is not None and one.row.lat is not None
    ]
    spots = np.array([(to.lon, to.lat), *((lon, lat) for _, lon, lat in free)], dtype=np.float64)
    metric = to_grid(spots, grid)
    far = np.hypot(*(metric[1:] - metric[0]).T)
    found = [
        Near(one, float(metres), float(metres) / (speed_kmh / 3.6))
        for (one, _, _), metres in zip(free, far, strict=True)
        if math.isfinite(metres)
    ]
    return sorted(found, key=lambda one: (one.metres, one.team.team))[:most]
