"""`migrate`: create or upgrade the ledger's schema."""

import typer

from dispatcher.cli.speaking import Json, coroutine, say
from dispatcher.settings import LedgerSettings, PlaceSettings, ledger_url
from dispatcher.store.migrate import migrate as migrated
from dispatcher.store.register_keys import residents_ring

app = typer.Typer(add_completion=False)


@app.command()
@coroutine
async def migrate(*, as_json: Json = False) -> None:
    """Create or upgrade the schema; safe to repeat."""
    place = PlaceSettings()
    ring = residents_ring(place.data_dir)
    await migrated(ledger_url(place, LedgerSettings()), ring=ring)
    say({"migrated": True}, as_json=as_json, lines=["The ledger's schema is up to date."])
