"""Finding the sector of each of an alert's people, for its counters: by the plan in force then."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import numpy as np

from dispatcher.alerts import plan_in_force
from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotThere
from dispatcher.store import version_sectors
from plans.plan import Plan
from zones.population import Population

BETWEEN_S, REST_S = 0.05, 1.0


async def place_all(
    office: Office, *, steadily: Callable[[str, Callable[[], Awaitable[object]]], Awaitable[None]]
) -> None:
    """Place what waits, again and again, with pauses: sends go first."""
    more = False

    async def step() -> None:
        nonlocal more
        more = False
        more = await place_next(office)

    while True:
        await steadily("sectors", step)
        await asyncio.sleep(BETWEEN_S if more else REST_S)


async def place_next(office: Office) -> bool:
    """Place the next block of any commune's alert; False when none waits."""
    block = await version_sectors.next_unplaced(office.ledger)
    if block is None:
        return False
    try:
        plan = (await plan_in_force.in_force(office.of(block.commune))).plan
    except NotThere:
        plan = None
    await version_sectors.place(office.ledger, block, sectors_of(plan, block.places))
    return True


def sectors_of(plan: Plan | None, places: Mapping[str, tuple[float, float]]) -> dict[str, str]:
    """Return the name of each person's sector: the plan's first that holds her home.

    `places` are longitude and latitude by person, WGS 84.
    """
    ids = list(places)
    lon = np.array([places[one][0] for one in ids], dtype=np.float64)
    lat = np.array([places[one][1] for one in ids], dtype=np.float64)
    where = Population.of(ids, lon, lat)
    found: dict[str, str] = {}
    for sector in plan.sectors if plan and ids else ():
        for row in where.inside(sector.area):
            found.setdefault(ids[row], sector.name)
    return found
