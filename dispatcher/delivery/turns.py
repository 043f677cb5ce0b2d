"""The turns that every sending process takes: drain a door, look up lost answers, rest, go on."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from channels.contract import Channel
from dispatcher.delivery import doubts
from dispatcher.delivery.desk import VersionDesk
from dispatcher.delivery.drain import drain
from dispatcher.delivery.restoration import until_let_go
from dispatcher.delivery.sending import Door
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.delivery.wakes import Wakes
from dispatcher.store.edition import OtherEdition
from dispatcher.store.ledger import Ledger

TEND_S = REST_S = 1.0  # `REST_S`: after the ledger failed

log = structlog.get_logger(__name__)


async def steadily(what: str, step: Callable[[], Awaitable[object]]) -> None:
    """Take a step; when the ledger is out of reach say so, rest, and let the caller go on."""
    try:
        await step()
    except (SQLAlchemyError, OSError) as error:
        log.warning("worker.ledger_failed", step=what, error=type(error).__name__)
        await asyncio.sleep(REST_S)


async def keep_draining(door: Door, wakes: Wakes) -> None:
    """Send what is due on a door, for ever."""
    while True:
        await wakes.wait(door.medium, by=door.provider)
        await steadily("held", lambda: until_let_go(door.ledger))
        await steadily(f"drain-{door.medium}", lambda: drain(door))


@dataclass(frozen=True)
class Doubting:
    """Whose lost answers are looked up: of one route's deliveries, by that route's accounts."""

    ledger: Ledger
    keys: TokenKeys
    public_url: str
    route: str
    accounts: Mapping[str, Channel]


async def keep_resolving(doubting: Doubting, wakes: Wakes) -> None:
    """Look up lost answers, for ever."""
    ledger, keys = doubting.ledger, doubting.keys
    desk = VersionDesk(ledger, keys, public_url=doubting.public_url)

    async def step() -> None:
        while await doubts.resolve(
            ledger, doubting.accounts, keys=keys, desk=desk, route=doubting.route
        ):
            wakes.all()

    while True:
        await steadily("held", lambda: until_let_go(ledger))
        await steadily("resolve", step)
        await asyncio.sleep(TEND_S)


async def until_told_to_stop(work: "asyncio.Task[None]") -> None:
    """Let it work until SIGTERM or SIGINT.

    Raises OtherEdition once a newer program has the ledger.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        log.info("worker.stopped")
    except ExceptionGroup as several:
        if several.subgroup(OtherEdition) is None:
            raise
        raise OtherEdition from several
