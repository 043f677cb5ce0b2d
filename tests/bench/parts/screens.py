"""A console beside a fan-out to 1,000,000 people at 1,000 a second: how long its answers take."""

import asyncio
import itertools
import re
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.crisis import deciding, opening
from dispatcher.crisis.steps import Asked
from dispatcher.embedded import embedded_redis
from dispatcher.store.users import User
from tests.bench.parts import crowd, fleet
from tests.consoles import SAME, served, sign_in
from tests.keyring import opened

PEOPLE, RATE = 1_000_000, 1_000.0
WARM = 2  # rounds before it counts: a console that is asked has been asked before
PAUSE_S = 0.05  # between two clicks: four people at work, not a load test

Ask = Callable[[], Awaitable[httpx.Response]]


@dataclass(frozen=True)
class Desk:
    """Somebody signed in at the console, in a crisis, while the alert leaves."""

    client: httpx.AsyncClient
    alert: str
    event: str

    async def form(self, path: str) -> dict[str, str]:
        """Return the hidden fields of a page's forms."""
        page = (await self.client.get(path)).text
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    """Give a desk beside a fan-out that has begun and does not end before it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = await crowd.settle(folder / "ledger.db", PEOPLE)
        async with embedded_redis(folder) as redis, opened(url) as ledger:
            version = await crowd.launched(url, template="simple")
            await asyncio.to_thread(crowd.queued, url, version)
            office = crowd.office_of(ledger)
            mayor = User(crowd.COMMUNE, "maire", "Hélène", "dos", "maire")
            await create_user(ledger, NewUser(mayor, PASSWORD, waived=True), by="bench", key=KEY)
            asked = Asked(crowd.APPROVER, "bench", "")
            event = await opening.open_event(office, "Crue", asked=asked, mode="real")
            await deciding.activate(office, event.event_id, asked=Asked(crowd.APPROVER, "b2", ""))
            async with (
                fleet.sink(folder) as sink,
                fleet.worker(fleet.sms_order(url, sink, redis_url=redis, rate=RATE), folder),
                served(folder, url) as address,
                httpx.AsyncClient(base_url=address, trust_env=False, timeout=30) as client,
            ):
                await fleet.until(lambda: fleet.count(sink)["count"] > RATE, "they leave")
                await sign_in(client, "maire", PASSWORD)
                alert = (await client.get("/console/alertes")).text
                found = re.search(r"/console/alertes/(\w{12,})", alert)
                if found is None:
                    raise fleet.NotMeasured("the alert is not listed")
                began, at = time.monotonic(), fleet.count(sink)["count"]
                yield Desk(client, found[1], event.event_id)
                left = (fleet.count(sink)["count"] - at) / (time.monotonic() - began)
                if left < 0.9 * RATE:
                    raise fleet.NotMeasured(f"only {left:.0f} a second left meanwhile")


PASSWORD = "quatre mots sans rapport"
KEY = b"k" * 32


async def took_ms(asks: dict[str, Ask], *, rounds: int) -> dict[str, list[float]]:
    """Do each in turn, `rounds` times after the warm ones; raise where one is not answered."""
    took: dict[str, list[float]] = {name: [] for name in asks}
    for turn in range(WARM + rounds):
        for name, ask in asks.items():
            began = time.perf_counter()
            answer = await ask()
            spent = (time.perf_counter() - began) * 1000
            if answer.status_code not in (200, 303):
                raise fleet.NotMeasured(f"{name}: {answer.status_code}")
            if turn >= WARM:
                took[name].append(spent)
            await asyncio.sleep(PAUSE_S)
    return took


def reads(one: Desk) -> dict[str, Ask]:
    """Return what people look at."""
    paths = (
        *("/", "/console/alertes", f"/console/alertes/{one.alert}", "/console/alertes/nouvelle"),
        *("/evenements", f"/evenements/{one.event}", f"/evenements/{one.event}/vivant"),
        *("/main-courante", "/carte/secteurs.geojson", "/alertes"),
    )
    return {path: partial(one.client.get, path) for path in paths}


async def acts(one: Desk) -> dict[str, Ask]:
    """Return what people do: a line, an alert begun, a level, a line in a book."""
    token = (await one.form("/"))["token"]
    clicks = itertools.count()

    def post(path: str, **fields: str) -> Ask:
        def ask() -> Awaitable[httpx.Response]:
            data = {"token": token, "key": f"click-{next(clicks)}", **fields}
            return one.client.post(path, data=data, headers=SAME)

        return ask

    return {
        "line": post("/main-courante/vite", text="SDIS : VSAV 2 parti", vers="/"),
        "alert begun": post("/console/alertes/nouvelle", mode="real", event=one.event),
        "prefect": post(f"/evenements/{one.event}/prefet", reason="directeur des opérations"),
        "mayor": post(f"/evenements/{one.event}/maire", reason="direction rendue"),
    }


def worded(name: str, took: dict[str, list[float]], *, goal: float) -> dict[str, object]:
    """Word a benchmark: the 95th centile of all answers; each kind's own beside it."""
    ordered = sorted(itertools.chain.from_iterable(took.values()))
    value = ordered[int(0.95 * len(ordered))]
    return {
        "name": name,
        "value": round(value),
        "unit": "ms",
        "goal": goal,
        "met": value <= goal,
        "detail": {
            "answers": len(ordered),
            "p95_ms": {
                one: round(sorted(spent)[int(0.95 * len(spent))]) for one, spent in took.items()
            },
        },
    }
