"""Screens on a real console while a fan-out runs: when each shows what has just happened."""

import asyncio
import random
import re
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import select

from dispatcher.access.sessions import Opening, open_for
from dispatcher.embedded import embedded_redis
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.outgoing import deliveries
from dispatcher.store.receipts import record_answer
from dispatcher.store.users import Credentials, User, put_user
from tests.bench.parts import crowd, fleet
from tests.consoles import served
from tests.keyring import opened
from tests.outgoing import LOGBOOK_KEY

SCREENS = 200
PEOPLE, RATE = 20_000, 200.0
EVENTS, GAP_S = 14, 1.7
WARMING_S = 4.0
_COUNT = re.compile(rb"<dt>ont compris</dt><dd>([^<]*)</dd>")


@dataclass
class Screen:
    """One screen: when it first showed each count of people who have understood."""

    seen: dict[int, float] = field(default_factory=dict)
    events: int = 0

    async def look(self, url: str, token: str) -> None:
        """Follow the console's stream, as a browser would."""
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        asked = (
            f"GET /console/flux HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: tocsin={token}\r\n\r\n"
        )
        writer.write(asked.encode())
        try:
            while line := await reader.readuntil(b"\n\n"):
                self.events += 1
                if found := _COUNT.search(line):
                    count = int(re.sub(rb"\D", b"", found[1]) or b"0")
                    self.seen.setdefault(count, time.monotonic())
        finally:
            writer.close()


@dataclass(frozen=True)
class Measured:
    """What came of it: ms from an event to each screen, and the web process's share of a core."""

    latencies_ms: list[float]
    core_share: float
    idle_share: float
    events: int

    def told(self) -> dict[str, object]:
        """Return what a benchmark tells besides its value."""
        ordered = sorted(self.latencies_ms)
        return {
            "screens": SCREENS,
            "people": PEOPLE,
            "rate_per_s": RATE,
            "samples": len(ordered),
            "median_ms": round(ordered[len(ordered) // 2]),
            "slowest_ms": round(ordered[-1]),
            "core_share": round(self.core_share, 4),
            "core_share_without_screens": round(self.idle_share, 4),
            "events": self.events,
        }


async def measured() -> Measured:
    """Run it once: worker, sink, console, screens."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = await crowd.settle(folder / "ledger.sqlite", PEOPLE)
        async with embedded_redis(folder) as redis, opened(url) as ledger:
            tokens = await _signed_in(ledger)
            version = await crowd.launched(url, template="simple")
            async with fleet.sink(folder) as sink:
                order = fleet.sms_order(url, sink, redis_url=redis, rate=RATE)
                async with fleet.worker(order, folder), served(folder, url) as console:
                    await fleet.until(lambda: fleet.count(sink)["count"] > RATE, "they leave")
                    pid = int((folder / "console.pid").read_text("utf-8"))
                    return await _looked(ledger, version, console, tokens=tokens, pid=pid)


async def _signed_in(ledger: Ledger) -> list[str]:
    """Open a session for each screen, without the password that nobody measures here."""
    user = User(crowd.COMMUNE, "rac", "RAC", "rac")
    line = (Entry("bench", "access.created", "Essai"), LOGBOOK_KEY)
    await put_user(ledger, Credentials(user, "", waived=True), line=line)
    opening = Opening("password", second=False)
    return [await open_for(ledger, user, opening) for _ in range(SCREENS)]


async def _looked(ledger: Ledger, version: str, console: str, *, tokens: list[str], pid: int
                  ) -> Measured:  # fmt: skip
    web = psutil.Process(pid)
    idle = await _share(web, WARMING_S)
    screens = [Screen() for _ in tokens]
    looks = [
        asyncio.create_task(screen.look(console, token))
        for screen, token in zip(screens, tokens, strict=True)
    ]
    try:
        await asyncio.sleep(WARMING_S)
        began, used = time.monotonic(), fleet.cpu_s([web])
        happened = await _happen(ledger, version)
        share = (fleet.cpu_s([web]) - used) / (time.monotonic() - began)
        if any(look.done() for look in looks):
            raise fleet.NotMeasured("A screen went out.")
    finally:
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)
    return Measured(
        [
            (_first(screen, count) - at) * 1000
            for count, at in happened.items()
            for screen in screens
        ],
        share,
        idle,
        sum(screen.events for screen in screens),
    )


async def _happen(ledger: Ledger, version: str) -> dict[int, float]:
    """Let one person after another answer; return when each count of answers was committed."""
    wanted = (
        select(deliveries.c.delivery_id)
        .where(deliveries.c.version_id == version)
        .order_by(deliveries.c.position)
        .limit(EVENTS)
    )
    async with ledger.reading() as connection:
        ids = list((await connection.execute(wanted)).scalars())
    happened = {}
    for count, ident in enumerate(ids, start=1):
        await asyncio.sleep(random.uniform(0.7, 1.3) * GAP_S)  # noqa: S311 - at any moment of a pause
        await record_answer(
            ledger, commune=crowd.COMMUNE, delivery_id=ident, kind="understood", via="page"
        )
        happened[count] = time.monotonic()
    await asyncio.sleep(2 * GAP_S)
    return happened


def _first(screen: Screen, count: int) -> float:
    """Return when a screen showed that many, or more, for the first time."""
    return min((at for seen, at in screen.seen.items() if seen >= count), default=float("inf"))


async def _share(process: psutil.Process, seconds: float) -> float:
    used = fleet.cpu_s([process])
    await asyncio.sleep(seconds)
    return (fleet.cpu_s([process]) - used) / seconds
