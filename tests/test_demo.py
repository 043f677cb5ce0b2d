"""The demonstration as a user runs it: every planned delivery settled, and received as planned."""

import asyncio
import json
import re
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.consoles import sign_in
from tests.offices import ADDRESSES, bruz_plan, write_plan
from tests.real_parts import free_port

ROOT = Path(__file__).parents[1]


async def demo(*words: str) -> tuple[int, dict[str, Any], str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dispatcher.cli", "demo", "--once", "--json", *words,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, json.loads(out), err.decode()


def settled(answer: dict[str, Any]) -> bool:
    still = {"ready", "claimed", "sending", "unknown"} & answer["deliveries"].keys()
    return not still and answer["received_by_sandbox"] == sum(answer["deliveries"].values())


async def test_the_example_town_is_alerted_by_every_medium_and_all_of_it_arrives() -> None:
    code, answer, err = await demo()
    assert code == 0, err
    assert settled(answer), answer
    assert set(answer["by_channel"]) == {"sms", "voice", "email", "webhook"}
    assert answer["audience"] > 500
    assert answer["deliveries"].get("failed", 0) == 0


@pytest.mark.parametrize(("zone", "hits"), [("circle_500m", 771), ("ring_400_1500m", 3615)])
async def test_a_plan_of_bruz_alerts_the_addresses_inside_and_nobody_else(
    tmp_path: Path, zone: str, hits: int
) -> None:
    plan = write_plan(tmp_path / "plan", bruz_plan(zone))
    code, answer, err = await demo("--plan", str(plan), "--addresses", str(ADDRESSES))
    assert code == 0, err
    assert settled(answer), answer
    assert answer["addresses"] == 5760
    assert answer["audience"] == sum(answer["deliveries"].values()) == hits


async def test_a_plan_with_a_fault_is_refused_in_a_sentence(tmp_path: Path) -> None:
    broken = {**bruz_plan("circle_150m"), "organisation.yaml": b"fonctions: [{code: DOS}\n"}
    plan = write_plan(tmp_path / "plan", broken)
    code, answer, _ = await demo("--plan", str(plan), "--addresses", str(ADDRESSES))
    assert code == 1
    assert "organisation.yaml" in answer["refused"]


async def test_the_demonstration_that_waits_sends_an_alert_once_somebody_watches() -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *("env", f"TOCSIN_PORT={port}", sys.executable, "-m", "dispatcher.cli", "demo"),
        cwd=ROOT, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        welcome = await said(process, "Ctrl-C")
        signs_in = re.search(r"rac / (\S+)", welcome)
        assert signs_in is not None, welcome
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            assert "Console : " + url in welcome
            assert (await sign_in(client, password=signs_in[1])).status_code == 303
            assert "Aucune alerte pour l'instant" in (await client.get("/console/alertes")).text
            await said(process, "Une alerte est partie")
            assert "personnes visées" in (await client.get("/console/alertes")).text
    finally:
        process.send_signal(signal.SIGINT)
        code = await process.wait()
    assert code == 0


async def said(process: asyncio.subprocess.Process, words: str) -> str:
    """Read what the demonstration says until it has said these words."""
    assert process.stderr is not None
    heard = ""
    async with asyncio.timeout(60):
        while words not in heard:
            line = await process.stderr.readline()
            assert line, heard
            heard += line.decode()
    return heard
