"""The sensitive sites inside an area: schools, homes, camp sites, and whether somebody answers."""

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from dispatcher.alerts.audience import area_of, site_person
from dispatcher.delivery.content import Content
from plans.ground import SENSITIVE_KINDS
from plans.plan import Plan
from zones.population import Population

SITE_PERSON = site_person("")  # begins the id of whoever answers for a site


@dataclass(frozen=True)
class SiteInside:
    """A sensitive site of the plan; `warned` says whether its contact is among those it goes to.

    `people` is None where the plan does not say how many they are.
    """

    id: str
    kind: str
    name: str
    people: int | None
    warned: bool


def sites_inside(plan: Plan, content: Content, *, audience: Set[str]) -> tuple[SiteInside, ...]:
    """Return the sensitive sites inside an alert's area, in the plan's order of priority."""
    sites = [asset for asset in plan.assets if asset.kind in SENSITIVE_KINDS]
    lon = np.array([site.place.lon for site in sites], dtype=np.float64)
    lat = np.array([site.place.lat for site in sites], dtype=np.float64)
    rows = Population.of([site.id for site in sites], lon, lat).inside(
        area_of(content.area), margin_m=content.margin_m
    )
    found = sorted((sites[row] for row in rows), key=lambda site: (site.priority, site.name))
    known = {contact.id for contact in plan.contacts}
    return tuple(
        SiteInside(
            site.id,
            site.kind,
            site.name,
            site.headcount,
            warned=site.contact in known and site_person(site.id) in audience,
        )
        for site in found
    )
