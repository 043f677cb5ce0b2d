"""`run`: a whole small installation under one supervisor."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from dispatcher.cli.speaking import refuse, stderr
from dispatcher.cli.tree import process_specs, settled
from dispatcher.delivery.accounts import needs_sandbox
from dispatcher.embedded import RedisNotStarted
from dispatcher.settings import LedgerSettings, PlaceSettings, QueueSettings, ledger_url
from dispatcher.store.migrate import migrate
from dispatcher.supervisor import supervise
from dispatcher.unit import unit_text

app = typer.Typer(add_completion=False)


@app.command()
def run(
    *, unit: Annotated[bool, typer.Option("--unit", help="print a systemd unit")] = False
) -> None:
    """Run web, worker, the embedded Redis and SQLite; restart what falls; SIGHUP reloads."""
    if unit:
        typer.echo(unit_text(Path(sys.executable).with_name("tocsin")))
        return
    place = settled(PlaceSettings())
    try:
        specs = process_specs(place, QueueSettings())
        asyncio.run(migrate(ledger_url(place, LedgerSettings())))
    except (RedisNotStarted, OSError) as error:
        refuse(str(error), as_json=False)
    stderr.print(f"Console : {place.public_url}")
    if needs_sandbox():
        stderr.print("Bac à sable : aucun message réel ne part, faute de fournisseur configuré.")
    raise typer.Exit(asyncio.run(supervise(specs, say=lambda line: typer.echo(line, err=True))))
