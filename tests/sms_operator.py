"""The pretend SMS operator for tests: how a worker reaches it, and what it holds of whom."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from dispatcher.store.ledger import Timing
from tests.chaos.processes import Ordered, ordered
from tests.driven_worker import Order

ACCOUNT = "AC" + "0" * 32


@dataclass(frozen=True)
class SmsOperator:
    """A running operator, and the file that is its own ledger."""

    process: Ordered
    book: Path

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.process.ready['port']}"

    async def harm(self, fault: str, count: int) -> None:
        """Harm the next `count` messages."""
        await self.process.order(fault=fault, count=count)

    async def accepted(self) -> int:
        """Count the messages it took."""
        return int((await self.process.order())["accepted"])

    def entries(self) -> list[tuple[float, str, str]]:
        """Return when each message was taken, to whom, and by which attempt."""
        lines = self.book.read_text().splitlines()
        return [(one[0], one[1], one[2]) for one in map(json.loads, lines)]

    def copies(self) -> Counter[str]:
        """Count what each phone was sent."""
        return Counter(to for _, to, _ in self.entries())


@asynccontextmanager
async def sms_operator(folder: Path, *, records: bool = True) -> AsyncIterator[SmsOperator]:
    """Run an operator until the end of the block; without `records` no look-up is answered."""
    book = folder / "operator.jsonl"
    words = (str(book), *(() if records else ("--no-records",)))
    async with ordered("tests.chaos.provider", *words) as process:
        yield SmsOperator(process, book)


def order_for(
    url: str, *, ledger_url: str, redis_url: str, rate: float, timing: Timing
) -> Order:  # fmt: skip
    """Order a worker that sends by an operator at `url`."""
    values = {"account_sid": ACCOUNT, "api_key": "SK1", "sender": "Commune", "base_url": url}
    secrets = {"api_secret": "secret"}
    return Order(ledger_url, redis_url, values, secrets, rate=rate, timing=asdict(timing))
