"""Benchmark: who is inside, ours against geopandas.sjoin, on the same people and polygon."""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import geopandas
import numpy as np
import psutil
import shapely
from numpy.typing import NDArray

from zones.area import Area
from zones.population import Population

PEOPLE = 1_000_000
VERTICES = 50_000
GOAL_RATIO = 10
GOAL_MB = 50
ROUNDS = 5


def columns() -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Invent a million people, most of them in towns, over a hundred kilometres."""
    dice = np.random.default_rng(20_261_123)
    towns = dice.uniform([-2.3, 47.7], [-1.1, 48.4], size=(40, 2))
    spots = towns[dice.integers(len(towns), size=PEOPLE)]
    spots += dice.normal(scale=0.06, size=(PEOPLE, 2))
    return np.arange(PEOPLE), spots[:, 0].copy(), spots[:, 1].copy()


def polygon() -> shapely.Polygon:
    """Draw a flood-like outline of exactly 50,000 vertices with bays, headlands and two islands."""
    shell = _wavy(VERTICES - 2 * 5_000 - 3, radius=0.4, centre=(-1.7, 48.05))
    islands = [_wavy(5_000, radius=0.03, centre=spot) for spot in ((-1.8, 48.0), (-1.6, 48.1))]
    return shapely.Polygon(shell, islands)


def run() -> dict[str, object]:
    """Time both in this process, assert the same answer, weigh ours in a fresh one."""
    ids, lon, lat = columns()
    frame = geopandas.GeoDataFrame(
        {"id": ids}, geometry=geopandas.points_from_xy(lon, lat), crs="EPSG:4326"
    )
    zone = geopandas.GeoDataFrame(geometry=[polygon()], crs="EPSG:4326")
    population = Population.of(ids, lon, lat)
    ours_s, theirs_s, found = [], [], np.empty(0, dtype=np.int64)
    for _ in range(ROUNDS):
        area = Area.of(polygon())  # a new one each round: getting it ready to ask is timed
        start = time.perf_counter()
        found = population.inside(area)
        ours_s.append(time.perf_counter() - start)
        start = time.perf_counter()
        # "within" is sjoin's quick way; "intersects" in this order takes minutes
        joined = geopandas.sjoin(frame, zone, predicate="within")
        theirs_s.append(time.perf_counter() - start)
        if not np.array_equal(found, np.sort(joined.index.to_numpy())):
            raise RuntimeError("Ours and geopandas.sjoin do not find the same people.")
    extra = _weigh()
    ratio = statistics.median(theirs_s) / statistics.median(ours_s)
    return {
        "name": "geofence_vs_sjoin",
        "value": round(ratio, 1),
        "unit": "x",
        "goal": GOAL_RATIO,
        "met": ratio >= GOAL_RATIO and extra["total"] <= GOAL_MB,
        "detail": {
            "people": PEOPLE,
            "vertices": VERTICES,
            "inside": len(found),
            "ours_s": round(statistics.median(ours_s), 4),
            "sjoin_s": round(statistics.median(theirs_s), 4),
            "ours_extra_mb": extra["total"],
            "ours_index_mb": extra["index"],
            "ours_query_mb": extra["query"],
            "goal_extra_mb": GOAL_MB,
        },
    }


def weigh() -> dict[str, float]:
    """Measure the most memory (MB) above the columns: by the index, then by a question."""
    ids, lon, lat = columns()
    drawn = polygon()
    small = Population.of(ids[:1000], lon[:1000], lat[:1000])
    small.inside(Area.of(shapely.Point(-1.7, 48.0).buffer(0.01)))  # imports and pools are warm
    process = psutil.Process()
    before = process.memory_info().rss
    population = Population.of(ids, lon, lat)
    indexed = process.memory_info().rss
    with Path("/proc/self/clear_refs").open("w") as peak:
        peak.write("5")  # restarts the kernel's own record of the peak
    population.inside(Area.of(drawn))
    status = Path("/proc/self/status").read_text()
    peak_kb = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
    most = int(peak_kb) * 1024
    return {
        "index": round((indexed - before) / 1e6, 1),
        "query": round((most - indexed) / 1e6, 1),
        "total": round((most - before) / 1e6, 1),
    }


def _weigh() -> dict[str, float]:
    code = f"import json, runpy; print(json.dumps(runpy.run_path({__file__!r})['weigh']()))"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _wavy(count: int, *, radius: float, centre: tuple[float, float]) -> NDArray[np.float64]:
    """`count` corners around a centre, plus the first again."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    reach = radius * (1 + 0.2 * np.sin(9 * turn) + 0.05 * np.sin(83 * turn))
    reach *= 1 + 0.01 * np.sin(1201 * turn)
    ring = np.column_stack([centre[0] + reach * np.cos(turn), centre[1] + reach * np.sin(turn)])
    return np.vstack([ring, ring[:1]])
