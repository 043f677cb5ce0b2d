"""A sector's outline that is being drawn: the drawing in hand, and what it would change."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dispatcher.store import plan_outlines
from dispatcher.store.plan_outlines import Outline, Whose
from operator_ui.plan_desk import Desk
from operator_ui.plan_shown import plan_of
from operator_ui.zone_proposals import Zone, ZoneRefused, zone_in
from operator_ui.zone_shown import ground_at
from operator_ui.zone_tools import Ground
from plans.differences import DRAWN, Difference, geometries
from plans.drawn import SECTORS
from plans.plan import Plan
from plans.sections import Files
from zones.area import Area, AreaFault, AreaRefused
from zones.geojson import read_area, write_area
from zones.redrawing import Redrawn, redrawn, simplest
from zones.streets import Doors

MOST_COMPARED = 20  # outlines of one version whose doors are counted
NEW = "ajouter"  # in the address of a sector that the plan has not yet


@dataclass(frozen=True)
class Drawing:
    """A sector on the drawing table: what the plan draws, and the outline in hand if any."""

    ident: str  # empty for a new one
    ground: Ground
    outline: Outline
    inked: Area | None  # as the plan in force draws it

    @property
    def begun(self) -> bool:
        """Whether there is a drawing in hand."""
        return self.outline.revision > 0

    @property
    def zone(self) -> Zone:
        """The outline in hand, else that of the plan."""
        return _zone(self.outline.drawn) if self.begun else Zone(self.inked)

    @property
    def area(self) -> Area | None:
        """The ground of it."""
        return self.zone.area

    @property
    def former(self) -> Zone | None:
        """The outline before the last change, None where nothing was changed."""
        kept = self.outline.drawn.get("before") if self.begun else None
        return _zone(kept) if isinstance(kept, Mapping) else None

    def geometry(self) -> Mapping[str, object] | None:
        """Return the outline in hand as the plan's file holds it; None without one."""
        return write_area(self.area) if self.begun and self.area else None

    async def against(self, area: Area | None) -> Redrawn | None:
        """Compare an outline with the plan, beside the loop; None where there is nothing to."""
        if area is None or (self.inked is None and self.ident):
            return None
        return await asyncio.to_thread(self._redrawn, area)

    def _redrawn(self, area: Area) -> Redrawn:
        plan = self.ground.plan
        others = {one.name: one.area for one in plan.sectors if one.id != self.ident}
        doors = self.ground.book.doors
        return redrawn(doors, area, before=self.inked, others=others, within=plan.outline)


async def drawing_at(desk: Desk, ident: str) -> Drawing | None:
    """Return the drawing table of a sector; None where the plan has no such sector."""
    current = await plan_of(desk.held, desk.guest.commune)
    if current is None:
        return None
    inked = _inked(current.plan, ident)
    if ident and inked is None:
        return None
    ground = await ground_at(desk.held, desk.guest.commune, current.plan)
    outline = await plan_outlines.outline_of(desk.held.ledger, whose(desk, ident))
    return Drawing(ident, ground, outline, inked)


async def keep(desk: Desk, drawing: Drawing, zone: Zone, *, read: int) -> bool:
    """Keep an outline, its pieces joined; False where another window kept one meanwhile."""
    flat = await asyncio.to_thread(_flat, zone, drawing.ground)
    before = drawing.zone.as_json() if drawing.area else None
    drawn: dict[str, Any] = {**flat.as_json(), "before": before}
    mine = whose(desk, drawing.ident)
    return await plan_outlines.keep_outline(desk.held.ledger, mine, drawn, read=read)


async def drop(desk: Desk, ident: str) -> None:
    """Throw the drawing in hand away."""
    await plan_outlines.drop_outline(desk.held.ledger, whose(desk, ident))


async def outlines_between(
    desk: Desk, before: Files, after: Files, found: Sequence[Difference]
) -> dict[str, Redrawn]:
    """Tell what each redrawn sector changed, by its id: ground, and today's doors."""
    moved = [one.ident for one in found if one.file == SECTORS and _moved(one)][:MOST_COMPARED]
    if not moved:
        return {}
    book = await desk.held.books.of(desk.held.ledger, desk.guest.commune)
    return await asyncio.to_thread(_between, book.doors, before, after, moved)


def _moved(one: Difference) -> bool:
    return one.act != "removed" and any(field.path == DRAWN for field in one.fields)


def _between(doors: Doors, before: Files, after: Files, moved: Sequence[str]) -> dict[str, Redrawn]:
    was, now = geometries(before.get(SECTORS)), geometries(after.get(SECTORS))
    told: dict[str, Redrawn] = {}
    for ident in moved:
        try:
            old, new = (read_area(json.dumps(one.get(ident)).encode()) for one in (was, now))
            told[ident] = redrawn(doors, new, before=old, others={}, within=None)
        except (AreaRefused, AreaFault):
            continue  # told by its points alone
    return told


def whose(desk: Desk, ident: str) -> Whose:
    """Return under what name a drawing is kept: everybody has a table of her own."""
    return Whose(desk.guest.commune, desk.guest.login, ident)


def _inked(plan: Plan, ident: str) -> Area | None:
    return next((one.area for one in plan.sectors if one.id == ident), None)


def _flat(zone: Zone, ground: Ground) -> Zone:
    """Make sectors that were picked ground of one's own: they may be redrawn some day."""
    area = zone.ground(ground.plan)
    if area is None:
        raise ZoneRefused("Il n'y a pas de zone : choisissez des secteurs, ou tracez-la.")
    return replace(zone, area=simplest(area, ground.book.doors), sectors=(), margin_m=0.0)


def _zone(kept: Mapping[str, Any]) -> Zone:
    return zone_in({name: value for name, value in kept.items() if name != "before"})
