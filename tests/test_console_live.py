"""Live figures on a real web server: at once, then on change, one reader for all, a clean end."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from typing_extensions import override

from dispatcher.store.ledger import Ledger
from operator_ui.live import PAUSE_S, Subject, Watch
from operator_ui.outbox import Bubble, Outbox
from tests.consoles import SAME, form_token, served, sign_in
from tests.situations import COMMUNE, Planned, move, write_alert

pytest_plugins = ("tests.console_visits",)

PATIENCE_S = 20.0


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    name: str
    id: str
    data: str


async def events(answer: httpx.Response) -> AsyncIterator[Event]:
    """Read events as they come."""
    fields: dict[str, list[str]] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields.setdefault(name, []).append(value)
        elif fields:
            joined = {name: "\n".join(lines) for name, lines in fields.items()}
            fields = {}
            if "data" in joined:
                yield Event(joined.get("event", ""), joined.get("id", ""), joined["data"])


async def next_figures(stream: AsyncIterator[Event]) -> Event:
    """Wait for the next piece of page, past the pulses."""
    async with asyncio.timeout(PATIENCE_S):
        async for event in stream:
            if not event.name:
                return event
    raise AssertionError("the stream ended")


def delivered(event: Event) -> int:
    found = re.search(r"<dt>remis</dt><dd>(\d+)</dd>", event.data)
    assert found is not None, event.data
    return int(found[1])


@asynccontextmanager
async def screen(url: str, login: str = "rac") -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S, trust_env=False) as client:
        assert (await sign_in(client, login)).status_code == 303
        yield client


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the town's console."""
    async with served(tmp_path) as address:
        yield address


async def test_a_screen_shows_the_present_state_at_once_and_then_each_change(
    url: str, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "ready", 9),)))
    path = f"/console/alertes/{written.alert_id}/flux"
    async with screen(url) as client, client.stream("GET", path) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = events(answer)
        first = await next_figures(stream)
        assert delivered(first) == 0
        await move(town, written, to="delivered", first=4)
        second = await next_figures(stream)
    assert delivered(second) == 4
    assert first.id != second.id


async def test_the_console_turns_to_the_alert_that_has_just_been_launched(
    url: str, town: Ledger
) -> None:
    async with screen(url) as client, client.stream("GET", "/console/flux") as answer:
        stream = events(answer)
        empty = (await next_figures(stream)).data
        assert "aucune alerte" in empty
        assert "Aucune alerte pour l'instant" in empty.replace("&#39;", "'")
        await write_alert(town, Planned(title="Feu de forêt", lines=(("sms", "ready", 1),)))
        shown = (await next_figures(stream)).data
    assert "Feu de forêt" in shown
    assert 'class="mode real"' in shown
    listed = shown[shown.index('hx-target="#recent"') :]
    assert "<b>Feu de forêt</b>" in listed


async def test_a_screen_that_comes_back_sees_the_present_state_whatever_it_saw_last(
    url: str, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "ready", 9),)))
    path = f"/console/alertes/{written.alert_id}/flux"
    async with screen(url) as client:
        async with client.stream("GET", path) as answer:
            seen = await next_figures(events(answer))
        await move(town, written, to="delivered", first=7)
        again = {"last-event-id": seen.id}
        async with client.stream("GET", path, headers=again) as answer:
            assert delivered(await next_figures(events(answer))) == 7


async def test_nothing_is_sent_twice_while_nothing_changes(url: str, town: Ledger) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 9),)))
    path = f"/console/alertes/{written.alert_id}/flux"
    names = []
    async with screen(url) as client, client.stream("GET", path) as answer:
        async with asyncio.timeout(PATIENCE_S):
            async for event in events(answer):
                names.append(event.name)
                if names.count("pulse") == 2:
                    break
    assert names == ["", "pulse", "pulse"]


