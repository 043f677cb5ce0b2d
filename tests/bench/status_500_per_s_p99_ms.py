"""Benchmark: 500 signed statuses a second to a real web process, each written in the ledger.

Each request is due at its own moment; its latency counts from there, and is answered after the
commit that holds the report, the state, the line of the logbook and the first answer.
"""

import asyncio
import tempfile
from pathlib import Path

from sqlalchemy import func, select

from dispatcher.keys import key
from dispatcher.store.team_tables import field_reports
from tests.bench.parts import fleet
from tests.bench.parts.statuses import MASTER
from tests.bench.status_webhook_vs_raw_asgi import generated, settled
from tests.consoles import served
from tests.keyring import opened

GOAL_MS = 200
RATE, SECONDS, WARM = 500, 20, 500


def run() -> dict[str, object]:
    """Post for some seconds, and look at the slowest hundredth."""
    told = asyncio.run(_measured())
    latencies = [float(one) for one in told["latencies_ms"]]  # type: ignore[attr-defined]  # JSON
    p99 = latencies[int(0.99 * len(latencies))]
    return {
        "name": "status_500_per_s_p99_ms",
        "value": round(p99, 1),
        "unit": "ms",
        "goal": GOAL_MS,
        "met": p99 <= GOAL_MS,
        "detail": {
            "answers": len(latencies),
            "median_ms": round(latencies[len(latencies) // 2], 1),
            "slowest_ms": round(latencies[-1], 1),
        },
    }


async def _measured() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "keys").mkdir(mode=0o700)
        (folder / "keys" / "partners").write_bytes(MASTER)
        if key(folder, "partners") != MASTER:
            raise fleet.NotMeasured("the partners' key is another one")
        url = await settled(folder)
        async with served(folder, url) as address:
            await generated(address, WARM)
            told = await generated(address, RATE * SECONDS, RATE)
        async with opened(url) as ledger, ledger.reading() as connection:
            wanted = select(func.count()).select_from(field_reports)
            filed = (await connection.execute(wanted)).scalar_one()
        if filed != WARM + RATE * SECONDS or told["bad"]:
            raise fleet.NotMeasured(f"{filed} reports were filed, {told['bad']} refused")
        return told
