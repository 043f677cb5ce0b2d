"""`alarm`: does what should leave leave, judged from the ledger by this very process."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import typer

from dispatcher.alarms.guarding import posted
from dispatcher.alarms.sentinel import Sentinel
from dispatcher.alarms.silence import QUIET_S
from dispatcher.alarms.telling import NotOnCall, tell
from dispatcher.alarms.words import TRIAL
from dispatcher.cli.speaking import Json, refuse, say
from dispatcher.settings import PlaceSettings

app = typer.Typer(help="What stands still, and who is told.", no_args_is_help=True)
LOOK_EVERY_S = 0.5
LONGEST_S = QUIET_S + 2.0  # for a queue that moves now and then


@app.command()
def check(*, as_json: Json = False) -> None:
    """Watch for at most 15 s: 0 when messages leave or none waits, 1 when an alarm is due."""
    asyncio.run(_check(as_json=as_json))


async def _check(*, as_json: bool) -> None:
    async with _post(as_json=as_json) as sentinel:
        until = time.monotonic() + LONGEST_S
        await sentinel.step()
        while not (sentinel.standing or sentinel.verdict.moves) and time.monotonic() < until:
            await asyncio.sleep(LOOK_EVERY_S)
            await sentinel.step()
        await sentinel.settled()
        if sentinel.standing:
            raised = sentinel.standing[0].raised
            refuse(f"{raised.problem} {raised.remedy}", as_json=as_json, alarms=_told(sentinel))
    say({"alarms": []}, as_json=as_json, lines=["Rien ne stagne : aucune alarme."])


@app.command("list")
def listed(*, as_json: Json = False) -> None:
    """List the open alarms."""
    asyncio.run(_list(as_json=as_json))


async def _list(*, as_json: bool) -> None:
    async with _post(as_json=as_json) as sentinel:
        await sentinel.step()
        alarms = _told(sentinel)
    lines = [f"{one['commune']} {one['since']} {one['problem']} {one['remedy']}" for one in alarms]
    say({"alarms": alarms}, as_json=as_json, lines=lines or ["Aucune alarme."])


@app.command("try")
def trial(*, as_json: Json = False) -> None:
    """Send a trial to those on call (TOCSIN_ALARM_TO), as an alarm would reach them."""
    asyncio.run(_try(as_json=as_json))


async def _try(*, as_json: bool) -> None:
    async with _post(as_json=as_json) as sentinel:
        people = sentinel.people
        if not people.addresses:
            refuse("Personne n'est d'astreinte : renseignez TOCSIN_ALARM_TO.", as_json=as_json)
        told = await tell(people, TRIAL)
    if told < len(people.addresses):
        said = f"{told} sur {len(people.addresses)} ont été jointes : « tocsin provider check »."
        refuse(said, as_json=as_json, told=told)
    say({"told": told}, as_json=as_json)


@asynccontextmanager
async def _post(*, as_json: bool) -> AsyncIterator[Sentinel]:
    try:
        async with posted(PlaceSettings()) as sentinel:
            yield sentinel
    except NotOnCall as error:
        refuse(str(error), as_json=as_json)


def _told(sentinel: Sentinel) -> list[dict[str, object]]:
    return [
        {
            "commune": one.commune,
            "subject": one.raised.subject,
            "kind": one.raised.kind,
            "since": datetime.fromtimestamp(one.raised_at, UTC).isoformat(timespec="seconds"),
            "problem": one.raised.problem,
            "remedy": one.raised.remedy,
        }
        for one in sentinel.standing
    ]
