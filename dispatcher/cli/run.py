"""`run`: a whole small installation under one supervisor."""

import asyncio
import fcntl
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dispatcher.alarms.guarding import guarding
from dispatcher.alarms.telling import NotOnCall, on_call
from dispatcher.cli.access import tell_first_run
from dispatcher.cli.failing import UNFIT
from dispatcher.cli.speaking import Json, refuse, say, stderr, told
from dispatcher.cli.tree import port_fault, process_specs, settled
from dispatcher.delivery.accounts import needs_sandbox
from dispatcher.embedded import RedisNotStarted
from dispatcher.settings import (
    AlarmSettings,
    LedgerSettings,
    PlaceSettings,
    QueueSettings,
    ledger_url,
)
from dispatcher.store.migrate import migrate
from dispatcher.store.register_keys import residents_ring
from dispatcher.supervisor import ProcessSpec, supervise
from dispatcher.unit import unit_text

app = typer.Typer(add_completion=False)


class NotAlone(Exception):
    """The data folder already serves a running installation; a sentence."""


@app.command()
def run(
    *,
    unit: Annotated[bool, typer.Option("--unit", help="print a systemd unit")] = False,
    as_json: Json = False,
) -> None:
    """Run web, worker, the embedded Redis and SQLite; restart what falls; SIGHUP reloads."""
    if unit:
        text = unit_text(Path(sys.executable).with_name("tocsin"))
        say({"unit": text}, as_json=as_json, lines=[text])
        return
    place = settled(PlaceSettings())
    with ExitStack() as held:
        try:
            held.enter_context(alone_in(place.data_dir))
            on_call(AlarmSettings().to)
            specs = process_specs(place, QueueSettings())
        except (RedisNotStarted, NotAlone, NotOnCall) as error:
            refuse(str(error), as_json=as_json)
        if fault := port_fault(place):
            refuse(fault, as_json=as_json)
        try:
            ring = residents_ring(place.data_dir)
            asyncio.run(migrate(ledger_url(place, LedgerSettings()), ring=ring))
        except UNFIT as error:
            refuse(str(error), as_json=as_json)
        stderr.print(f"Console : {place.public_url}")
        asyncio.run(tell_first_run(place))
        if needs_sandbox():
            stderr.print(
                "Bac à sable : aucun message réel ne part, faute de fournisseur configuré."
            )
        if as_json:
            say({"console": place.public_url}, as_json=True)
            sys.stdout.flush()
        raise typer.Exit(asyncio.run(_watched(specs, place)))


async def _watched(specs: Sequence[ProcessSpec], place: PlaceSettings) -> int:
    """Keep the processes alive, and watch that messages leave, whatever they say of themselves."""
    async with guarding(place):
        return await supervise(specs, say=told)


@contextmanager
def alone_in(data_dir: Path) -> Iterator[None]:
    """Hold a data folder while the block runs; raises NotAlone where another holds it.

    Two installations on one folder would take the queue's socket and the sandbox's doors from
    each other. The hold ends with this process, however it ends.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data_dir / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise NotAlone(
                f"« {data_dir} » sert déjà à un autre « tocsin run » : arrêtez-le, ou choisissez"
                " un autre dossier par TOCSIN_DATA_DIR."
            ) from taken
        yield
