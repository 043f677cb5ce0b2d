"""The process of rehearsals: takes what is rehearsed to its end, and knows no provider.

Nothing leaves the house (DELIVERY §1). So nothing here reads a provider's settings, and the process
shuts its own door: it connects to nobody. The database's driver has its connection of its own, and
Redis is not asked: a ring it took would be lost to who sends for real.

Runbook: a rehearsal that stands still while this process is away goes on when it is there again.
`tocsin run` keeps it; elsewhere start `tocsin rehearsals`. Run several if you like.
"""

import asyncio
import os
import random
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from channels.contract import AccountSettings
from channels.rehearsal import Rehearsal
from dispatcher.collector import spare_the_collector
from dispatcher.delivery.desk import VersionDesk
from dispatcher.delivery.pace import SharedPace
from dispatcher.delivery.retries import Dice
from dispatcher.delivery.sending import Door
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.delivery.turns import (
    Doubting,
    keep_draining,
    keep_resolving,
    steadily,
    until_told_to_stop,
)
from dispatcher.delivery.wakes import Wakes
from dispatcher.store import accounts
from dispatcher.store.accounts import Held
from dispatcher.store.ledger import Ledger

REHEARSAL = "rehearsal"
MEDIA = ("sms", "voice", "email", "webhook")
RATE_PER_S = 1000.0
PRESENT_EVERY_S = 15.0
_LEAVING = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))

log = structlog.get_logger(__name__)


class NothingLeaves(Exception):
    """Something in the process of rehearsals wanted to reach the world."""


@dataclass(frozen=True)
class Stage:
    """What is played on: no account, no queue, no address of anybody but the console's."""

    ledger: Ledger
    keys: TokenKeys
    public_url: str


async def rehearse(stage: Stage) -> None:
    """Take what is rehearsed to its end, until cancelled."""
    wakes = Wakes()  # nobody rings: the ledger is asked
    owner = f"{socket.gethostname()[:20]}-r-{os.getpid()}-{secrets.token_hex(4)}"
    async with AsyncExitStack() as stack:
        doors = [
            await stack.enter_async_context(_door(stage, medium, owner=owner)) for medium in MEDIA
        ]
        log.info("rehearsals.ready", owner=owner)
        async with asyncio.TaskGroup() as group:
            group.create_task(_keep_present(stage.ledger, doors))
            group.create_task(keep_resolving(_doubting(stage, doors), wakes))
            for door in doors:
                group.create_task(keep_draining(door, wakes))


@asynccontextmanager
async def _door(stage: Stage, medium: str, *, owner: str) -> AsyncIterator[Door]:
    account = AccountSettings(
        f"{REHEARSAL}-{medium}",
        REHEARSAL,
        rate_per_s=RATE_PER_S,
        sandbox=True,
        values={"medium": medium},
    )
    async with Rehearsal.open(account, public_url=stage.public_url) as channel:
        yield Door(
            stage.ledger,
            channel,
            REHEARSAL,
            SharedPace(None, account=account.name, rate_per_s=RATE_PER_S, workers=1),
            VersionDesk(stage.ledger, stage.keys, public_url=stage.public_url),
            owner,
            stage.keys,
            Dice(random.Random()),  # noqa: S311 - spreads retries, guards nothing
        )


def _doubting(stage: Stage, doors: Sequence[Door]) -> Doubting:
    channels = {door.provider: door.channel for door in doors}
    return Doubting(stage.ledger, stage.keys, stage.public_url, REHEARSAL, channels)


async def _keep_present(ledger: Ledger, doors: Sequence[Door]) -> None:
    """Say that this process is there: « Prêt ? » tells of a rehearsal that nobody takes."""
    held = [Held(door.provider, REHEARSAL, door.medium) for door in doors]
    while True:
        await steadily("present", lambda: accounts.present(ledger, held))
        await asyncio.sleep(PRESENT_EVERY_S)


async def run(stage: Stage) -> None:
    """Rehearse until SIGTERM or SIGINT. Raises OtherEdition once a newer program has the ledger."""
    spare_the_collector()
    await until_told_to_stop(asyncio.create_task(rehearse(stage)))


def shut_the_door() -> None:
    """Let no socket of this process reach anybody from now on; it cannot be opened again."""
    sys.addaudithook(_stay)


def _stay(event: str, told: tuple[object, ...]) -> None:
    if event in _LEAVING:
        raise NothingLeaves(f"{event} {told[1:2]}")
