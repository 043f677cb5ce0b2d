"""The public page in its own process, for tests."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from dispatcher.store.ledger import Ledger
from tests.real_parts import ROOT, free_port

HERE = "/alertes"


@pytest.fixture
async def apart(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the public page from its own process; give its address."""
    port = free_port()
    argv = ["env", f"TOCSIN_DATA_DIR={tmp_path}", f"TOCSIN_PUBLIC_PORT={port}", sys.executable]
    process = await asyncio.create_subprocess_exec(
        *argv, "-m", "dispatcher.cli", "public", cwd=ROOT
    )
    address = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            for _ in range(200):
                try:
                    if (await client.get(HERE)).status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
