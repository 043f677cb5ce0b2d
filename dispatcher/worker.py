"""The worker: finds work in the ledger, woken by the bell, and sends it at the granted pace.

Runbook: a worker may be killed at any instant; what it held comes back by its leases. Run several
for speed. `TOCSIN_WORKERS` tells each its share of the pace for when Redis is away.
"""

import asyncio
import os
import random
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis

from channels.registry import open_channel
from dispatcher.alerts.office import Office
from dispatcher.alerts.sectoring import place_all
from dispatcher.collector import spare_the_collector
from dispatcher.delivery import bell
from dispatcher.delivery.accounts import Route, granted_by
from dispatcher.delivery.desk import VersionDesk
from dispatcher.delivery.hearing import Hearing, hear
from dispatcher.delivery.hosts import HostPaces
from dispatcher.delivery.mailbox import Mailbox
from dispatcher.delivery.pace import SharedPace
from dispatcher.delivery.planning import materialise_next
from dispatcher.delivery.pursuing import Moved, Pursuer
from dispatcher.delivery.restoration import until_let_go
from dispatcher.delivery.retries import Dice
from dispatcher.delivery.sending import Door
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.delivery.trunk import Trunk
from dispatcher.delivery.turns import (
    TEND_S,
    Doubting,
    keep_draining,
    keep_resolving,
    steadily,
    until_told_to_stop,
)
from dispatcher.delivery.wakes import Wakes
from dispatcher.delivery.watch import Watch
from dispatcher.logbook.sealing import go_on_sealing
from dispatcher.privacy.purging import keep_clocks
from dispatcher.store import claims, endings
from dispatcher.store.ledger import Ledger
from dispatcher.store.paces import changed_paces
from dispatcher.tasking.callers import callers

LIVE = "live"
REPACE_S = 1.0
PURSUE_S = 0.05  # between two turns of a long pursuit: sends go first

log = structlog.get_logger(__name__)


class NotLive(Exception):
    """An account of rehearsals, that only `dispatcher.rehearsals` may hold; its name."""


@dataclass(frozen=True)
class Bench:
    """What a worker works with."""

    ledger: Ledger
    routes: tuple[Route, ...]
    keys: TokenKeys
    logbook_key: bytes
    public_url: str
    redis_url: str
    workers: int
    host_rate_per_s: float = 5.0  # of webhooks to any one host
    mailbox: Mailbox | None = None  # that bounces come to

    def __post_init__(self) -> None:
        """Refuse a rehearsal's account: beside a live one, one mistake would reach people."""
        if others := [one.account.name for one in self.routes if one.route != LIVE]:
            raise NotLive(", ".join(others))


async def work(bench: Bench) -> None:
    """Work until cancelled; windows in flight are settled on the way out."""
    wakes = Wakes()
    owner = f"{socket.gethostname()[:24]}-{os.getpid()}-{secrets.token_hex(4)}"
    async with AsyncExitStack() as stack:
        redis = Redis.from_url(bench.redis_url, socket_timeout=0.3, socket_connect_timeout=0.3)
        stack.push_async_callback(redis.aclose)
        trunks: dict[tuple[str, str], Trunk] = {}
        doors = [
            await stack.enter_async_context(
                _door(bench, route, redis=redis, owner=owner, trunk=_trunk(trunks, route, wakes))
            )
            for route in bench.routes
        ]
        log.info("worker.ready", owner=owner, accounts=sorted(one.provider for one in doors))
        async with asyncio.TaskGroup() as group:
            group.create_task(bell.listen(bench.redis_url, wakes.wake))
            group.create_task(_materialise(bench, wakes))
            group.create_task(_tend(bench, wakes))
            group.create_task(keep_resolving(_doubting(bench, doors), wakes))
            group.create_task(hear(_hearing(bench, doors, redis=redis), steadily=steadily))
            group.create_task(_keep_paces(bench, doors))
            group.create_task(_pursue(bench, wakes))
            for what, turn in callers(office_of(bench)):
                group.create_task(_call_up(bench, wakes, what=what, turn=turn))
            group.create_task(place_all(office_of(bench), steadily=steadily))
            group.create_task(keep_clocks(office_of(bench), steadily=steadily))
            group.create_task(_watch(Watch(bench.ledger, trunks)))
            group.create_task(go_on_sealing(bench.ledger, key=bench.logbook_key, holder=owner))
            for door in doors:
                group.create_task(keep_draining(door, wakes))


def office_of(bench: Bench) -> Office:
    """Return the office of what is launched here: it knows which accounts are real."""
    granted = granted_by(bench.routes)
    return Office(bench.ledger, "", bench.logbook_key, bench.keys, bench.public_url, granted)


