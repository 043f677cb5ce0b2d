"""A town that looks at the public page all at once takes nothing from the crisis cell (T26)."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from dispatcher.store.ledger import Ledger
from tests.consoles import served, sign_in
from tests.situations import Planned, write_alert

pytest_plugins = ("tests.console_visits", "tests.public_process")
CROWD = 40  # readers who reload without a pause
LOOKS = 60


async def crowd(address: str, until: asyncio.Event) -> int:
    """Reload the page until told to stop; return how often it was read."""
    read = 0
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=30) as client:
        while not until.is_set():
            read += (await client.get("/alertes")).status_code == 200
    return read


async def looks_s(client: httpx.AsyncClient) -> list[float]:
    """Open the console's front page several times; return how long each took, sorted."""
    taken = []
    for _ in range(LOOKS):
        begun = time.perf_counter()
        assert (await client.get("/")).status_code == 200
        taken.append(time.perf_counter() - begun)
    return sorted(taken)


@pytest.mark.alone("compares waits under a crowd with waits without")
async def test_a_crowd_on_the_public_page_leaves_the_console_as_it_was(
    tmp_path: Path, town: Ledger, apart: str
) -> None:
    await write_alert(town, Planned())
    async with served(tmp_path) as address, httpx.AsyncClient(base_url=address) as client:
        assert (await sign_in(client)).status_code == 303
        alone = await looks_s(client)
        stop = asyncio.Event()
        readers = [asyncio.create_task(crowd(apart, stop)) for _ in range(CROWD)]
        beside = await looks_s(client)
        stop.set()
        read = sum(await asyncio.gather(*readers))
    assert read > 10 * CROWD
    # The crowd itself runs on this machine too: what is judged is that nobody waits behind it.
    assert beside[int(0.95 * LOOKS)] < max(0.2, 6 * alone[int(0.95 * LOOKS)])
