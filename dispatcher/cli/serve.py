"""`serve`: the web process."""

import asyncio
from contextlib import suppress

import typer
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.ciphers import Ring
from dispatcher.cli.access import tell_first_run
from dispatcher.cli.failing import UNFIT
from dispatcher.cli.speaking import refuse
from dispatcher.delivery.accounts import live_media
from dispatcher.settings import LedgerSettings, PlaceSettings, ledger_url
from dispatcher.store.ledger import opened
from dispatcher.store.progress import progress_of
from dispatcher.store.register_keys import fit, residents_ring

app = typer.Typer(add_completion=False)


@app.command()
def serve() -> None:
    """Serve the console, the API and the providers' hooks."""
    place = PlaceSettings()
    live_media()  # a faulty accounts file is told in sentences, before the server starts
    try:
        asyncio.run(_look(ledger_url(place, LedgerSettings()), residents_ring(place.data_dir)))
        asyncio.run(tell_first_run(place))
    except UNFIT as error:
        refuse(str(error), as_json=False)
    uvicorn.run(
        "operator_ui.app:program",
        factory=True,
        host=place.host,
        port=place.port,
        log_level="warning",
        access_log=False,  # addresses of residents' pages hold their tokens
        server_header=False,
        forwarded_allow_ips=place.trusted_proxies,
    )


async def _look(url: str, ring: Ring) -> None:
    """Look whose ledger it is; one that does not answer yet may come.

    Raises OtherEdition, OtherKeys.
    """
    async with opened(url) as ledger:
        with suppress(SQLAlchemyError, OSError):
            await progress_of(ledger)
            await ledger.read(lambda connection: fit(connection, ring))
