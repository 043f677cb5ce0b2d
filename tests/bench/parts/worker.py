"""A real worker process of a benchmark: `python -m tests.bench.parts.worker ORDER.json`."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import uvloop
from pydantic import SecretStr

from channels.contract import AccountSettings
from dispatcher.delivery.accounts import Route
from dispatcher.worker import Bench, run
from tests.bench.parts.crowd import PUBLIC_URL
from tests.keyring import opened
from tests.outgoing import KEYS, LOGBOOK_KEY


@dataclass(frozen=True)
class Order:
    """What a worker works with: the ledger, the queue, one account and its rate."""

    ledger_url: str
    redis_url: str
    kind: str
    values: dict[str, str]
    secrets: dict[str, str]
    rate_per_s: float = 1e6
    workers: int = 1


async def _work(order: Order) -> None:
    account = AccountSettings(
        f"bench-{order.kind}",
        order.kind,
        rate_per_s=order.rate_per_s,
        sandbox=True,
        values=order.values,
        secrets={name: SecretStr(one) for name, one in order.secrets.items()},
    )
    medium = {"twilio-sms": "sms", "smtp": "email"}[order.kind]
    async with opened(order.ledger_url) as ledger:
        routes = (Route(medium, "live", account),)
        bench = Bench(ledger, routes, KEYS, LOGBOOK_KEY, PUBLIC_URL, order.redis_url, order.workers)
        await run(bench)


if __name__ == "__main__":
    uvloop.run(_work(Order(**json.loads(Path(sys.argv[1]).read_text()))))
