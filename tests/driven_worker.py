"""A real worker process for tests: `python -m tests.driven_worker ORDER.json`, and its starter."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop
from pydantic import SecretStr

from channels.contract import AccountSettings
from dispatcher.delivery.accounts import Route
from dispatcher.store.ledger import Timing, opened
from dispatcher.worker import Bench, run
from tests.channel_accounts import twilio
from tests.outgoing import KEYS, LOGBOOK_KEY, PUBLIC_URL
from tests.sandbox_process import ROOT, SandboxHandle

RATE = 100.0
# Shorter than in life, so that a test need not wait; long enough for a loaded machine.
QUICK = Timing(
    claim_lease_s=1.5,
    renew_every_s=0.3,
    send_lease_s=4.0,
    send_needs_s=2.5,
    first_look_s=1.0,
    second_look_s=1.0,
)


@dataclass(frozen=True)
class Order:
    """What a worker works with, written to a file for it."""

    ledger_url: str
    redis_url: str
    values: dict[str, str]
    secrets: dict[str, str]

    @classmethod
    def of(cls, sandbox: SandboxHandle, *, ledger_url: str, redis_url: str) -> "Order":
        """Order a worker that sends SMS through a sandbox."""
        account = twilio(sandbox, "twilio-sms")
        secrets = {name: one.get_secret_value() for name, one in account.secrets.items()}
        return cls(ledger_url, redis_url, dict(account.values), secrets)


class Worker:
    """A worker process that is killed and started again."""

    def __init__(self, order: Order, folder: Path) -> None:
        """Keep the order, and what the worker says, in `folder`."""
        self._order = folder / "order.json"
        self._order.write_text(json.dumps(asdict(order)))
        self._said = folder / "worker.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it."""
        with self._said.open("ab") as said:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.driven_worker", str(self._order),
                cwd=ROOT, stdout=said, stderr=said,
            )  # fmt: skip

    async def end(self, how: signal.Signals) -> int:
        """End it, and return its exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        return await asyncio.wait_for(self._process.wait(), 20)

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


async def _work(order: Order) -> None:
    account = AccountSettings(
        "sandbox-sms",
        "twilio-sms",
        rate_per_s=RATE,
        sandbox=True,
        values=order.values,
        secrets={name: SecretStr(one) for name, one in order.secrets.items()},
    )
    async with opened(order.ledger_url, timing=QUICK) as ledger:
        routes = (Route("sms", "live", account),)
        await run(Bench(ledger, routes, KEYS, LOGBOOK_KEY, PUBLIC_URL, order.redis_url, 1))


if __name__ == "__main__":
    uvloop.run(_work(Order(**json.loads(Path(sys.argv[1]).read_text()))))