async def test_signing_out_ends_the_streams_of_the_session_only(url: str, town: Ledger) -> None:
    await write_alert(town, Planned(lines=(("sms", "ready", 1),)))
    async with (
        screen(url) as client,
        screen(url) as other,
        client.stream("GET", "/console/flux") as mine,
        other.stream("GET", "/console/flux") as theirs,
    ):
        token = await form_token(client)
        await client.post("/deconnexion", data={"token": token}, headers=SAME)
        async with asyncio.timeout(PATIENCE_S):
            ended = [event.name async for event in events(mine)]
            stream = events(theirs)
            still = [(await anext(stream)).name for _ in range(3)]
    assert ended[-1] == "signed-out"
    assert "signed-out" not in still


async def test_a_stranger_gets_no_stream(url: str) -> None:
    headers = {"accept": "text/event-stream"}
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        assert (await client.get("/console/flux", headers=headers)).status_code == 401


@pytest.mark.alone("a process leaves within three seconds")
async def test_a_process_told_to_stop_ends_its_streams_and_leaves_at_once(
    tmp_path: Path, town: Ledger
) -> None:
    await write_alert(town, Planned(lines=(("sms", "ready", 1),)))
    async with (
        served(tmp_path) as url,
        screen(url) as client,
        client.stream("GET", "/console/flux") as answer,
    ):
        stream = events(answer)
        await next_figures(stream)
        began = time.monotonic()
        os.kill(int((tmp_path / "console.pid").read_text("utf-8")), signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            assert [event.name async for event in stream if event.name != "pulse"] == []
        assert time.monotonic() - began < 3
    assert (tmp_path / "console.log").read_text("utf-8") == ""


class CountingOutbox(Outbox):
    """An outbox that counts how often it is read, and holds nothing."""

    def __init__(self) -> None:
        self.readings = 0

    @override
    async def samples(self) -> tuple[Bubble, ...] | None:
        self.readings += 1
        return None


@pytest.mark.alone("counts readings over two seconds and a half")
async def test_one_reader_serves_all_the_screens_of_a_commune(town: Ledger) -> None:
    await write_alert(town, Planned(lines=(("sms", "ready", 1),)))
    outbox = CountingOutbox()
    watch = Watch(town, outbox)
    seen = 0

    async def look() -> None:
        nonlocal seen
        async for _ in watch.follow(Subject(COMMUNE)):
            seen += 1

    screens = [asyncio.create_task(look()) for _ in range(30)]
    await asyncio.sleep(2.5 * PAUSE_S)
    watch.close()
    await asyncio.gather(*screens)
    assert seen == 30
    assert 1 <= outbox.readings <= 3


async def test_no_screen_no_question(town: Ledger) -> None:
    outbox = CountingOutbox()
    watch = Watch(town, outbox)
    stream = watch.follow(Subject(COMMUNE))
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator
    before = outbox.readings
    await asyncio.sleep(1.5 * PAUSE_S)
    assert outbox.readings == before


@pytest.mark.alone("silence begins within three seconds")
async def test_a_ledger_that_cannot_be_read_is_silence_not_a_pulse(town: Ledger) -> None:
    watch = Watch(town, CountingOutbox(), pulse_s=0.6)
    stream = watch.follow(Subject(COMMUNE))
    await anext(stream)
    assert (await anext(stream))[1] is None  # all is well: a pulse
    async with town.writing() as connection:
        await connection.execute(text("ALTER TABLE alerts RENAME TO away"))
    broken, pulses = time.monotonic(), []
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            async for _ in stream:
                pulses.append(time.monotonic() - broken)
    assert max(pulses, default=0.0) < 3


class DeadlyOutbox(CountingOutbox):
    """An outbox whose second reading fails as nothing should."""

    @override
    async def samples(self) -> tuple[Bubble, ...] | None:
        await super().samples()
        if self.readings == 2:
            raise ZeroDivisionError
        return None


async def test_a_reader_that_died_is_followed_by_another_for_the_same_screens(
    town: Ledger,
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "ready", 3),)))
    outbox = DeadlyOutbox()
    stream = Watch(town, outbox, pulse_s=0.3).follow(Subject(COMMUNE))
    await anext(stream)
    async with asyncio.timeout(PATIENCE_S):
        while outbox.readings < 3:
            await anext(stream)
        await move(town, written, to="delivered", first=2)
        async for _, picture in stream:
            if picture and picture.progress and picture.progress.count("delivered") == 2:
                break
