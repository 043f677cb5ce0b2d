"""`worker`: a worker process."""

import typer
import uvloop

from dispatcher.alarms.guarding import daily, guarding
from dispatcher.alarms.telling import NotOnCall
from dispatcher.alarms.witness import witnessed
from dispatcher.binder.nightly import nightly
from dispatcher.cli.failing import UNFIT
from dispatcher.cli.opening import mailbox, public_url, token_keys
from dispatcher.cli.speaking import refuse
from dispatcher.delivery.accounts import NoSandbox, routes
from dispatcher.delivery.accounts_file import AccountsFault
from dispatcher.delivery.restoration import remembering
from dispatcher.keys import key
from dispatcher.partners.pushing import pushing
from dispatcher.readiness.rounds import readying
from dispatcher.settings import (
    LedgerSettings,
    PlaceSettings,
    QueueSettings,
    WebhookSettings,
    ledger_url,
)
from dispatcher.store.ledger import opened
from dispatcher.store.migrate import migrate
from dispatcher.store.register_keys import residents_ring
from dispatcher.worker import Bench, office_of, run

app = typer.Typer(add_completion=False)
NO_REDIS = "redis://127.0.0.1:6379"


@app.command()
def worker() -> None:
    """Send what the ledger holds, at the granted pace, until told to stop."""
    try:
        uvloop.run(_work())
    except (NoSandbox, AccountsFault, NotOnCall, *UNFIT) as error:
        refuse(str(error), as_json=False)


async def _work() -> None:
    place, queue = PlaceSettings(), QueueSettings()
    url = ledger_url(place, LedgerSettings())
    ring = residents_ring(place.data_dir)
    await migrate(url, ring=ring)
    logbook_key = key(place.data_dir, "logbook")
    async with (
        opened(url, ring=ring) as ledger,
        remembering(ledger, place.data_dir, logbook_key=logbook_key),
        guarding(place),
        daily(place),
        nightly(place),
        witnessed(place),
        readying(place),
    ):
        bench = Bench(
            ledger,
            routes(place.data_dir),
            token_keys(place),
            logbook_key,
            public_url(place),
            queue.redis_url or NO_REDIS,
            queue.workers,
            WebhookSettings().host_rate,
            mailbox(),
        )
        async with pushing(office_of(bench), key(place.data_dir, "partners")):
            await run(bench)
