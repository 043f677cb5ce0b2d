"""Live screens of what follows an alert: a call for help at once, a revoked session out at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.receipts import record_answer
from dispatcher.store.sessions import end_session, sessions_of
from dispatcher.store.versions import Chained
from tests.consoles import served, sign_in
from tests.situations import COMMUNE, Planned, write_alert

pytestmark = pytest.mark.alone("a screen is told within two seconds")

pytest_plugins = ("tests.console_visits",)

LINES = (("sms", "delivered", 6), ("sms", "ready", 2), ("voice", "failed", 1))
NUMBER = "+33639980001"
KEY = b"k" * 32


@asynccontextmanager
async def screen(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as client:
        assert (await sign_in(client)).status_code == 303
        yield client


async def test_a_session_that_is_revoked_ends_its_quiet_screen_within_two_seconds(
    tmp_path: Path, town: Ledger
) -> None:
    await write_alert(town, Planned(lines=(("sms", "delivered", 3),)))
    async with (
        served(tmp_path) as url,
        screen(url) as client,
        client.stream("GET", "/console/flux") as mine,
    ):
        lines = mine.aiter_lines()
        async for line in lines:
            if line == "":
                break
        await asyncio.sleep(1.2)
        (session,) = await sessions_of(town, COMMUNE, "rac")
        entry = logbook.Entry("test", "access.session_ended", "Essai")
        began = time.monotonic()
        await end_session(town, COMMUNE, "rac", session.ident, line=Chained(entry, KEY))
        async with asyncio.timeout(10):
            async for line in lines:
                if line == "event: signed-out":
                    break
        assert time.monotonic() - began < 2.0


async def test_a_call_for_help_is_on_the_screen_within_a_second_and_tells_no_number(
    tmp_path: Path, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=LINES))
    async with (
        served(tmp_path) as url,
        screen(url) as client,
        client.stream("GET", "/console/flux") as mine,
    ):
        lines = mine.aiter_lines()
        await anext(lines)
        await asyncio.sleep(1.0)
        began = time.monotonic()
        ident = written.deliveries[1]
        await record_answer(town, commune=COMMUNE, delivery_id=ident, kind="help", via="page")
        async with asyncio.timeout(10):
            async for line in lines:
                assert NUMBER not in line
                if "following-help" in line:
                    break
        assert time.monotonic() - began < 2.0
