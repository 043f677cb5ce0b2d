"""The sandbox as a process: nothing accepted is lost, nothing is left behind."""

import ast
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from dispatcher.sandbox.callbacks import sign
from dispatcher.sandbox.ledger import Change, Entry, Ledger, distinct_key
from tests.sandbox_process import ROOT, running_sandbox
from tests.sandbox_sms_client import SENDER, TO, send_sms
from tests.twilio_shapes import OPENAPI


def test_the_signature_is_the_one_of_twilio_s_own_vectors() -> None:
    vectors = json.loads((OPENAPI.parent / "request_signature_vectors.json").read_text())
    forms = [vector for vector in vectors if "params" in vector]
    assert forms
    for vector in forms:
        url = vector.get("signed_url", vector["url"])
        if vector["name"].endswith("without the port"):
            url = url.replace(":1234", "")
        computed = sign(vector["auth_token"], url, vector["params"])
        assert computed == vector["expected_signature"], vector["name"]


async def test_without_a_callback_base_only_loopback_is_called(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox:
        await send_sms(sandbox, StatusCallback="https://192.0.2.1/hooks")
        await sandbox.settled("sms", "delivered")
        async with asyncio.timeout(5):
            while (callbacks := (await sandbox.summary())["callbacks"])["refused"] < 2:
                await asyncio.sleep(0.02)
    assert callbacks == {"posted": 0, "failed": 0, "refused": 2}


async def test_what_was_accepted_survives_a_hard_kill_and_goes_on_afterwards(
    tmp_path: Path,
) -> None:
    async with running_sandbox(tmp_path, latency_s=60) as first:
        accepted: list[str] = []

        async def stream() -> None:
            for number in range(10_000):
                answer = await send_sms(first, Body=f"Message {number}")
                accepted.append(answer.json()["sid"])

        streams = [asyncio.create_task(stream()) for _ in range(4)]
        await asyncio.sleep(0.5)
        os.kill(first.pid, signal.SIGKILL)
        await asyncio.gather(*streams, return_exceptions=True)
    assert len(accepted) > 20
    async with running_sandbox(tmp_path) as second:
        assert (second.http, second.smtp_port) == (first.http, first.smtp_port)
        assert (second.auth_token, second.smtp_password) == (first.auth_token, first.smtp_password)
        kept = {entry["sid"] for entry in await second.ledger("sms")}
        assert set(accepted) <= kept
        await second.settled("sms", "delivered", number=len(kept))


async def test_two_changes_to_an_entry_merge_and_a_lost_copy_counts_no_more(
    tmp_path: Path,
) -> None:
    key = distinct_key("sms", TO, "Crue")
    async with Ledger(tmp_path / "ledger.sqlite3") as ledger:
        for sid in ("SM1", "SM2"):
            await ledger.add(Entry(sid, "sms", key, TO, SENDER, "Crue", "queued", {"a": 1}))
        await ledger.change("SM1", Change(status="failed", reached=False, detail={"b": 2}))
        found = await ledger.one("SM1")
        assert found is not None
        assert (found.status, found.detail, found.copies) == ("failed", {"a": 1, "b": 2}, 1)


async def test_a_sandbox_whose_parent_is_killed_is_gone_in_three_seconds(tmp_path: Path) -> None:
    starter = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'dispatcher.sandbox',"
        " '--data-dir', sys.argv[1]], stdout=subprocess.PIPE)\n"
        "print(child.stdout.readline().decode(), flush=True)\n"
        "child.wait()\n"
    )
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", starter, str(tmp_path)), cwd=ROOT, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    ready = json.loads(await asyncio.wait_for(parent.stdout.readline(), 20))
    sandbox = psutil.Process(ready["pid"])
    parent.kill()
    await parent.wait()
    deadline = time.monotonic() + 3
    while sandbox.is_running() and sandbox.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_sigterm_ends_the_sandbox_with_exit_code_0(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dispatcher.sandbox", "--data-dir", str(tmp_path)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    assert json.loads((tmp_path / "sandbox.json").read_text()) == ready
    assert (tmp_path / "sandbox.json").stat().st_mode & 0o077 == 0
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 5) == 0


def test_the_sandbox_imports_nothing_of_ours() -> None:
    for path in (ROOT / "dispatcher" / "sandbox").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                ours = module.split(".")[0] in ("zones", "plans", "channels", "operator_ui")
                ours = ours or module.startswith("dispatcher")
                assert not ours or module.startswith("dispatcher.sandbox"), path.name


async def test_a_port_taken_meanwhile_is_not_fought_for(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as first:
        port = int(first.http.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        async with running_sandbox(tmp_path) as second:
            assert second.http != first.http
            assert (await second.summary())["distinct"] == 0
