"""Starts the real sandbox process for a test, and stops it by its pid."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
START_S = 20.0


@dataclass(frozen=True)
class SandboxHandle:
    """A running sandbox: where its doors are, and its control API."""

    http: str
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    ca_file: Path
    account_sid: str
    api_key: str
    api_secret: str
    auth_token: str
    webhook_secret: str
    texto_key: str
    texto_secret: str
    pid: int
    client: httpx.AsyncClient

    @property
    def account_path(self) -> str:
        """The account's root in the pretend Twilio API."""
        return f"/2010-04-01/Accounts/{self.account_sid}"

    async def summary(self) -> dict[str, Any]:
        """Count what was accepted, from the sandbox's own ledger."""
        return await self._control("GET", "/sandbox/ledger/summary")

    async def ledger(self, medium: str = "") -> list[dict[str, Any]]:
        """Every entry (of one medium), in order of arrival."""
        entries: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            path = f"/sandbox/ledger?medium={medium}&after={after}&limit=1000"
            page = await self._control("GET", path)
            entries += page["entries"]
            after = page["after"]
        return entries

    async def outbox(self, asked: str = "") -> list[dict[str, Any]]:
        """Show what people would read and hear, newest first."""
        answer = await self._control("GET", f"/sandbox/outbox{asked}")
        items: list[dict[str, Any]] = answer["items"]
        return items

    async def faults(self, medium: str, kind: str, **figures: float | None) -> None:
        """Ask for a failure: share, count, delay_s."""
        order = {"medium": medium, "kind": kind, **figures}
        await self._control("POST", "/sandbox/faults", order)

    async def no_more_faults(self) -> None:
        """End every failure."""
        await self._control("DELETE", "/sandbox/faults")

    async def behave(self, **figures: float | bool) -> None:
        """Change how the pretend public behaves."""
        await self._control("POST", "/sandbox/behaviour", figures)

    async def types(self, number: str, *keys: str) -> None:
        """Have whoever answers at a number type these, one a question."""
        await self._control("POST", "/sandbox/typists", {"number": number, "keys": list(keys)})

    async def reset(self) -> None:
        """Go back to the first minute, keeping the process."""
        await self._control("POST", "/sandbox/reset")

    async def settled(self, medium: str, *statuses: str, number: int = 1) -> list[dict[str, Any]]:
        """Wait until `number` entries of this medium have one of these statuses."""
        async with asyncio.timeout(15):
            while True:
                found = [
                    entry for entry in await self.ledger(medium) if entry["status"] in statuses
                ]
                if len(found) >= number:
                    return found
                await asyncio.sleep(0.02)

    async def texted(
        self, number: str, text: str, *, to: str, url: str, times: int = 1
    ) -> dict[str, Any]:
        """Have a resident send an SMS to our number; an empty number is hidden."""
        order = {"from": number, "to": to, "text": text, "url": url, "times": times}
        return await self._control("POST", "/sandbox/residents/sms", order)

    async def rung(self, number: str, keys: str, *, to: str, url: str) -> dict[str, Any]:
        """Have a resident call our number and press these keys."""
        order = {"from": number, "to": to, "url": url, "keys": keys}
        return await self._control("POST", "/sandbox/residents/call", order)

    async def _control(self, method: str, path: str, order: object = None) -> dict[str, Any]:
        answer = await self.client.request(method, path, json=order)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content


@asynccontextmanager
async def running_sandbox(
    folder: Path,
    *,
    callback_base: str | None = None,
    latency_s: float = 0.02,
    failures: bool = False,
    ports: tuple[int, int] = (0, 0),
) -> AsyncIterator[SandboxHandle]:
    """Start a sandbox on free ports with its data in `folder`; it is stopped on the way out."""
    arguments = [
        *("-m", "dispatcher.sandbox", "--data-dir", str(folder), "--latency-s", str(latency_s)),
        *("--http-port", str(ports[0]), "--smtp-port", str(ports[1])),
        *("--parent", str(os.getpid())),
    ]
    if callback_base is not None:
        arguments += ["--callback-base", callback_base]
    if failures:
        arguments.append("--failures")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), START_S)
        ready = json.loads(line)
        auth = httpx.BasicAuth(ready["api_key"], ready["api_secret"])
        async with httpx.AsyncClient(
            base_url=ready["http"], auth=auth, timeout=10, trust_env=False
        ) as client:
            yield handle_of(ready, client)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 10)


def handle_of(ready: dict[str, Any], client: httpx.AsyncClient) -> SandboxHandle:
    """Return a sandbox by what it told of its doors."""
    smtp = ready["smtp"]
    same = (
        *("http", "account_sid", "api_key", "api_secret", "auth_token", "webhook_secret", "pid"),
        *("texto_key", "texto_secret"),
    )
    return SandboxHandle(
        smtp_host=smtp["host"],
        smtp_port=smtp["port"],
        smtp_user=smtp["user"],
        smtp_password=smtp["password"],
        ca_file=Path(smtp["ca_file"]),
        client=client,
        **{name: ready[name] for name in same},
    )
