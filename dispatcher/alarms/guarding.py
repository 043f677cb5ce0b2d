"""Posting a sentinel beside a process: with its own door to the ledger, until the block ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from zoneinfo import ZoneInfo

import structlog
from redis.asyncio import Redis

from dispatcher.alarms.daily import Round, go_round
from dispatcher.alarms.sentinel import Post, Sentinel
from dispatcher.alarms.telling import OnCall, on_call
from dispatcher.delivery.accounts import routes
from dispatcher.delivery.tokens import TokenKeys
from dispatcher.keys import key
from dispatcher.settings import (
    AlarmSettings,
    LedgerSettings,
    PlaceSettings,
    QueueSettings,
    ledger_url,
)
from dispatcher.store.ledger import opened
from dispatcher.store.register_keys import residents_ring

NO_REDIS = "redis://127.0.0.1:6379"

log = structlog.get_logger(__name__)


@asynccontextmanager
async def posted(place: PlaceSettings) -> AsyncIterator[Sentinel]:
    """Open a sentinel that does not watch yet. Raises NotOnCall on a faulty TOCSIN_ALARM_TO."""
    people = _people(place)
    logbook_key = await asyncio.to_thread(key, place.data_dir, "logbook")
    ring = await asyncio.to_thread(residents_ring, place.data_dir)
    async with opened(ledger_url(place, LedgerSettings()), ring=ring) as ledger:
        yield Sentinel(Post(ledger, people, place.data_dir, logbook_key))


@asynccontextmanager
async def guarding(place: PlaceSettings) -> AsyncIterator[Sentinel]:
    """Watch while the block runs."""
    async with posted(place) as sentinel:
        watching = asyncio.create_task(sentinel.watch())
        watching.add_done_callback(tell_death)
        try:
            yield sentinel
        finally:
            watching.cancel()
            await asyncio.wait({watching})


@asynccontextmanager
async def rounds(place: PlaceSettings) -> AsyncIterator[Round]:
    """Open a daily round that is not gone yet. Raises NotOnCall on a faulty setting."""
    settings, queue = AlarmSettings(), QueueSettings()
    keys = await asyncio.to_thread(
        lambda: {name: key(place.data_dir, name) for name in ("logbook", "attempts", "answers")}
    )
    ring = await asyncio.to_thread(residents_ring, place.data_dir)
    url = queue.redis_url or NO_REDIS
    redis = Redis.from_url(url, socket_timeout=0.3, socket_connect_timeout=0.3)
    async with (
        aclosing(redis),
        opened(ledger_url(place, LedgerSettings()), ring=ring) as ledger,
    ):
        yield Round(
            ledger,
            _people(place),
            keys["logbook"],
            settings.hour,
            ZoneInfo(settings.zone),
            TokenKeys(keys["attempts"], keys["answers"]),
            usual=on_call(settings.canary),
            redis=redis,
            workers=queue.workers,
            signups_daily=place.signups_daily,
        )


@asynccontextmanager
async def daily(place: PlaceSettings) -> AsyncIterator[None]:
    """Go the daily round while the block runs."""
    async with rounds(place) as one:
        going = asyncio.create_task(go_round(one))
        going.add_done_callback(tell_death)
        try:
            yield
        finally:
            going.cancel()
            await asyncio.wait({going})


def _people(place: PlaceSettings) -> OnCall:
    public_url = place.public_url.rstrip("/") or f"http://{place.host}:{place.port}"
    return OnCall(on_call(AlarmSettings().to), lambda: routes(place.data_dir), public_url)


def tell_death(watching: "asyncio.Task[None]") -> None:
    """Say that a sentinel or a daily round fell.

    Runbook: after `alarm.sentinel_died` this process watches no more; restart it, and report it.
    """
    if not watching.cancelled() and (error := watching.exception()):
        log.error("alarm.sentinel_died", error=type(error).__name__, exc_info=error)
