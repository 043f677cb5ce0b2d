"""The map of the cover: each sector of the plan with its share, in words and in five steps."""

from bisect import bisect_right
from collections.abc import Callable
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request, Response

from dispatcher.api.permissions import needs
from dispatcher.cover.counting import cover_of
from dispatcher.cover.hiding import Shown, shown_of
from dispatcher.store.users import User
from operator_ui.doors import admit, signed_in
from operator_ui.installation import Installation, installation
from operator_ui.plan_shown import Feature, collection, layer_of, plan_of
from operator_ui.words import tongue_of, translations

router = APIRouter(dependencies=[Depends(admit)], include_in_schema=False)

Held = Annotated[Installation, Depends(installation)]
SignedIn = Annotated[User, Depends(signed_in)]
STEPS = (10, 25, 50, 75)  # percent of a sector's addresses: where a step of the colour begins


@router.get("/carte/couverture.geojson")
@needs("residents.read")
async def cover(request: Request, held: Held, guest: SignedIn) -> Response:
    """Give the sectors with the share of their addresses that is covered."""
    current = await plan_of(held, guest.commune)
    found = shown_of(await cover_of(held.office(guest.commune), held.grounds))
    by_id = {one.place.sector: one for one in found.sectors}
    gettext = translations(tongue_of(request).code).gettext
    features: list[Feature] = []
    if current is not None:
        for layer in ("secteurs", "secteurs-noms"):
            drawn = layer_of(current.plan, layer, unit="")
            features += (_told(one, by_id.get(one["properties"]["id"]), gettext) for one in drawn)
    headers = {"cache-control": "no-store"}
    body = orjson.dumps(collection(features))
    return Response(body, media_type="application/geo+json", headers=headers)


def _told(feature: Feature, one: Shown | None, gettext: Callable[[str], str]) -> Feature:
    share = one.share if one else None
    if share is None:
        said, step = gettext("aucune adresse") if one is None else gettext("non montré"), ""
    else:
        percent = int(100 * share.of_addresses)
        said = gettext("%(share)s %%") % {"share": percent}
        step = str(bisect_right(STEPS, percent))
    name = feature["properties"]["nom"]
    point = feature["geometry"]["type"] == "Point"
    shown = {"nom": f"{name}\n{said}" if point else name, "detail": said, "classe": step}
    return {**feature, "properties": shown}
