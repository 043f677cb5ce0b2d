"""A sandbox whose people do what their numbers say, its callbacks served, for a real worker."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from dispatcher.api.assembling import assemble
from dispatcher.api.services import Services
from dispatcher.api.signed_doors import Application
from dispatcher.delivery.accounts import CallbackKeys
from dispatcher.delivery.bell import Bell
from dispatcher.store.ledger import Ledger
from tests.driven_worker import Order
from tests.outgoing import KEYS, LOGBOOK_KEY, PUBLIC_URL
from tests.sandbox_process import SandboxHandle, running_sandbox


@dataclass(frozen=True)
class Town:
    """A sandbox whose callbacks are served, and what a worker needs to send by it."""

    sandbox: SandboxHandle
    order: Order
    base: str = ""  # where its callbacks are served

    async def got(self, medium: str) -> Counter[str]:
        """Count what each number got, by the operator's own ledger."""
        return Counter(str(entry["to"]) for entry in await self.sandbox.ledger(medium))


@asynccontextmanager
async def ringing(ledger: Ledger, url: str, valkey: str, *, folder: Path) -> AsyncIterator[Town]:
    """Run a sandbox whose people do what their numbers say, and serve its callbacks."""
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    sandbox_of = running_sandbox(folder / "sandbox", callback_base=base, failures=True)
    async with sandbox_of as sandbox:
        app = Application()
        assemble(app)
        bell, keys = Bell("redis://127.0.0.1:1"), CallbackKeys((sandbox.auth_token,))
        app.state.services = Services(ledger, PUBLIC_URL, KEYS, LOGBOOK_KEY, keys, {}, bell)
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        media = ("sms", "voice")
        try:
            order = Order.of(sandbox, ledger_url=url, redis_url=valkey, media=media)
            yield Town(sandbox, order, base)
        finally:
            server.should_exit = True
            await serving
