"""A real worker process for tests: `python -m tests.driven_worker ORDER.json`, and its starter."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import uvloop
from pydantic import SecretStr

from channels.contract import AccountSettings
from dispatcher.delivery.accounts import Route
from dispatcher.delivery.restoration import remembering
from dispatcher.store import edition
from dispatcher.store.ledger import Timing
from dispatcher.worker import Bench, run
from tests.channel_accounts import twilio
from tests.crashing import killing
from tests.failing_disk import fail_syncs
from tests.keyring import opened
from tests.loaded import ended, started
from tests.outgoing import KEYS, LOGBOOK_KEY, PUBLIC_URL
from tests.sandbox_process import SandboxHandle

RATE = 100.0
# Shorter than in life, so that a test need not wait; long enough for a loaded machine.
QUICK = Timing(
    claim_lease_s=1.5,
    renew_every_s=0.3,
    send_lease_s=4.0,
    send_needs_s=2.5,
    first_look_s=1.0,
    second_look_s=1.0,
    unreadable_s=2.0,
)


@dataclass(frozen=True)
class Order:
    """What a worker works with, written to a file for it."""

    ledger_url: str
    redis_url: str
    values: dict[str, str]
    secrets: dict[str, str]
    rate: float = RATE
    timing: dict[str, float] = field(default_factory=lambda: asdict(QUICK))
    crash: str = ""  # the point and pass at which it kills itself: CP4:2
    data_dir: str = ""  # where it remembers how far the ledger came
    media: tuple[str, ...] = ("sms",)
    edition: str = ""  # of the ledger that it works with, where its program is not this one
    more: tuple[dict[str, Any], ...] = ()  # further accounts of SMS: name, kind, values, secrets

    @classmethod
    def of(
        cls,
        sandbox: SandboxHandle,
        *,
        ledger_url: str,
        redis_url: str,
        media: tuple[str, ...] = ("sms",),
    ) -> "Order":
        """Order a worker that sends SMS (or calls too) through a sandbox."""
        account = twilio(sandbox, "twilio-sms")
        secrets = {name: one.get_secret_value() for name, one in account.secrets.items()}
        return cls(ledger_url, redis_url, dict(account.values), secrets, media=media)

    def beside(self, account: AccountSettings) -> "Order":
        """Order the same with one account of SMS more."""
        secrets = {name: one.get_secret_value() for name, one in account.secrets.items()}
        told = {"name": account.name, "kind": account.kind, "values": dict(account.values)}
        return replace(self, more=(*self.more, told | {"secrets": secrets}))


class Worker:
    """A worker process that is killed and started again."""

    def __init__(self, order: Order, folder: Path) -> None:
        """Keep the order, and what the worker says, in `folder`."""
        self._order = folder / "order.json"
        self._wanted = order
        self._said = folder / "worker.log"
        self._process: BaseProcess | None = None

    async def start(self, *, crash: str = "") -> None:
        """Start it; with `crash`, to kill itself there."""
        self._order.write_text(json.dumps(asdict(replace(self._wanted, crash=crash))))
        self._process = await started(work, str(self._order), log=self._said)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    async def end(self, how: signal.Signals) -> int:
        """End it, and return its exit status."""
        assert self._process is not None
        if self._process.exitcode is None:
            self.send(how)
        return await ended(self._process, within_s=20)

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    async def died(self) -> int:
        """Wait until it ends by itself, and return its exit status."""
        assert self._process is not None
        return await ended(self._process, within_s=30)

    @property
    def said(self) -> str:
        """Everything it said."""
        return self._said.read_text()


@asynccontextmanager
async def working(order: Order, folder: Path) -> AsyncIterator[Worker]:
    """Run a worker until the end of the block."""
    worker = Worker(order, folder)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.end(signal.SIGKILL)


def _account(told: dict[str, Any], *, rate: float) -> AccountSettings:
    return AccountSettings(
        told["name"],
        told["kind"],
        rate_per_s=rate,
        sandbox=True,
        values=told["values"],
        secrets={name: SecretStr(one) for name, one in told["secrets"].items()},
    )


async def _work(order: Order) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, fail_syncs)
    known: dict[str, Any] = {"values": order.values, "secrets": order.secrets}
    told = [
        (medium, {"name": f"sandbox-{medium}", "kind": f"twilio-{medium}", **known})
        for medium in order.media
    ]
    told += [("sms", one) for one in order.more]
    routes = tuple(Route(medium, "live", _account(one, rate=order.rate)) for medium, one in told)
    edition.EDITION = order.edition or edition.EDITION
    timing = Timing(**order.timing)
    async with AsyncExitStack() as stack:
        passing = killing(order.crash)
        ledger = await stack.enter_async_context(
            opened(order.ledger_url, timing=timing, passing=passing)
        )
        if order.data_dir:
            folder = Path(order.data_dir)
            await stack.enter_async_context(remembering(ledger, folder, logbook_key=LOGBOOK_KEY))
        await run(Bench(ledger, routes, KEYS, LOGBOOK_KEY, PUBLIC_URL, order.redis_url, 1))


def work(order: str) -> None:
    """Be a worker, by the order in this file."""
    uvloop.run(_work(Order(**json.loads(Path(order).read_text()))))


if __name__ == "__main__":
    work(sys.argv[1])
