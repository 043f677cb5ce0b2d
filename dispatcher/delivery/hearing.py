"""What a worker does, beside its sends, to hear what became of them: it asks, and reads bounces."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from redis.asyncio import Redis

from channels.contract import Channel
from dispatcher.delivery.asking import Asker, asks_per_s
from dispatcher.delivery.mailbox import AT_ONCE, Mailbox, read_mailbox
from dispatcher.delivery.pace import SharedPace
from dispatcher.delivery.restoration import until_let_go
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.store.ledger import Ledger

TURN_S = 1.0  # between two turns that found nothing more to do


class Steadily(Protocol):
    """How a worker takes a step that may fail with its ledger."""

    def __call__(self, what: str, step: Callable[[], Awaitable[object]]) -> Awaitable[None]:
        """Take the step; rest where the ledger is out of reach."""


@dataclass(frozen=True)
class Hearing:
    """Of which ledger, by which live accounts, at a pace shared by whom."""

    ledger: Ledger
    keys: TokenKeys = field(repr=False)
    channels: Sequence[Channel]
    redis: "Redis | None"
    workers: int
    mailbox: Mailbox | None = None


async def hear(hearing: Hearing, *, steadily: Steadily) -> None:
    """Hear for ever; what becomes due by it is found by the ledger's poll."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_ask(hearing, steadily=steadily))
        if hearing.mailbox is not None:
            group.create_task(_read(hearing, hearing.mailbox, steadily=steadily))


async def _read(hearing: Hearing, mailbox: Mailbox, *, steadily: Steadily) -> None:
    """Take bounces, a part of the mailbox at a time; another worker may be at it."""
    read = 0

    async def step() -> None:
        nonlocal read
        read = 0
        read = await read_mailbox(hearing.ledger, hearing.keys, mailbox)

    while True:
        await steadily("bounces", step)
        await asyncio.sleep(TURN_S if read == AT_ONCE else mailbox.every_s)


async def _ask(hearing: Hearing, *, steadily: Steadily) -> None:
    """Ask for what no receipt tells of."""
    asker = Asker(
        hearing.ledger,
        {one.provider: (one, _pace(hearing, one)) for one in hearing.channels},
        keys=hearing.keys,
    )
    more = False

    async def step() -> None:
        nonlocal more
        more = False
        more = await asker.turn()

    while True:
        await steadily("held", lambda: until_let_go(hearing.ledger))
        await steadily("ask", step)
        if not more:
            await asyncio.sleep(TURN_S)


def _pace(hearing: Hearing, channel: Channel) -> SharedPace:
    return SharedPace(
        hearing.redis,
        account=f"ask:{channel.provider}",
        rate_per_s=asks_per_s(channel.pace.per_second),
        workers=hearing.workers,
    )
