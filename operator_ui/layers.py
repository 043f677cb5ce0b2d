"""What the map draws: the plan's layers and an alert's zone, as GeoJSON (RFC 7946)."""

import asyncio
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from dispatcher.api.permissions import needs
from dispatcher.store.alert_lines import alert_versions
from dispatcher.store.users import User
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.plan_shown import (
    LAYERS,
    Feature,
    area_feature,
    collection,
    ground_of,
    layer_of,
    plan_of,
)
from operator_ui.words import tongue_of, translations
from operator_ui.zone_shown import geometry_of
from zones.geojson import read_area

router = APIRouter(dependencies=[Depends(admit)], include_in_schema=False)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]


@router.get("/carte/{layer}.geojson")
@needs("plan.read")
async def layer(layer: str, request: Request, held: Held, guest: SignedIn) -> Response:
    """Give a layer of the plan in force; the same plan costs the browser no second transfer."""
    if layer not in LAYERS:
        return Response(status_code=404)
    current = await plan_of(held, guest.commune)
    language = tongue_of(request).code
    mark = f'"{current.digest[:16] if current else "none"}-{language}"'
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers={"etag": mark})
    features: list[Feature] = []
    if current is not None and layer == "fond":
        features = await ground_of(held, guest.commune)
    elif current is not None:
        unit = translations(language).gettext("pers.")
        features = layer_of(current.plan, layer, unit=unit)
    return _geojson(features, {"etag": mark, "cache-control": "private, no-cache"})


@router.get("/carte/alerte/{alert_id}/{number}.geojson")
@needs("alert.read")
async def zone(alert_id: str, number: int, held: Held, guest: SignedIn) -> Response:
    """Give the zone of one version of an alert, as it was drafted."""
    for version in await alert_versions(held.ledger, guest.commune, alert_id):
        if version.number == number:
            area = version.content.get("area")
            outline = await asyncio.to_thread(_outline, area) if area else None
            drawn = [area_feature(outline, version.title)] if outline else []
            return _geojson(drawn, {})
    return _geojson([], {})  # no alert yet, or not of this commune: nothing to draw


def _outline(area: dict[str, Any]) -> dict[str, Any]:
    """Join the pieces of a corridor: drawn one over the other they would be darker there."""
    if area.get("type") != "GeometryCollection":
        return area
    return geometry_of(read_area(orjson.dumps(area)))


def _geojson(features: list[Feature], headers: dict[str, str]) -> Response:
    return Response(
        orjson.dumps(collection(features)), media_type="application/geo+json", headers=headers
    )
