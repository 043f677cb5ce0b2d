"""Checks of the ground: sectors in the commune and apart, centres safe and large enough."""

import shapely
from shapely.geometry import MultiPolygon

from plans import check_sentences as say
from plans.case import Case
from plans.faults import Spot
from plans.ground import Centre, HazardZone, Sector

SECTORS_FILE = "geo/secteurs.geojson"
OUTLINE_FILE = "geo/commune.geojson"

# Overlays of outlines cost more than their points count: beyond this many, they are not tried.
OVERLAY_POINTS = 50_000
_SLIVER = 0.005  # of the smaller surface: neighbours drawn by hand cross by this much
RECEIVING = ("CARE",)
"""Centres whose capacity the rule of 4 m2 a person binds (guide of the Lot prefecture)."""


def check_outline(case: Case) -> None:
    """Check that the outline bears the commune's code."""
    codes = case.written.outline_codes
    insee = case.plan.commune.insee
    if codes and insee not in codes and not case.unread("pcs.yaml"):
        found = ", ".join(codes[:3])
        case.findings.warn(Spot(OUTLINE_FILE), say.OTHER_COMMUNE, found=found, expected=insee)


def check_sectors(case: Case) -> None:
    """Each sector lies in the commune and apart from the others."""
    sectors = case.plan.sectors
    if not sectors:  # the reading of the layer has told it
        return
    count = sum(sector.area.vertices for sector in sectors)
    count += case.plan.outline.vertices if case.plan.outline else 0
    if count > OVERLAY_POINTS:
        case.findings.warn(Spot(SECTORS_FILE), say.TOO_FINE, count=count)
        return
    shapes = [sector.area.geometry for sector in sectors]
    if case.plan.outline is not None:
        for sector, shape in zip(sectors, shapes, strict=True):
            _check_inside(sector, shape, case.plan.outline.geometry, case=case)
    tree = shapely.STRtree(shapes)
    for one, other in sorted(map(tuple, tree.query(shapes, predicate="intersects").T.tolist())):
        if one < other:
            _check_apart(sectors[one], sectors[other], case)


def _check_inside(
    sector: Sector, shape: MultiPolygon, outline: MultiPolygon, *, case: Case
) -> None:
    beyond = shape.difference(outline).area / (shape.area or 1.0)
    spot = case.findings.spot_of("sector", sector.id)
    if not shape.intersects(outline):
        case.findings.fault(spot, say.SECTOR_OUTSIDE, name=sector.name)
    elif beyond > _SLIVER:
        share = _percent(beyond)
        case.findings.warn(spot, say.SECTOR_BEYOND, name=sector.name, share=share)


def _check_apart(one: Sector, other: Sector, case: Case) -> None:
    first, second = one.area.geometry, other.area.geometry
    shared = first.intersection(second).area / (min(first.area, second.area) or 1.0)
    if shared > _SLIVER:
        spot = case.findings.spot_of("sector", other.id)
        share = _percent(shared)
        case.findings.warn(spot, say.SECTOR_OVERLAP, first=one.name, second=other.name, share=share)


def _percent(share: float) -> str:
    return f"{share * 100:.0f}" if share >= 0.01 else "< 1"


def check_assets(case: Case) -> None:
    """Each asset is in the commune and has somebody to alert."""
    for asset in case.plan.assets:
        spot = case.findings.spot_of("asset", asset.id)
        if asset.contact is None:
            case.findings.warn(spot, say.ASSET_ALONE, ident=asset.id)
        if case.plan.outline is not None and not case.plan.outline.covers_place(asset.place):
            case.findings.warn(spot, say.ASSET_OUTSIDE, name=asset.name)


def check_capacity(case: Case) -> None:
    """Check that a reception centre announces no more people than its surface holds."""
    each = case.plan.centre_rules.surface_m2
    for centre in case.plan.centres:
        if centre.kind not in RECEIVING or not centre.capacity:
            continue
        spot = case.findings.spot_of("centre", centre.id, key="capacite_accueil")
        if centre.surface_m2 is None:
            case.findings.warn(spot, say.CARE_UNMEASURED, label=centre.label)
        elif centre.capacity > centre.surface_m2 / each:
            case.findings.fault(
                spot,
                say.CARE_FULL,
                label=centre.label,
                capacity=centre.capacity,
                surface_m2=f"{centre.surface_m2:g}",
                most=int(centre.surface_m2 / each),
                each=f"{each:g}",
            )


def check_safety(case: Case) -> None:
    """No centre stands in a zone it is said safe from, or where a scenario sends people."""
    for centre in case.plan.centres:
        if centre.place is None:
            spot = case.findings.spot_of("centre", centre.id, key="point")
            case.findings.warn(spot, say.CENTRE_UNPLACED, label=centre.label)
        for zone in _zones_around(centre, case):
            _check_claim(centre, zone, case)
            if centre.kind in RECEIVING:
                _check_use(centre, zone, case)


def check_zones(case: Case) -> None:
    """Each hazard zone touches the commune: elsewhere it protects nobody."""
    outline, zones = case.plan.outline, case.plan.hazard_zones
    if outline is None:
        return
    shapely.prepare(outline.geometry)
    for zone in zones:
        if not outline.geometry.intersects(zone.area.geometry):
            spot = case.findings.spot_of("hazard_zone", zone.id)
            case.findings.warn(spot, say.ZONE_OUTSIDE, ident=zone.id)


def check_places(case: Case) -> None:
    """Centres and assembly points are in the commune, and nothing falls back on itself."""
    outline, find = case.plan.outline, case.findings
    places = [("centre", one.id, one.label, one.place) for one in case.plan.centres]
    places += [
        ("assembly_point", one.id, one.label, one.place) for one in case.plan.assembly_points
    ]
    for kind, ident, label, place in places:
        if outline is not None and place is not None and not outline.covers_place(place):
            find.warn(find.spot_of(kind, ident, key="point"), say.PLACE_OUTSIDE, label=label)
    for centre in case.plan.centres:
        if centre.fallback == centre.id:
            spot = find.spot_of("centre", centre.id, key="repli")
            find.fault(spot, say.OWN_FALLBACK, label=centre.label)


def _zones_around(centre: Centre, case: Case) -> list[HazardZone]:
    place = centre.place
    zones = case.plan.hazard_zones
    return [zone for zone in zones if place is not None and zone.area.covers_place(place)]


def _check_claim(centre: Centre, zone: HazardZone, case: Case) -> None:
    if zone.hazard in centre.safe_from:
        spot = case.findings.spot_of("centre", centre.id, key="hors_zone")
        case.findings.fault(
            spot, say.CENTRE_IN_ZONE, label=centre.label, hazard=zone.hazard, zone=zone.id
        )


def _check_use(centre: Centre, zone: HazardZone, case: Case) -> None:
    centres = {card.id: {step.centre for step in card.steps} for card in case.plan.cards}
    for scenario in case.plan.scenarios:
        used = any(centre.id in centres.get(card, ()) for card in scenario.cards)
        if used and scenario.hazard == zone.hazard:
            case.findings.fault(
                case.findings.spot_of("centre", centre.id, key="point"),
                say.CARE_IN_ZONE,
                label=centre.label,
                zone=zone.id,
                scenario=scenario.label,
            )
