"""`restored`: after a backup was put back, what is held, and the word that lets it go on."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from dispatcher.alerts.life import instant
from dispatcher.cli.speaking import Json, refuse, say
from dispatcher.delivery import restoration
from dispatcher.keys import key
from dispatcher.settings import LedgerSettings, PlaceSettings, ledger_url
from dispatcher.store.ledger import Ledger, opened
from dispatcher.store.migrate import migrate
from dispatcher.store.progress import progress_of
from dispatcher.store.register_keys import residents_ring
from dispatcher.store.restoring import OpenAlert, open_alerts

app = typer.Typer(add_completion=False)


@app.command()
def restored(
    *,
    declare: Annotated[bool, typer.Option(help="hold: a backup was put back")] = False,
    go_on: Annotated[
        bool, typer.Option("--go-on", help="let it go on, each open delivery looked up first")
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell whether the ledger is held after a backup was put back; hold it, or let it go on."""
    if declare and go_on:
        refuse("Choose one: --declare holds, --go-on lets go.", as_json=as_json)
    asyncio.run(_restored(declare=declare, go_on=go_on, as_json=as_json))


async def _restored(*, declare: bool, go_on: bool, as_json: bool) -> None:
    place = PlaceSettings()
    url = ledger_url(place, LedgerSettings())
    ring = residents_ring(place.data_dir)
    await migrate(url, ring=ring)
    async with opened(url, ring=ring) as ledger:
        if declare:
            await restoration.declare(ledger, logbook_key=key(place.data_dir, "logbook"))
        if go_on:
            await _go_on(ledger, place, as_json=as_json)
        else:
            await _show(ledger, as_json=as_json)


async def _go_on(ledger: Ledger, place: PlaceSettings, *, as_json: bool) -> None:
    if not (await progress_of(ledger)).held:
        refuse("The ledger is not held: there is nothing to let go.", as_json=as_json)
    done = await restoration.go_on(ledger, logbook_key=key(place.data_dir, "logbook"))
    lines = (
        f"{done.doubted} open deliveries are looked up at their provider before they may leave.",
        f"{done.approvals_taken_back} approved alerts wait for an approval again: they may have"
        " been launched after the backup was made.",
    )
    say({"held": False, **asdict(done)}, as_json=as_json, lines=lines)


async def _show(ledger: Ledger, *, as_json: bool) -> None:
    found = await progress_of(ledger)
    alerts = await open_alerts(ledger)
    held = instant(found.restored_at)
    lines = [
        f"Held since {held:%Y-%m-%d %H:%M} UTC: the ledger is a backup put back. Nothing leaves."
        if held
        else "Not held: the ledger is as new as what left.",
        *map(_line, alerts),
    ]
    if held:
        lines.append(
            "Cancel what must not go on (tocsin alert cancel ID --as USER), then: tocsin restored"
            " --go-on. Alerts launched after the backup are not in it: nothing is sent for them."
        )
    document = {"held": found.held, "since": held, "alerts": [asdict(one) for one in alerts]}
    say(document, as_json=as_json, lines=lines)


def _line(alert: OpenAlert) -> str:
    launched = instant(alert.launched_at)
    return (
        f"{alert.alert_id} « {alert.title} », launched {launched:%Y-%m-%d %H:%M} UTC:"
        f" {alert.open} deliveries open, {alert.waiting_blocks} blocks not yet made."
    )
