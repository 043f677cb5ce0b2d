"""Benchmark: from a committed change of one home to an area's answer that has it.

1,000,000 residents are in memory, as the web process of a commune keeps them.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import delete, insert, update

from dispatcher.alerts.homes import Homes
from dispatcher.alerts.residences import Residences
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import homes
from tests.bench.parts import crowd
from tests.keyring import opened
from zones.area import Area
from zones.geojson import read_area

PEOPLE = 1_000_000
EDITS = 300
GOAL_MS = 50
INSIDE, OUTSIDE = (4.1505, 45.1505), (4.9, 45.9)
_QUARTER = [[4.1, 45.1], [4.2, 45.1], [4.2, 45.2], [4.1, 45.2], [4.1, 45.1]]


def run() -> dict[str, object]:
    """Move people into an area and out of it, take homes away and give some, one at a time."""
    took, detail = asyncio.run(_measured())
    value = _p95(took)
    return {
        "name": "reindex_after_edit_ms",
        "value": round(value, 1),
        "unit": "ms",
        "goal": GOAL_MS,
        "met": value <= GOAL_MS,
        "detail": {"people": PEOPLE, "edits": EDITS, "median_ms": round(_median(took), 1),
                   "most_ms": round(max(took), 1), **detail},
    }  # fmt: skip


async def _measured() -> tuple[list[float], dict[str, object]]:
    with tempfile.TemporaryDirectory() as place:
        url = await crowd.settle(Path(place) / "ledger.db", PEOPLE, ways=lambda _: ())
        async with opened(url) as ledger:
            kept = Residences()
            began = time.perf_counter()
            await kept.homes(ledger, crowd.COMMUNE)
            whole_s = time.perf_counter() - began
            took = [await _edited(ledger, kept, number) for number in range(EDITS)]
            everywhere = _asked(await kept.homes(ledger, crowd.COMMUNE), crowd.everywhere())[1]
            if kept.readings != 1:
                raise RuntimeError("The homes were read whole again.")
            return took, {"whole_read_s": round(whole_s, 2),
                          "all_of_the_town_ms": round(everywhere, 1)}  # fmt: skip


async def _edited(ledger: Ledger, kept: Residences, number: int) -> float:
    """Change a home of somebody, and time the answer of her quarter; raises where it lacks her."""
    person = f"p{number * 3001:07d}"
    hers = (homes.c.commune == crowd.COMMUNE, homes.c.person_id == person)
    lon, lat = OUTSIDE if number % 3 == 1 else INSIDE
    async with ledger.writing() as connection:
        if number % 3 == 2:
            await connection.execute(delete(homes).where(*hers))
            row = {"commune": crowd.COMMUNE, "person_id": person, "label": "", "place_mark": ""}
            far = {"lon": OUTSIDE[0], "lat": OUTSIDE[1], "number": 1}
            await connection.execute(
                insert(homes), [{**row, "number": 0, "lon": lon, "lat": lat}, {**row, **far}]
            )
        else:
            await connection.execute(update(homes).where(*hers).values(lon=lon, lat=lat))
    began = time.perf_counter()
    people, _ = _asked(await kept.homes(ledger, crowd.COMMUNE), _quarter())
    took = (time.perf_counter() - began) * 1000
    if (person in people) != ((lon, lat) == INSIDE):
        raise RuntimeError("An answer without the last change.")
    return took


def _asked(known: Homes, area: Area) -> tuple[Sequence[str], float]:
    began = time.perf_counter()
    found = known.named(known.persons_of(known.inside(area)))
    return found, (time.perf_counter() - began) * 1000


def _quarter() -> Area:
    return read_area(json.dumps({"type": "Polygon", "coordinates": [_QUARTER]}).encode())


def _p95(took: Sequence[float]) -> float:
    return sorted(took)[int(0.95 * len(took))]


def _median(took: Sequence[float]) -> float:
    return sorted(took)[len(took) // 2]
