"""Sentinels for tests: quick to lose patience, and those on call behind a fake account."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from channels.contract import AccountSettings, Address
from dispatcher.alarms.sentinel import Patience, Post, Sentinel
from dispatcher.alarms.telling import OnCall
from dispatcher.delivery.accounts import Route
from dispatcher.store.ledger import Ledger
from tests.outgoing import LOGBOOK_KEY, PUBLIC_URL

QUIET_S = 1.2
ON_DUTY = "+33639989999"


def nobody() -> OnCall:
    """Give an installation that tells nobody."""
    return OnCall((), lambda: (), PUBLIC_URL)


def reached_by(url: str, *, rate: float = 100.0) -> OnCall:
    """Tell one person, by the pretend SMS operator at `url`."""
    return OnCall((Address("sms", ON_DUTY),), lambda: [account(url, rate=rate)], PUBLIC_URL)


def account(url: str, *, rate: float = 100.0) -> Route:
    """Give the account that sends by an operator at `url`."""
    values = {"account_sid": "AC" + "0" * 32, "api_key": "SK1", "sender": "Tocsin", "base_url": url}
    secrets = {"api_secret": SecretStr("secret")}
    settings = AccountSettings(
        "on-call", "twilio-sms", rate_per_s=rate, sandbox=True, values=values, secrets=secrets
    )
    return Route("sms", "live", settings)


def post(
    ledger: Ledger, folder: Path, people: OnCall | None = None, *, quiet_s: float = QUIET_S
) -> Post:
    """Give a post whose patience is short."""
    patience = Patience(0.1, quiet_s, clear_s=0.5, unreadable_s=quiet_s)
    return Post(ledger, people or nobody(), folder, LOGBOOK_KEY, patience)


@asynccontextmanager
async def on_watch(sentinels: Sequence[Sentinel]) -> AsyncIterator[None]:
    """Let them watch while the block runs."""
    watching = [asyncio.create_task(one.watch()) for one in sentinels]
    try:
        yield
    finally:
        for task in watching:
            task.cancel()
        await asyncio.wait(watching)


async def until(true: Callable[[], bool], *, within_s: float = 15.0) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.05)
