"""What the vendors' page shows works as it stands: each example is taken off the page and run."""

import asyncio
import html
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from subprocess import DEVNULL, PIPE

import httpx

from dispatcher.alerts.office import Office
from dispatcher.keys import key
from dispatcher.partners import naming, registry
from dispatcher.partners.naming import Called
from dispatcher.partners.registry import Secret
from dispatcher.store.partner_log import last_messages
from operator_ui.partner_docs import examples
from tests.consoles import served
from tests.partner_hall import FIRST, POLICE, admitted, status, write_lines, write_mission
from tests.real_parts import free_port
from tests.signed_partners import sign
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits", "tests.partner_visits")
EXAMPLE = re.compile(r'<pre tabindex="0" id="([\w-]+)"><code>(.*?)</code></pre>', re.DOTALL)
DOORS = ("ping", "status", "position", "mission", "batch", "feed", "log", "replay")


def on_page(page: str) -> dict[str, str]:
    """Return what a reader of the page would copy."""
    return {name: html.unescape(text) for name, text in EXAMPLE.findall(page)}


def run(program: list[str], script: str, **environ: str) -> str:
    """Run a script as a vendor does, and return what it printed."""
    inside = {"PATH": os.environ["PATH"], "no_proxy": "*", **environ}  # noqa: TID251 - a shell's own
    done = subprocess.run(
        [*program, script], env=inside, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


async def test_each_example_of_the_page_runs_and_is_answered(
    mairie: Office, tmp_path: Path
) -> None:
    partner, secret = await _let_in(mairie, tmp_path)
    async with served(tmp_path) as url:
        shown = await _read(url)
        given = {"TOCSIN_URL": url, "TOCSIN_SECRET": secret.sends}
        script = "\n".join((shown["sign-sh"], *(shown[f"{door}-sh"] for door in DOORS)))
        told = await asyncio.to_thread(run, ["bash", "-euo", "pipefail", "-c"], script, **given)
        assert re.findall(r"^HTTP (\d+)$", told, re.M) == ["200"] * len(DOORS)
        assert '"state":"on_scene"' in told
        assert '"mission_state":"in_progress"' in told
        for first, doors in (("sign-py", DOORS), ("sign-library-py", DOORS[:4])):
            script = "\n".join((shown[first], *(shown[f"{door}-py"] for door in doors)))
            told = await asyncio.to_thread(run, [sys.executable, "-c"], script, **given)
            statuses = [line.split()[0] for line in told.splitlines()]
            assert set(statuses) == {"200"}
            assert len(statuses) >= len(doors)
    kept = await last_messages(mairie.ledger, COMMUNE, partner, limit=50)
    assert {one.status for one in kept} == {200}
    assert len(kept) == 5 + 5 + 3  # pings and readings are not kept
    await _receives(shown["receive-py"], secret)


async def _let_in(mairie: Office, folder: Path) -> tuple[str, Secret]:
    """Let a partner in as the page supposes: with an address, and a name for a mission."""
    partner = await admitted(mairie, replace(POLICE, url="https://police.example/x"))
    await write_mission(mairie.ledger, "m1", "POLICE", state="accepted")
    called = Called("mission", "INT-2026-0412", "m1")
    await naming.add_name(mairie, partner, called, by=FIRST)
    master = key(folder, "partners")
    (secret,) = await registry.secrets(mairie, partner, by=FIRST, master=master)
    return partner, secret


async def _read(url: str) -> dict[str, str]:
    """Read the page in both languages: the examples are the same."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        french = (await http.get("/api/partenaires?lang=fr")).text
        english = (await http.get("/api/partenaires?lang=en")).text
    shown = on_page(french)
    assert on_page(english) == shown
    assert set(shown) == {name.replace(".", "-") for name in examples()}
    assert "Commencer : dix minutes" in french
    assert "Begin: ten minutes" in english
    return shown


async def _receives(script: str, secret: Secret) -> None:
    port = free_port()
    environ = {"TOCSIN_EVENTS": secret.receives, "PORT": str(port)}
    argv = [sys.executable, "-c", script]
    process = subprocess.Popen(argv, env=environ, stdout=PIPE, stderr=DEVNULL)  # noqa: ASYNC220 - a vendor's server
    try:
        body = b'{"id":"evt-1","type":"partner.ping","at":"2026-02-14T03:31:00Z","data":{}}'
        good, _ = sign(secret.receives, body, message_id="evt-1")
        forged, _ = sign(secret.sends, body, message_id="evt-2")
        url = f"http://127.0.0.1:{port}/"
        async with httpx.AsyncClient(trust_env=False) as http:
            await _listens(http, url)
            answers = [
                (await http.post(url, content=body, headers=one)).status_code
                for one in (good, good, forged)
            ]
        assert answers == [204, 204, 401]
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = await asyncio.to_thread(process.communicate)
    assert said.decode().splitlines() == ["partner.ping 2026-02-14T03:31:00Z {}"]


async def _listens(http: httpx.AsyncClient, url: str) -> None:
    for _ in range(100):
        try:
            await http.get(url)
        except httpx.TransportError:
            await asyncio.sleep(0.05)
        else:
            return


async def test_the_page_and_the_description_show_nothing_secret(
    mairie: Office, visitor: httpx.AsyncClient
) -> None:
    await admitted(mairie)
    await write_lines(mairie.ledger, [status("POLICE")])
    for path in ("/api/partenaires", "/api/v1/partner/openapi.json"):
        answer = await visitor.get(path)
        assert answer.status_code == 200
        assert "police-municipale" not in answer.text
        assert re.search(r"whsec_[A-Za-z0-9+/]{8}", answer.text) is None
