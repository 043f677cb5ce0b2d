"""Who of an audience is warned first: sensitive sites, who asked to be, then the nearest to danger.

The order is data of the launch: it becomes the positions of the deliveries, over all blocks.
"""

from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from plans.plan import Plan
from zones.area import Area, AreaFault, AreaRefused
from zones.danger import Danger
from zones.metres import distance_m

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

SITE, ASKED, OTHER = 0, 1, 2  # who goes first, whatever the distance

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Source:
    """What distances are measured to: the mark of the author, else the hazard's zone, else nothing.

    Without either everybody is at the same distance, and the plan's own order holds.
    """

    danger: Danger | None = None
    zone: Area | None = None

    def distance_m(self, lon: Floats, lat: Floats) -> Floats:
        """Metres from each home; the order never stops a launch, so a zone abroad is no source."""
        if self.danger is not None:
            return self.danger.distance_m(lon, lat)
        if self.zone is None:
            return np.zeros(len(lon))
        try:
            return np.nan_to_num(distance_m(self.zone, lon, lat), nan=np.inf)
        except (AreaFault, AreaRefused) as fault:
            log.warning("audience.zone_not_measured", error=type(fault).__name__)
            return np.zeros(len(lon))


NOWHERE = Source()


def source_of(plan: Plan, *, danger: Danger | None, scenario: str | None) -> Source:
    """Return what an alert's distances are measured to."""
    if danger is not None or scenario is None:
        return Source(danger)
    hazards = {one.hazard for one in plan.scenarios if one.id == scenario and one.hazard}
    zones = [zone.area for zone in plan.hazard_zones if zone.hazard in hazards]
    return Source(zone=zones[0].union(*zones[1:]) if zones else None)


def in_order(group: Whole, distance: Floats, rank: Whole) -> NDArray[np.intp]:
    """Return the rows by group, then nearest first, then by the plan's rank, then as they stand."""
    return np.lexsort((rank, distance, group))
