"""A zone as its page shows it: counted, measured, read as streets, beside what it becomes."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from operator_ui.address_book import AddressBook, Found
from operator_ui.installation import Installation
from operator_ui.plan_shown import ground_of
from operator_ui.zone_proposals import Step, Zone
from operator_ui.zone_tools import Ground, lines_of
from plans.ground import Sector
from plans.plan import Plan
from zones.area import Area, Bounds
from zones.drawing import hectares
from zones.streets import AreaInStreets, StreetRead, in_streets

MOST_ROWS = 150  # of a table of streets; the rest is counted
MOST_CORNERS = 100  # of an outline that is changed by hand
MOST_LISTED = 300  # streets to tick; above, they are searched


@dataclass(frozen=True)
class ZoneShown:
    """What a zone comes to. `sectors_part` are those that it holds a piece of."""

    zone: Zone
    geometry: dict[str, Any]
    focus: Bounds
    hectares: float
    streets: AreaInStreets
    sectors: tuple[str, ...]
    sectors_part: tuple[str, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """How it was made."""
        return self.zone.steps

    @property
    def proposal(self) -> str:
        """What the form that keeps it sends back."""
        return json.dumps(self.zone.as_json(), separators=(",", ":"))

    @property
    def editable(self) -> list[list[float]]:
        """The corners that a hand can move on the map; none of an area of many pieces."""
        (first, *others) = self.zone.area.polygons if self.zone.area else (None,)
        if first is None or others or first.interiors or len(first.exterior.coords) > MOST_CORNERS:
            return []
        return [[round(x, 6), round(y, 6)] for x, y, *_ in first.exterior.coords[:-1]]

    @property
    def names(self) -> frozenset[str]:
        """The streets with an address inside."""
        return frozenset(one.name for one in (*self.streets.whole, *self.streets.part))


@dataclass(frozen=True)
class Change:
    """What a proposal changes: addresses, and the streets that come in or drop out."""

    before: int
    after: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]


async def ground_at(held: Installation, commune: str, plan: Plan) -> Ground:
    """Return what the tools draw from, as it is now."""
    book = await held.books.of(held.ledger, commune)
    lines = lines_of(await ground_of(held, commune))
    return Ground(plan, lines, book)


async def shown(zone: Zone, ground: Ground) -> ZoneShown | None:
    """Read a zone, beside the loop: a large one takes tenths of a second. None without one."""
    return await asyncio.to_thread(_shown, zone, ground)


def _shown(zone: Zone, ground: Ground) -> ZoneShown | None:
    area = zone.ground(ground.plan)
    if area is None:
        return None
    whole, part = _sectors(zone, area, ground.plan)
    return ZoneShown(
        zone,
        geometry_of(area),
        area.bounds,
        hectares(area),
        in_streets(ground.book.doors, area, margin_m=zone.margin_m),
        whole,
        part,
    )


def geometry_of(area: Area) -> dict[str, Any]:
    """Return one outline to draw: pieces that overlap would be drawn darker."""
    drawn: dict[str, Any] = json.loads(shapely.to_geojson(area.geometry))
    return drawn


def change(now: ZoneShown | None, then: ZoneShown) -> Change:
    """Compare a proposal with the zone as it stands."""
    before = now.names if now else frozenset()
    return Change(
        now.streets.addresses if now else 0,
        then.streets.addresses,
        tuple(sorted(then.names - before)),
        tuple(sorted(before - then.names)),
    )


def bounds_of_book(book: AddressBook) -> Bounds | None:
    """Return the box of the commune's addresses, None where none has coordinates."""
    doors = book.doors
    if not doors.located.any():
        return None
    lon, lat = doors.lon[doors.located], doors.lat[doors.located]
    return float(np.min(lon)), float(np.min(lat)), float(np.max(lon)), float(np.max(lat))


def streets_to_tick(ground: Ground, typed: str) -> tuple[Sequence[str], int]:
    """Return the streets to choose from, at most MOST_LISTED, and how many there are."""
    found = ground.book.streets(typed)
    return found[:MOST_LISTED], len(found)


def numbers(one: StreetRead) -> str:
    """Say the numbers of a street that is partly inside, a long list cut in the middle."""
    said = list(one.inside)
    if len(said) > 12:
        said = [*said[:6], "…", *said[-5:]]
    return ", ".join(said)


def found_at(ground: Ground, typed: str) -> tuple[Found, ...]:
    """Return the addresses that answer what was typed."""
    return ground.book.find(typed)


def _sectors(zone: Zone, area: Area, plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if zone.area is None:
        names = tuple(one.name for one in plan.sectors if one.id in zone.sectors)
        return names, ()
    drawn = area.geometry
    shapely.prepare(drawn)
    whole: list[str] = []
    part: list[str] = []
    for one in plan.sectors:
        into = _held(one, drawn)
        if into:
            (whole if into == "whole" else part).append(one.name)
    return tuple(whole), tuple(part)


def _held(sector: Sector, drawn: shapely.MultiPolygon) -> str:
    """Tell whether a zone holds a sector: "whole", "part", or nothing of it (a border is none)."""
    outline = sector.area.geometry
    if drawn.covers(outline):
        return "whole"
    return "part" if drawn.intersects(outline) and not drawn.touches(outline) else ""
