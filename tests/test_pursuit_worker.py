"""A real worker, real callbacks, the sandbox: silent, then called; failed, called at once; listed.

The oracle is the sandbox's own ledger. Numbers whose people always do the same: `callees.py`.
"""

import asyncio
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from dispatcher.alerts.call_list import call_list
from dispatcher.alerts.office import Actor
from dispatcher.api.assembling import assemble
from dispatcher.api.services import Services
from dispatcher.api.signed_doors import Application
from dispatcher.delivery.accounts import CallbackKeys
from dispatcher.delivery.bell import Bell
from dispatcher.delivery.content import Escalation
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.versions import version_by_id
from tests.driven_worker import Order, working
from tests.offices import office_of
from tests.outgoing import (
    COMMUNE,
    KEYS,
    LOGBOOK_KEY,
    PUBLIC_URL,
    Inhabitant,
    Plan,
    launched,
    phone,
    rows,
)
from tests.sandbox_process import SandboxHandle, running_sandbox

PRESSES_ONE = 9915  # its SMS is sent and never delivered; a call is answered by 1
UNDELIVERED = 9911  # its SMS comes back undelivered; a call is answered by 1
SILENT = 9902  # its SMS arrives; a call is heard out, no key is pressed
WAITS = Escalation((2.0, 2.0))
LONG = Escalation((3600.0, 3600.0))  # what is called meanwhile was called at once
CHAIN = (("sms", "voice", "email"),)


@asynccontextmanager
async def hooks(
    ledger: Ledger, *, auth_token: str, listening: socket.socket
) -> AsyncIterator[None]:
    """Serve the web's hooks for the sandbox's callbacks."""
    app = Application()
    assemble(app)
    bell, keys = Bell("redis://127.0.0.1:1"), CallbackKeys((auth_token,))
    app.state.services = Services(ledger, PUBLIC_URL, KEYS, LOGBOOK_KEY, keys, {}, bell)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def over(ledger: Ledger, version_id: str) -> None:
    """Wait until nobody is pursued any more."""
    pursuit = "open"
    while pursuit == "open":
        await asyncio.sleep(0.1)
        version = await version_by_id(ledger, COMMUNE, version_id)
        assert version is not None
        pursuit = str(version.pursuit)


async def got(sandbox: SandboxHandle, medium: str) -> Counter[str]:
    return Counter(str(entry["to"]) for entry in await sandbox.ledger(medium))


def resident(number: int) -> Inhabitant:
    return Inhabitant(
        f"p{number}",
        (Contact("mobile", phone(number)), Contact("email", f"p{number}@ici.example", 1)),
    )


async def test_silence_leads_to_a_call_a_failure_at_once_a_key_ends_it_and_the_rest_are_listed(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path
) -> None:
    silent = Inhabitant(f"p{SILENT}", (Contact("mobile", phone(SILENT)),))
    slow = await launched(ledger, Plan([resident(PRESSES_ONE), silent], CHAIN, escalation=WAITS))
    await launched(ledger, Plan([resident(UNDELIVERED)], CHAIN, escalation=LONG))
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    everyone = Counter(phone(n) for n in (PRESSES_ONE, UNDELIVERED, SILENT))
    async with (
        running_sandbox(tmp_path / "sandbox", callback_base=base, failures=True) as sandbox,
        hooks(ledger, auth_token=sandbox.auth_token, listening=listening),
    ):
        order = Order.of(
            sandbox, ledger_url=ledger_url, redis_url=valkey_url, media=("sms", "voice")
        )
        async with working(order, tmp_path) as worker, asyncio.timeout(60):
            await over(ledger, slow.version_id)
            while not (await got(sandbox, "voice"))[phone(UNDELIVERED)]:
                await asyncio.sleep(0.1)
            assert await worker.end(signal.SIGTERM) == 0
        assert await got(sandbox, "sms") == everyone
        assert await got(sandbox, "voice") == everyone
    made = {(row["medium"], row["contact"]) for row in await rows(ledger)}
    assert not any(medium == "email" for medium, _ in made)  # who pressed 1 gets nothing more
    found = await call_list(
        office_of(ledger, COMMUNE), slow.alert_id, actor=Actor("rac", "rac"), form="json"
    )
    assert [(line.name, line.reason) for line in found.lines] == [("p9902", "silent")]
    assert [(tried.medium, tried.state) for tried in found.lines[0].tried] == [
        ("sms", "delivered"),
        ("voice", "delivered"),
    ]
