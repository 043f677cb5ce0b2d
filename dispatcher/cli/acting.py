"""An act of a named user from the command line: who, may she, do it, say what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.alerts.showing import show
from dispatcher.cli.identity import NotSignedIn, identified
from dispatcher.cli.opening import NoCommune, opened_office
from dispatcher.cli.speaking import refuse, say
from dispatcher.delivery.bell import QUEUES, Bell
from dispatcher.embedded import RedisNotStarted, redis_server
from dispatcher.settings import PlaceSettings, QueueSettings

User = Annotated[str, typer.Option("--as", help="who acts, by login")]
Act = Callable[[Office, Actor], Awaitable[object]]
Told = Callable[[Mapping[str, Any]], Iterable[str]]


@dataclass(frozen=True)
class Asked:
    """Who asks for an act, which permission it needs (and `also`), how the answer is told."""

    user: str
    permission: str
    as_json: bool
    also: str = ""


def act(
    asked: Asked, done: Act, *, then: str = "", ring: bool = False, told: Told | None = None
) -> None:
    """Do an act and say its answer, or the state of the alert `then`; refuse in a sentence.

    `told` makes the lines that people read of an answer too long to be shown name by name.
    """

    async def acted() -> object:
        async with opened_office() as office:
            actor = await identified(office, asked.user)
            for needed in filter(None, (asked.permission, asked.also)):
                if not allowed(actor.function, needed):
                    said = f"« {actor.login} » ({actor.function}) n'a pas le droit « {needed} »."
                    raise NotSignedIn(said)
            answer = await done(office, actor)
            if ring:
                await ring_workers()
            return await show(office, then) if then else answer

    try:
        answer = asyncio.run(acted())
    except (AlertRefused, NoCommune, NotSignedIn, OSError) as refusal:
        refuse(str(refusal), as_json=asked.as_json)
    document = answer if isinstance(answer, Mapping) else {"alert": answer}
    say(document, as_json=asked.as_json, lines=told(document) if told else ())


async def ring_workers() -> bool:
    """Ring the bell of this installation's workers; the ledger's poll finds the work anyway."""
    url = QueueSettings().redis_url
    if not url:
        try:
            url = redis_server(PlaceSettings().data_dir).url
        except RedisNotStarted:
            return False
    bell = Bell(url)
    try:
        return await bell.ring(QUEUES)
    finally:
        await bell.close()