def _hearing(bench: Bench, doors: Sequence[Door], *, redis: Redis) -> Hearing:
    channels = [door.channel for door in doors]
    return Hearing(bench.ledger, bench.keys, channels, redis, bench.workers, bench.mailbox)


def _doubting(bench: Bench, doors: Sequence[Door]) -> Doubting:
    accounts = {door.provider: door.channel for door in doors}
    return Doubting(bench.ledger, bench.keys, bench.public_url, LIVE, accounts)


def _trunk(trunks: dict[tuple[str, str], Trunk], route: Route, wakes: Wakes) -> Trunk:
    """Return the trunk of a route's medium, made at its first account."""
    return trunks.setdefault(
        (route.route, route.medium), Trunk(rouse=lambda: wakes.wake(route.medium))
    )


@asynccontextmanager
async def _door(
    bench: Bench, route: Route, *, redis: Redis, owner: str, trunk: Trunk
) -> AsyncIterator[Door]:
    async with open_channel(route.account, public_url=bench.public_url) as channel:
        pace = SharedPace(
            redis,
            account=channel.provider,
            rate_per_s=channel.pace.per_second,
            workers=bench.workers,
        )
        yield Door(
            bench.ledger,
            channel,
            route.route,
            pace,
            VersionDesk(bench.ledger, bench.keys, public_url=bench.public_url),
            owner,
            bench.keys,
            Dice(random.Random()),  # noqa: S311 - spreads retries, guards nothing
            trunk,
            route.account.weight,
            hosts=_hosts(bench, route, redis=redis),
        )


def _hosts(bench: Bench, route: Route, *, redis: Redis) -> HostPaces | None:
    if route.medium != "webhook":
        return None
    return HostPaces(
        lambda host: SharedPace(
            redis,
            account=f"host:{host}",
            rate_per_s=bench.host_rate_per_s,
            workers=bench.workers,
        )
    )


async def _materialise(bench: Bench, wakes: Wakes) -> None:
    async def step() -> None:
        while (media := await materialise_next(bench.ledger)) is not None:
            for medium in media:
                wakes.wake(medium)

    while True:
        await wakes.wait(bell.MATERIALISE)
        await steadily("materialise", step)


async def _tend(bench: Bench, wakes: Wakes) -> None:
    closed: set[tuple[str, str]] = set()

    async def step() -> None:
        if await claims.reap(bench.ledger):
            wakes.all()
        await endings.sweep(bench.ledger, closed=closed)
        for commune, version, counts in await endings.finished(bench.ledger, key=bench.logbook_key):
            log.info("alert.finished", commune=commune, version=version, states=counts)

    while True:
        await steadily("tend", step)
        await asyncio.sleep(TEND_S)


async def _keep_paces(bench: Bench, doors: Sequence[Door]) -> None:
    """Read again which rates were changed (`provider pace`), within REPACE_S, while alerts run."""
    granted = {door.channel.provider: door.channel.pace.per_second for door in doors}

    async def step() -> None:
        changed = await changed_paces(bench.ledger)
        for door in doors:
            account = door.channel.provider
            door.pace.granted_per_s = changed.get(account, granted[account])

    while True:
        await steadily("paces", step)
        await asyncio.sleep(REPACE_S)


async def _pursue(bench: Bench, wakes: Wakes) -> None:
    """Move on those who have not confirmed: beside the tending, which must not wait for it."""
    pursuer = Pursuer(bench.ledger, logbook_key=bench.logbook_key)
    moved = Moved()

    async def step() -> None:
        nonlocal moved
        moved = Moved()
        moved = await pursuer.turn()
        for medium in moved.media:
            wakes.wake(medium)

    while True:
        await steadily("held", lambda: until_let_go(bench.ledger))
        await steadily("pursue", step)
        await asyncio.sleep(PURSUE_S if moved.more else TEND_S)


async def _call_up(
    bench: Bench, wakes: Wakes, *, what: str, turn: Callable[[], Awaitable[bool]]
) -> None:
    """Call people of the plan: deputies, the RAC for a call for help, a team that has a mission."""

    async def step() -> None:
        if await turn():
            wakes.wake(bell.MATERIALISE)

    while True:
        await steadily("held", lambda: until_let_go(bench.ledger))
        await steadily(what, step)
        await asyncio.sleep(TEND_S)


async def _watch(watch: Watch) -> None:
    while True:
        await steadily("watch", lambda: watch.step(time.monotonic()))
        await asyncio.sleep(TEND_S)


async def run(bench: Bench) -> None:
    """Work until SIGTERM or SIGINT. Raises OtherEdition once a newer program has the ledger."""
    spare_the_collector()
    await until_told_to_stop(asyncio.create_task(work(bench)))
