"""One process tree: crashes, restarts, the end of all; with real processes and real signals."""

import asyncio
import configparser
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dispatcher.supervisor import ProcessSpec, Tempo, answers_http, supervise
from dispatcher.unit import unit_text

QUICK = Tempo(backoff_s=(0.05, 0.1, 0.2), stop_within_s=2)
POLITE = """
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: (print("bye", flush=True), sys.exit(0)))
print("ready", os.getpid(), flush=True)
while True:
    signal.pause()
"""
STUBBORN = POLITE.replace('lambda *_: (print("bye", flush=True), sys.exit(0))', "signal.SIG_IGN")


def polite(name: str, code: str = POLITE) -> ProcessSpec:
    return ProcessSpec(name=name, argv=(sys.executable, "-c", code), ready_line="ready")


@dataclass
class Heard:
    """What the supervisor said, and waiting for it."""

    lines: list[str] = field(default_factory=list)

    async def times(self, words: str, count: int = 1) -> None:
        async with asyncio.timeout(10):
            while len(self.having(words)) < count:
                await asyncio.sleep(0.01)

    def having(self, words: str) -> list[str]:
        return [line for line in self.lines if words in line]

    def pids(self, name: str) -> list[int]:
        return [int(line.split()[-1]) for line in self.having(f"{name} | ready")]


@asynccontextmanager
async def supervised(*specs: ProcessSpec, tempo: Tempo = QUICK) -> AsyncIterator[Heard]:
    heard = Heard()
    task = asyncio.create_task(supervise(specs, say=heard.lines.append, tempo=tempo))
    try:
        yield heard
    finally:
        if not task.done():
            os.kill(os.getpid(), signal.SIGTERM)
        assert await asyncio.wait_for(task, 15) == 0


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


async def gone(pid: int) -> None:
    async with asyncio.timeout(5):
        while alive(pid):
            await asyncio.sleep(0.02)


async def test_each_process_starts_when_the_one_before_is_ready() -> None:
    late = POLITE.replace("print(", "import time; time.sleep(0.4); print(", 2).replace(
        'import time; time.sleep(0.4); print("bye"', 'print("bye"'
    )
    async with supervised(polite("valkey", late), polite("web")) as heard:
        await heard.times("all processes are ready")
    ready = [line.split(" | ")[0] for line in heard.having("| ready")]
    assert ready == ["valkey", "web"]


async def test_a_crashed_process_starts_again_and_the_others_stay() -> None:
    async with supervised(polite("web"), polite("worker")) as heard:
        await heard.times("all processes are ready")
        os.kill(heard.pids("worker")[0], signal.SIGKILL)
        await heard.times("worker | ready", 2)
        assert heard.having("worker | ended unasked (killed by SIGKILL)")
        assert len(heard.pids("web")) == 1


async def test_one_that_crashes_at_once_waits_longer_each_time_up_to_the_last_step() -> None:
    crash = ProcessSpec(name="web", argv=(sys.executable, "-c", "raise SystemExit(3)"))
    async with supervised(crash) as heard:
        await heard.times("starts again", 4)
    waits = [line.split(" in ")[1] for line in heard.having("starts again")][:4]
    assert waits == ["0.05 s", "0.1 s", "0.2 s", "0.2 s"]
    assert "exit 3" in heard.having("starts again")[0]


async def test_the_end_goes_from_the_last_started_to_the_first() -> None:
    async with supervised(polite("valkey"), polite("web"), polite("worker")) as heard:
        await heard.times("all processes are ready")
    assert [line.split(" | ")[0] for line in heard.having("bye")] == ["worker", "web", "valkey"]
    assert not any(alive(pid) for name in ("valkey", "web", "worker") for pid in heard.pids(name))


@pytest.mark.alone("who will not stop is killed in time")
async def test_one_that_will_not_stop_is_killed_in_time_with_its_own_children() -> None:
    parent = (
        "import subprocess, sys\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "print('child', child.pid, flush=True)\n" + STUBBORN
    )
    began = asyncio.get_running_loop().time()
    async with supervised(polite("web", parent)) as heard:
        await heard.times("all processes are ready")
        child = int(heard.having("web | child")[0].split()[-1])
    assert asyncio.get_running_loop().time() - began < 8
    assert heard.having("web | does not stop: killed")
    await gone(child)


async def test_a_hang_up_replaces_the_processes_one_by_one() -> None:
    async with supervised(polite("web"), polite("worker")) as heard:
        await heard.times("all processes are ready")
        os.kill(os.getpid(), signal.SIGHUP)
        await heard.times("all processes were restarted")
        order = [line for line in heard.lines if "bye" in line or "| ready" in line]
        assert [line.split(" ")[0] + line.split(" ")[2][:3] for line in order[2:]] == [
            "webbye",
            "webrea",
            "workerbye",
            "workerrea",
        ]
        assert not heard.having("ended unasked")


async def test_a_page_that_answers_makes_a_process_ready(unused_tcp_port: int) -> None:
    server = (
        "import time; time.sleep(0.3)\n"
        "from http.server import HTTPServer, SimpleHTTPRequestHandler as H\n"
        f"HTTPServer(('127.0.0.1', {unused_tcp_port}), H).serve_forever()"
    )
    web = ProcessSpec(
        name="web",
        argv=(sys.executable, "-c", server),
        ready_probe=answers_http(f"http://127.0.0.1:{unused_tcp_port}/"),
    )
    async with supervised(web, polite("worker")) as heard:
        await heard.times("worker | ready")
        assert heard.having("GET / HTTP")


async def test_a_line_without_an_end_does_not_stop_the_others() -> None:
    endless = "import sys; sys.stdout.write('x' * 300_000); sys.stdout.flush()\n" + POLITE
    async with supervised(polite("web", endless)) as heard:
        await heard.times("ready")
    assert sum(line.count("x") for line in heard.having("xxx")) == 300_000


async def test_nothing_stays_behind_when_the_supervisor_is_killed() -> None:
    code = (
        "import asyncio, sys; from dispatcher.supervisor import *\n"
        f"specs = [ProcessSpec(name=n, argv=(sys.executable, '-c', {STUBBORN!r}),"
        " ready_line='ready') for n in ('web', 'worker')]\n"
        "asyncio.run(supervise(specs, say=lambda line: print(line, flush=True)))"
    )
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout is not None
    pids: list[int] = []
    while len(pids) < 2:
        line = (await asyncio.wait_for(supervisor.stdout.readline(), 15)).decode()
        if "| ready" in line:
            pids.append(int(line.split()[-1]))
    supervisor.kill()
    await supervisor.wait()
    for pid in pids:
        await gone(pid)


async def test_a_process_whose_parent_died_before_the_tie_is_not_started() -> None:
    tether = Path(__file__).parents[1] / "dispatcher" / "tether.py"
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(tether), "1", "echo", "started",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, wrong = await process.communicate()
    assert said == b""
    assert b"is gone" in wrong
    assert process.returncode == 1


@pytest.mark.parametrize("program", ["/opt/tocsin/.venv/bin/tocsin", "/home/a b/100%/bin/tocsin"])
def test_the_unit_is_one_that_systemd_reads(program: str) -> None:
    unit = configparser.RawConfigParser(strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # keys keep their capitals
    unit.read_string(unit_text(Path(program)))
    service = unit["Service"]
    assert service["ExecStart"] == f'"{program.replace("%", "%%")}" run'
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["ProtectHome"] == ("read-only" if program.startswith("/home") else "yes")
    assert float(service["TimeoutStopSec"]) > Tempo().stop_within_s
    assert unit["Install"]["WantedBy"] == "multi-user.target"
