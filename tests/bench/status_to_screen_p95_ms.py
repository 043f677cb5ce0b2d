"""Benchmark: from a partner's signed status to the board of each screen that follows it.

Counted from the moment at which the request leaves to the event that shows it, on twenty screens of
one commune; each status has a number aboard that no other has.
"""

import asyncio
import itertools
import re
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from dispatcher.access.sessions import Opening, open_for
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.users import Credentials, User, put_user
from tests.bench.parts import fleet
from tests.bench.parts.statuses import COMMUNE, MASTER, PARTNER, TEAMS
from tests.bench.status_webhook_vs_raw_asgi import settled
from tests.consoles import served
from tests.keyring import opened
from tests.partner_systems import PartnerSystem, secret

GOAL_MS = 1000
SCREENS, STATUSES, GAP_S = 20, 30, 1.1
_ABOARD = re.compile(rb"(\d+) personnes")


@dataclass
class Screen:
    """One screen: when it first showed each number."""

    seen: dict[int, float] = field(default_factory=dict)

    async def look(self, url: str, token: str) -> None:
        """Follow the board's stream, as a browser would."""
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=2**22)
        asked = (
            f"GET /equipes/flux HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: tocsin={token}\r\n\r\n"
        )
        writer.write(asked.encode())
        try:
            while event := await reader.readuntil(b"\n\n"):
                for found in _ABOARD.findall(event):
                    self.seen.setdefault(int(found), time.monotonic())
        finally:
            writer.close()


def run() -> dict[str, object]:
    """Post a status now and then, and look at every screen."""
    latencies = sorted(asyncio.run(_measured()))
    value = latencies[int(0.95 * len(latencies))]
    return {
        "name": "status_to_screen_p95_ms",
        "value": round(value),
        "unit": "ms",
        "goal": GOAL_MS,
        "met": value <= GOAL_MS,
        "detail": {
            "samples": len(latencies),
            "median_ms": round(latencies[len(latencies) // 2]),
            "slowest_ms": round(latencies[-1]),
        },
    }


async def _measured() -> list[float]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "keys").mkdir(mode=0o700)
        (folder / "keys" / "partners").write_bytes(MASTER)
        url = await settled(folder)
        async with opened(url) as ledger:
            tokens = await _signed_in(ledger)
        async with served(folder, url) as address:
            screens = [Screen() for _ in tokens]
            looks = [
                asyncio.create_task(screen.look(address, token))
                for screen, token in zip(screens, tokens, strict=True)
            ]
            try:
                return await _told(address, screens)
            finally:
                for look in looks:
                    look.cancel()
                await asyncio.gather(*looks, return_exceptions=True)


async def _told(address: str, screens: list[Screen]) -> list[float]:
    words = itertools.cycle(("en_route", "on_scene"))
    sent: dict[int, float] = {}
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        fire = PartnerSystem(http, PARTNER, secret(MASTER, COMMUNE, PARTNER))
        await asyncio.sleep(3)  # every screen has its first picture
        for number in range(100, 100 + STATUSES):
            told = {
                "status": next(words),
                "strength": number,
                "at": datetime.now(UTC).isoformat(),
            }
            sent[number] = time.monotonic()
            answer = await fire.post(f"/teams/T{number % TEAMS}/status", told)
            if answer.status_code != httpx.codes.OK:
                raise fleet.NotMeasured(f"{answer.status_code}: {answer.text}")
            await asyncio.sleep(GAP_S)
        await asyncio.sleep(2)
    missed = [number for number in sent for screen in screens if number not in screen.seen]
    if missed:
        raise fleet.NotMeasured(f"{len(missed)} statuses were never shown, {missed[0]} the first")
    return [(screen.seen[number] - at) * 1000 for number, at in sent.items() for screen in screens]


async def _signed_in(ledger: Ledger) -> list[str]:
    user = User(COMMUNE, "rac", "RAC", "rac")
    line = (Entry("bench", "access.created", "Essai"), b"l" * 32)
    await put_user(ledger, Credentials(user, "", waived=True), line=line)
    opening = Opening("password", second=False)
    return [await open_for(ledger, user, opening) for _ in range(SCREENS)]
