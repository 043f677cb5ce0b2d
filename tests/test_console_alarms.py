"""An open alarm is on every page of the console, at its opening and through its live stream."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from dispatcher.alarms import words
from dispatcher.alarms.silence import Verdict
from dispatcher.store import alarms
from dispatcher.store.ledger import Ledger
from tests.browsing import DESK, PHONE, visit
from tests.consoles import served
from tests.situations import COMMUNE
from tests.test_console_live import events, next_figures, screen

pytest_plugins = ("tests.console_visits",)

# Of another subject than the silence that this console watches for: it would end it.
STILL = replace(words.silence(Verdict({"sms": 12.0, "voice": 12.0})), subject="trial")


async def raise_still(ledger: Ledger, commune: str = COMMUNE) -> None:
    assert await alarms.raise_alarm(
        ledger, STILL, communes=[commune], teller="test", key=b"k" * 32
    )  # fmt: skip
    await alarms.note_told(ledger, STILL.subject)


async def end_still(ledger: Ledger) -> None:
    await alarms.end_alarm(ledger, STILL.subject, key=b"k" * 32, text="fini")


async def page_with(client: httpx.AsyncClient, path: str, words: str) -> str:
    """Load a page until it says these words."""
    async with asyncio.timeout(10):
        while words not in (shown := (await client.get(path)).text):
            await asyncio.sleep(0.1)
    return shown


@pytest.mark.parametrize("path", ["/", "/console/alertes", "/console/bac-a-sable"])
async def test_every_page_of_the_console_shows_what_is_wrong_and_what_to_do(
    operator: httpx.AsyncClient, town: Ledger, path: str
) -> None:
    await raise_still(town)
    shown = await page_with(operator, path, "rien ne part depuis 12 s (SMS, appels)")
    assert "systemctl restart tocsin" in shown
    assert re.search(r'<section class="alarm" role="alert">', shown)


async def test_an_english_reader_gets_the_remedy_in_english(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await raise_still(town)
    shown = await page_with(operator, "/?lang=en", "messages are waiting and nothing leaves")
    assert "Restart the service" in shown


async def test_the_alarm_of_another_commune_is_not_shown(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await raise_still(town, "99118")
    await asyncio.sleep(1.5)
    assert 'class="alarm"' not in (await operator.get("/")).text


async def test_who_is_not_signed_in_sees_no_alarm(visitor: httpx.AsyncClient, town: Ledger) -> None:
    await raise_still(town)
    await asyncio.sleep(1.5)
    assert "alarm" not in (await visitor.get("/connexion")).text


async def test_readyz_tells_of_ledger_redis_providers_and_alarms(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    first = (await visitor.get("/readyz")).text
    assert [line.split(":")[0] for line in first.splitlines()] == [
        "ledger", "redis", "providers", "work",
    ]  # fmt: skip
    assert {"ledger: ok", "work: ok", "providers: no worker holds any"} <= set(first.splitlines())
    await raise_still(town)
    await page_with(visitor, "/readyz", "work: 1 alarm(s)")


async def test_an_open_screen_shows_the_alarm_and_then_that_it_is_over(
    tmp_path: Path, town: Ledger
) -> None:
    async with (
        served(tmp_path) as url,
        screen(url) as client,
        client.stream("GET", "/console/flux") as answer,
    ):
        stream = events(answer)
        assert 'class="alarm"' not in (await next_figures(stream)).data
        await raise_still(town)
        assert 'class="alarm"' in (await next_figures(stream)).data
        await end_still(town)
        assert 'class="alarm"' not in (await next_figures(stream)).data


async def test_the_alarm_is_readable_on_a_desk_and_on_a_phone_and_comes_by_itself(
    chromium: Path, tmp_path: Path, town: Ledger
) -> None:
    async with served(tmp_path) as url, visit(chromium, url) as seen:
        await seen.sign_in()
        await raise_still(town)
        await expect(seen.page.get_by_role("alert")).to_contain_text(
            "rien ne part", timeout=15_000
        )  # fmt: skip
        for size, name in ((DESK, "desk"), (PHONE, "phone")):
            await seen.resize(size)
            assert await seen.overflow_px() == 0
            assert await seen.faults() == []
            await seen.page.screenshot(path=tmp_path / f"{name}.png")
        assert seen.problems == []
