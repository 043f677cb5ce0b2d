"""What the zone's map draws beyond the plan: the sketch's zone, addresses, homes, the ground."""

import asyncio
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from dispatcher.alerts import sketching
from dispatcher.alerts.refusals import NotThere
from dispatcher.api.permissions import needs
from dispatcher.store import logbook
from dispatcher.store.places import home_places
from dispatcher.store.users import User
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.plan_shown import bounds_of, collection, plan_of
from operator_ui.tiles import Tile, kind_of
from operator_ui.zone_proposals import zone_of
from operator_ui.zone_shown import bounds_of_book, geometry_of
from zones.area import Bounds

router = APIRouter(dependencies=[Depends(admit)], include_in_schema=False)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
GEOJSON = "application/geo+json"
A_DAY = "private, max-age=86400"


@router.get("/carte/adresses.geojson")
@needs("plan.read")
async def addresses(request: Request, held: Held, guest: SignedIn) -> Response:
    """Give every address as a bare point; unchanged ones cost the browser no second transfer."""
    book = await held.books.of(held.ledger, guest.commune)
    mark = f'"{book.mark}-{len(book.ids)}"'
    headers = {"etag": mark, "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    packed = {**headers, "content-encoding": "gzip"}
    return Response(book.points, media_type=GEOJSON, headers=packed)


@router.get("/carte/personnes.geojson")
@needs("residents.read")
async def homes(held: Held, guest: SignedIn) -> Response:
    """Give where enrolled people live, without a word of who; the look is in the logbook."""
    places = await home_places(held.ledger, guest.commune)
    line = held.office(guest.commune).line(
        guest.login, "residents.mapped", "Foyers inscrits affichés sur la carte",
        homes=len(places.person_ids),
    )  # fmt: skip
    await logbook.write(held.ledger, commune=guest.commune, entry=line.entry, key=line.key)
    known = np.isfinite(places.lon) & np.isfinite(places.lat)
    spots = np.column_stack([places.lon[known], places.lat[known]]).round(5)
    return Response(await asyncio.to_thread(_points, spots.tolist()), media_type=GEOJSON)


@router.get("/carte/redaction/{alert_id}.geojson")
@needs("alert.read")
async def sketched(alert_id: str, held: Held, guest: SignedIn) -> Response:
    """Give the zone of an alert that is being written, its pieces joined to be drawn."""
    current = await plan_of(held, guest.commune)
    try:
        sketch = await sketching.sketch_of(held.office(guest.commune), alert_id)
    except NotThere:
        return Response(orjson.dumps(collection([])), media_type=GEOJSON)
    area = zone_of(sketch).ground(current.plan) if current else None
    drawn = await asyncio.to_thread(geometry_of, area) if area else None
    features = [{"type": "Feature", "properties": {"nom": ""}, "geometry": drawn}] if drawn else []
    return Response(orjson.dumps(collection(features)), media_type=GEOJSON)


@router.get("/carte/tuiles/{z}/{x}/{y}")
@needs("plan.read")
async def tile(z: int, x: int, y: int, held: Held, guest: SignedIn) -> Response:
    """Give a picture of the ground around the commune, fetched by us; 404 for the rest."""
    wanted = Tile(z, x, y)
    settings = held.tiles.settings
    here = bool(settings.tiles) and settings.pmtiles is None and 0 <= z <= settings.maxzoom
    if not here or not wanted.serves(await _around(held, guest.commune)):
        return Response(status_code=404)
    picture = await held.tiles.get(wanted)
    if picture is None:
        return Response(status_code=404, headers={"cache-control": "no-store"})
    headers = {"cache-control": A_DAY, "x-content-type-options": "nosniff"}
    return Response(picture, media_type=kind_of(picture), headers=headers)


@router.get("/carte/fond.pmtiles")
@needs("plan.read")
async def archive(held: Held, guest: SignedIn) -> Response:
    """Give the PMTiles file, by the ranges that the map asks for."""
    path = held.tiles.settings.pmtiles
    if path is None or not await asyncio.to_thread(path.is_file):
        return Response(status_code=404)
    return FileResponse(
        path, media_type="application/octet-stream", headers={"cache-control": A_DAY}
    )


async def _around(held: Installation, commune: str) -> Bounds | None:
    current = await plan_of(held, commune)
    own = bounds_of(current.plan) if current else None
    if own:
        return own[0], own[1], own[2], own[3]
    return bounds_of_book(await held.books.of(held.ledger, commune))


def _points(spots: list[list[float]]) -> bytes:
    return orjson.dumps(
        collection(
            {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": at}}
            for at in spots
        )
    )
